/* SPDX-License-Identifier: MIT */
/* I/O address spaces and their back ends. */
#ifndef LIB_IOMMU_IOMMU_H
#define LIB_IOMMU_IOMMU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#include <lend/address.h>
#include <lend/iommu.h>

#include "lib/base/ledger.h"
#include "lib/base/sysfs.h"

/* A device node, from the search for it until the device is bound. */
struct node {
	char path[SYSFS_PATH];  /* empty until it is found */
	char sysfs[SYSFS_PATH]; /* the device in sysfs */
	int fd;                 /* open and owned, or -1 */
};

/* A request to open a device in an address space. */
struct request {
	const char *name;             /* for records */
	struct lend_address *address; /* NULL where fd is given */
	int fd;                       /* the device's own node, opened by
				       * another, or -1 */
	bool is_socket;               /* @fd is connected to a server */
	const uint8_t *token;         /* VF token of 16 bytes, or NULL */
	struct node *node; /* found by the choice of a back end, or NULL */

	/* As in struct lend_device_options. */
	void (*kvm_file)(void *opaque, int fd, bool add);
	void *opaque;
};

/* A descriptor that the caller passes to KVM; reported again before it is
 * closed. */
struct kvm_file {
	void (*report)(void *opaque, int fd, bool add); /* NULL: not reported */
	void *opaque;
	int fd; /* borrowed */
};

/* A device in an address space. Descriptors are -1 where there is none. */
struct attachment {
	int fd;                   /* the device, ours; or its server's socket */
	struct remote *remote;    /* of that socket; or NULL */
	int kvm_fd;               /* what names it to KVM, borrowed */
	struct group *group;      /* NULL where it is not known */
	struct kvm_file kvm_file; /* of the device's own descriptor */
	uint32_t number;          /* its ID in the iommufd; 0: none */
	bool keeps_fd; /* fd was passed in, and is the caller's until opening
			  succeeded */
};

/* A back end's information on an address space that has a device. */
struct iommu_info {
	uint64_t page_size;  /* smallest, a power of two */
	uint64_t page_sizes; /* those that are known, a bit each */
	struct lend_iova_range
		*ranges; /* sorted, not overlapping; NULL: unknown */
	unsigned int range_count;
	bool has_room;      /* whether the limit of mappings is known */
	uint32_t room;      /* mappings left when it was read */
	unsigned int count; /* mappings there were then */
};

/*
 * The operations of a back end. @open, @attach and @detach are called with the
 * context's open lock held, the others with the address space's lock. All
 * leave a record of a failure, except @map, @unmap and @unmap_all: they return
 * the bare -errno, since the ledger is needed to explain it.
 *
 * @open creates the address space from @fd or, if that is -1, from a node.
 * @close undoes what @open did, except for iommu->fd. @attach opens a device in
 * the address space, all or nothing; @detach closes it. @info fills in a new
 * info. @unmap and @unmap_all store the bytes unmapped in *@size.
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
extern const struct iommu_ops user_ops;

struct lend_iommu {
	atomic_uint refs;
	struct lend_ctx *ctx;

	/* Guarded by the context's open lock; do not change while a device is
	 * open. */
	bool is_settled; /* a device was opened: the back end stays, and the
			  * open lock is let go of while others are reset */
	const struct iommu_ops *_Atomic ops; /* NULL until one is chosen */
	char reason[512];                    /* why that one */
	atomic_int fd;                       /* container or iommufd */
	unsigned int model; /* container: VFIO_TYPE1v2_IOMMU, …; 0: none yet */
	bool unmaps_all;    /* container: VFIO_UNMAP_ALL */
	_Atomic uint32_t ioas; /* iommufd: our object; 0: none */
	bool maps_no_file;     /* iommufd: found to lack IOMMU_IOAS_MAP_FILE */
	struct remote *remote; /* vfio-user: of the device, or NULL */

	pthread_mutex_t lock; /* guards what follows */
	unsigned int devices; /* attached */
	struct iommu_info info;
	bool info_is_old; /* a device has come since it was asked for */
	struct ledger ledger;
};

/* Reads the information again if it is stale; with the address space's lock
 * held. Returns 0, or -errno with a record. */
int iommu_refresh(struct lend_iommu *iommu);

/* Around a call in which the kernel may reset a device, which takes a tenth of
 * a second or more: they release the open lock, so that other devices can be
 * opened and closed. Do not touch the context or the address space in between.
 */
void iommu_begin_slow(struct lend_iommu *iommu);
void iommu_end_slow(struct lend_iommu *iommu);

/* Opens a device in the address space, all or nothing; with open_lock held. */
int iommu_attach(struct lend_iommu *iommu, const struct request *request,
		 struct attachment *attachment);

/* Closes the device. The last device removes all mappings. */
void iommu_detach(struct lend_iommu *iommu, struct attachment *attachment);

/* Reports a descriptor by the request's callback, once. */
void kvm_file_add(struct kvm_file *file, const struct request *request, int fd);

/* Reports that it goes, if it was reported; call it before closing. */
void kvm_file_drop(struct kvm_file *file);

/* Closes a device for a back end, and drops its group. */
void attachment_close(struct lend_iommu *iommu, struct attachment *attachment);

/* Chooses a back end for the address space's first device, and writes the
 * reason. Nodes opened for iommufd stay open, as the address space's descriptor
 * and in request->node, so that none is opened twice. */
const struct iommu_ops *iommu_choose(struct lend_iommu *iommu,
				     const struct request *request);

/* As that, for a device behind a socket. */
const struct iommu_ops *user_choose(struct lend_iommu *iommu);

/* Sorts ranges. Returns 0, or -EBADMSG if they overlap or end before they
 * start. */
int iommu_sort_ranges(struct lend_iova_range *ranges, unsigned int count);

/* Records that the kernel's information on the IOMMU is invalid. Returns
 * -EBADMSG. */
int iommu_bad_answer(struct lend_iommu *iommu, const char *device);

/* As lend_iommu_map() and lend_iommu_unmap(), without a record: a guest can
 * provoke their failures. */
int iommu_map_quietly(struct lend_iommu *iommu, const struct mapping *mapping);
int iommu_unmap_quietly(struct lend_iommu *iommu, uint64_t iova, uint64_t size);

/* As iommu_unmap_quietly(), but -ENOENT too if other memory is mapped there. */
int iommu_unmap_memory(struct lend_iommu *iommu, const struct mapping *mapping);

/* As lend_iommu_map(), with the address space's lock held. */
int iommu_map_locked(struct lend_iommu *iommu, const struct mapping *mapping);

/* Reads the information on the IOMMU again if it is stale; with the address
 * space's lock held. Returns 0, or -errno with a record, also if nothing can be
 * mapped. */
int iommu_get_info(struct lend_iommu *iommu);

/* The fault of a mapping as a clause, or NULL. */
const char *iommu_mapping_fault(const struct lend_iommu *iommu,
				const struct mapping *mapping);

/* Records why the checks here refused a mapping. @err is their error, which is
 * negative and is returned. */
int iommu_explain_refusal(struct lend_iommu *iommu, int err,
			  const struct mapping *mapping);

/* Records why the kernel refused a mapping. Returns @err, which is negative. */
int iommu_explain_map(struct lend_iommu *iommu, int err,
		      const struct mapping *mapping);

/* Records that the limit of mappings is reached. Returns -ENOSPC. */
int iommu_explain_room(struct lend_iommu *iommu);

/* Records why memory could not be pinned, after -ENOMEM.
 * @mapped: bytes the address space has pinned before
 * Returns -ENOMEM. */
int memlock_explain(struct lend_ctx *ctx, uint64_t mapped, uint64_t size);

/* Whether size bytes could be pinned: LEND_ERROR_MEMLOCK, LEND_ERROR_MEMORY. */
int memlock_check(struct lend_ctx *ctx, uint64_t size);

#endif
