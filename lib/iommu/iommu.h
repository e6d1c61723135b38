/* SPDX-License-Identifier: MIT */
/* I/O address spaces, and the back ends that make them. */
#ifndef IOMMU_IOMMU_H
#define IOMMU_IOMMU_H

#include <pthread.h>
#include <stdbool.h>

#include <lend/address.h>
#include <lend/iommu.h>

#include "ledger.h"

/* A device in an address space. Descriptors are -1 where there is none. */
struct attachment {
	int fd;     /* the device, ours */
	int kvm_fd; /* what names it to KVM, borrowed from the back end */
	void *backend;
};

/* What a back end says of an address space that has a device. */
struct iommu_info {
	uint64_t page_size;             /* smallest, a power of two */
	struct lend_iova_range *ranges; /* sorted, apart; NULL: not known */
	unsigned int range_count;
	uint32_t dma_avail; /* further mappings it takes; 0: not known */
};

/*
 * What a back end does. @open fills in fd; @attach and @detach are called with
 * the context's open lock held, @map, @unmap and @info with the address space's
 * lock. All leave the record of what failed, @map and @unmap aside: they return
 * the bare -errno, since what it means takes the ledger to tell.
 *
 * @attach opens a device in the address space, all or nothing. @detach closes
 * it; NULL in @backend is ignored. @unmap leaves in *@size what was unmapped.
 * @info makes a new info, which replaces that before it.
 */
struct iommu_ops {
	const char *name;
	int (*open)(struct lend_iommu *iommu);
	int (*attach)(struct lend_iommu *iommu, struct lend_address *address,
		      struct attachment *attachment);
	void (*detach)(struct lend_iommu *iommu, struct attachment *attachment);
	int (*info)(struct lend_iommu *iommu, const char *device,
		    struct iommu_info *info);
	int (*map)(struct lend_iommu *iommu, uint64_t iova, void *vaddr,
		   uint64_t size, unsigned int flags);
	int (*unmap)(struct lend_iommu *iommu, uint64_t iova, uint64_t *size);
};

extern const struct iommu_ops type1_ops;

struct lend_iommu {
	unsigned int refs; /* atomic */
	struct lend_ctx *ctx;
	const struct iommu_ops *ops;
	int fd;             /* container */
	unsigned int model; /* VFIO_TYPE1v2_IOMMU, …; 0 while none is set */

	pthread_mutex_t lock; /* guards what follows */
	unsigned int devices; /* attached */
	struct iommu_info info;
	struct ledger ledger;
};

/* Opens a device in the address space, all or nothing; with open_lock held. */
int iommu_attach(struct lend_iommu *iommu, struct lend_address *address,
		 struct attachment *attachment);

/* Closes it again. The last device takes all mappings with it. */
void iommu_detach(struct lend_iommu *iommu, struct attachment *attachment);

/* Records why memory could not be pinned, after -ENOMEM.
 * @mapped: bytes the address space has pinned before
 * Returns -ENOMEM. */
int memlock_explain(struct lend_ctx *ctx, uint64_t mapped, uint64_t size);

/* Whether size bytes could be pinned: LEND_ERROR_MEMLOCK, LEND_ERROR_MEMORY. */
int memlock_check(struct lend_ctx *ctx, uint64_t size);

#endif
