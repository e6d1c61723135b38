/* SPDX-License-Identifier: MIT */
/* I/O address spaces, and the back ends that make them. */
#ifndef LIB_IOMMU_IOMMU_H
#define LIB_IOMMU_IOMMU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <lend/address.h>
#include <lend/iommu.h>

#include "lib/base/sysfs.h"
#include "lib/iommu/ledger.h"

/* A device's own node, from when it is first looked for until it is bound. */
struct node {
	char path[SYSFS_PATH];  /* empty: not looked for yet */
	char sysfs[SYSFS_PATH]; /* what it stands for */
	int fd;                 /* open, and ours; -1: not yet */
};

/* A device that is to be opened in an address space. */
struct request {
	const char *name;             /* what to call it in records */
	struct lend_address *address; /* NULL where fd is given */
	int fd;                       /* the device's own node, opened by
				       * another, or -1 */
	const uint8_t *token;         /* VF token of 16 bytes, or NULL */
	struct node *node;            /* what the choice of a back end found,
				       * or NULL */

	/* As in struct lend_device_options. */
	void (*kvm_file)(void *opaque, int fd, bool add);
	void *opaque;
};

/* A descriptor that KVM's side was told of, and is told when it goes. */
struct kvm_file {
	void (*tell)(void *opaque, int fd, bool add); /* NULL: not told */
	void *opaque;
	int fd; /* borrowed */
};

/* A device in an address space. Descriptors are -1 where there is none. */
struct attachment {
	int fd;               /* the device, ours */
	int kvm_fd;           /* what names it to KVM, borrowed */
	struct group *group;  /* NULL where it is not known */
	struct kvm_file told; /* of the device's own descriptor */
	uint32_t number;      /* what its iommufd calls it; 0: nothing */
	bool keeps_fd;        /* the device is the caller's still, who passed
			       * it in, until all has gone well */
};

/* What a back end says of an address space that has a device. */
struct iommu_info {
	uint64_t page_size;             /* smallest, a power of two */
	struct lend_iova_range *ranges; /* sorted, apart; NULL: not known */
	unsigned int range_count;
	bool has_room;      /* whether it said how many mappings it takes */
	uint32_t room;      /* further ones, when it was asked */
	unsigned int count; /* those there were then */
};

/*
 * What a back end does. @open, @attach and @detach are called with the
 * context's open lock held, the others with the address space's lock. All
 * leave the record of what failed, @map and the unmaps aside: they return the
 * bare -errno, since what it means takes the ledger to tell.
 *
 * @open makes the address space, of @fd or, where that is -1, of a node.
 * @close unmakes what it got to, iommu->fd aside. @attach opens a device in the
 * address space, all or nothing; @detach closes it. @info makes a new info.
 * @unmap leaves in *@size what was unmapped; @unmap_all leaves in *@size the
 * sum.
 */
struct iommu_ops {
	enum lend_backend backend;
	int (*open)(struct lend_iommu *iommu, int fd);
	void (*close)(struct lend_iommu *iommu);
	int (*attach)(struct lend_iommu *iommu, const struct request *request,
		      struct attachment *attachment);
	void (*detach)(struct lend_iommu *iommu, struct attachment *attachment);
	int (*info)(struct lend_iommu *iommu, const char *device,
		    struct iommu_info *info);
	int (*map)(struct lend_iommu *iommu, const struct mapping *mapping);
	int (*unmap)(struct lend_iommu *iommu, uint64_t iova, uint64_t *size);
	int (*unmap_all)(struct lend_iommu *iommu, uint64_t *size);
};

extern const struct iommu_ops type1_ops;
extern const struct iommu_ops iommufd_ops;
extern const struct iommu_ops noiommu_ops;

struct lend_iommu {
	atomic_uint refs;
	struct lend_ctx *ctx;

	/* Guarded by the context's open lock; do not change while a device is
	 * open. */
	bool is_settled; /* a device was opened: the back end stays, and the
			  * open lock is let go of while others are reset */
	const struct iommu_ops *_Atomic ops; /* NULL until one is chosen */
	char reason[512];                    /* why that one */
	int fd;                              /* container or iommufd */
	unsigned int model; /* container: VFIO_TYPE1v2_IOMMU, …; 0: none yet */
	bool unmaps_all;    /* container: VFIO_UNMAP_ALL */
	uint32_t ioas;      /* iommufd: our object; 0: none */
	bool maps_no_file;  /* iommufd: found to lack IOMMU_IOAS_MAP_FILE */

	pthread_mutex_t lock; /* guards what follows */
	unsigned int devices; /* attached */
	struct iommu_info info;
	bool info_is_old; /* a device has come since it was asked for */
	struct ledger ledger;
};

/* Asks what can be mapped, if a device has come since that was asked; with the
 * address space's lock. 0, or -errno with a record. */
int iommu_refresh(struct lend_iommu *iommu);

/* Around a call in which the kernel may reset a device, which takes it a tenth
 * of a second and more: others are opened and closed meanwhile. Nothing of the
 * context or the address space is to be touched in between. */
void iommu_begin_slow(struct lend_iommu *iommu);
void iommu_end_slow(struct lend_iommu *iommu);

/* Opens a device in the address space, all or nothing; with open_lock held. */
int iommu_attach(struct lend_iommu *iommu, const struct request *request,
		 struct attachment *attachment);

/* Closes it again. The last device takes all mappings with it. */
void iommu_detach(struct lend_iommu *iommu, struct attachment *attachment);

/* Tells what the request says of a descriptor, once. */
void kvm_file_add(struct kvm_file *file, const struct request *request, int fd);

/* Tells that it goes, if it was told of; before it is closed. */
void kvm_file_drop(struct kvm_file *file);

/* Closes a device for a back end, and lets go of its group. */
void attachment_close(struct lend_iommu *iommu, struct attachment *attachment);

/* Chooses a back end for the address space's first device, and writes why. What
 * it opens for iommufd stays open, as the address space's descriptor and in
 * request->node, so that nothing is opened twice. */
const struct iommu_ops *iommu_choose(struct lend_iommu *iommu,
				     const struct request *request);

/* Sorts ranges. Returns 0, or -EBADMSG where they overlap or end before they
 * start. */
int iommu_sort_ranges(struct lend_iova_range *ranges, unsigned int count);

/* Records that what the kernel says of the IOMMU makes no sense.
 * Returns -EBADMSG. */
int iommu_bad_answer(struct lend_iommu *iommu, const char *device);

/* As lend_iommu_map() and lend_iommu_unmap(), without a record: for what guests
 * provoke. */
int iommu_map_quietly(struct lend_iommu *iommu, const struct mapping *mapping);
int iommu_unmap_quietly(struct lend_iommu *iommu, uint64_t iova, uint64_t size);

/* What is wrong with a mapping, in words, or NULL. */
const char *iommu_mapping_fault(const struct lend_iommu *iommu,
				const struct mapping *mapping);

/* Records why we did not map: by the error that the checks gave, which is below
 * 0 and is returned. */
int iommu_explain_refusal(struct lend_iommu *iommu, int err,
			  const struct mapping *mapping);

/* Records why the kernel did not map. Returns error, which is below 0. */
int iommu_explain_map(struct lend_iommu *iommu, int err,
		      const struct mapping *mapping);

/* Records that the address space has no room for another mapping.
 * Returns -ENOSPC. */
int iommu_explain_room(struct lend_iommu *iommu);

/* Records why memory could not be pinned, after -ENOMEM.
 * @mapped: bytes the address space has pinned before
 * Returns -ENOMEM. */
int memlock_explain(struct lend_ctx *ctx, uint64_t mapped, uint64_t size);

/* Whether size bytes could be pinned: LEND_ERROR_MEMLOCK, LEND_ERROR_MEMORY. */
int memlock_check(struct lend_ctx *ctx, uint64_t size);

#endif
