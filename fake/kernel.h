/* SPDX-License-Identifier: MIT */
/* A scripted kernel with VFIO: groups, containers, iommufds and devices that
 * answer correctly or not, as a test wants, and track what is open, pinned and
 * enabled. */
#ifndef FAKE_KERNEL_H
#define FAKE_KERNEL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fake/kvm.h"
#include "fake/tree.h"
#include "lib/base/context.h"

#define FAKE_DEVICES    8
#define FAKE_CONTAINERS 2
#define FAKE_IOMMUFDS   2
#define FAKE_GROUPS     8
#define FAKE_REGIONS    12
#define FAKE_IRQS       6
#define FAKE_VECTORS    2048
#define FAKE_AREAS      8
#define FAKE_FDS        2304
#define FAKE_VMAS       64
#define FAKE_MAPPINGS   64
#define FAKE_RANGES     16
#define FAKE_DEPENDENTS 20
#define FAKE_FAILURES   64

enum fake_op {
	FAKE_OPEN = 1,
	FAKE_CLOSE,
	FAKE_READ,
	FAKE_WRITE,
	FAKE_PREAD,
	FAKE_PWRITE,
	FAKE_IOCTL,
	FAKE_MAP,
	FAKE_UNMAP,
	FAKE_ADVISE,
	FAKE_EVENTFD,
	FAKE_FSTAT,
	FAKE_POLL,
	FAKE_PATH, /* readlink, realpath, list, stat, mkdir, rename, unlink … */
	FAKE_ACCEPT,
	FAKE_SEND,
	FAKE_RECEIVE,
	FAKE_SEALS,
	FAKE_DUP,
	FAKE_SHUTDOWN,
};

/* One call, as it was made. @offset is that of pread, pwrite and map; the IOVA
 * of the DMA ioctls; start of SET_IRQS. @size likewise; @data holds the first
 * bytes of what was written, or of an ioctl's argument as it came in. */
struct fake_call {
	enum fake_op op;
	unsigned long request;
	int fd;
	uint64_t offset;
	uint64_t size;
	int result;
	bool is_failing; /* it is the one to fail */
	_Alignas(8) unsigned char data[64];
	char path[128];
};

/* Replaces the answer of an ioctl with argsz and a capability chain. Borrowed
 * from the test. */
struct fake_reply {
	const void *bytes; /* the whole reply, or NULL for the true one */
	uint32_t size;
	bool grows; /* asks for more room each time */
};

struct fake_area {
	uint64_t offset;
	uint64_t size;
};

struct fake_region {
	uint64_t size;
	uint32_t flags;          /* VFIO_REGION_INFO_FLAG_READ, _WRITE, _MMAP */
	unsigned int area_count; /* 0: no sparse mmap capability */
	struct fake_area areas[FAKE_AREAS];
	bool msix_mappable;
	uint8_t *bytes; /* its contents, for the test to inspect */
	size_t bytes_size;
	int err;              /* GET_REGION_INFO fails with it, if not 0 */
	uint64_t file_offset; /* index << 40 unless the test sets another */
	struct fake_reply reply;
	bool short_access; /* pread and pwrite move one byte too few */
};

struct fake_irq {
	unsigned int count;
	uint32_t flags; /* VFIO_IRQ_INFO_* */
	bool on;
	unsigned int enabled;      /* 1 + the highest interrupt enabled */
	unsigned int available;    /* vectors the host has, if not 0 */
	int trigger[FAKE_VECTORS]; /* eventfd, or -1 */
	int unmask;                /* eventfd, or -1 */
	unsigned int fired;        /* times that the library let one fire */
	bool masked;
};

struct fake_kernel;

/* A device that a hot reset affects. */
struct fake_dependent {
	uint16_t domain;
	uint8_t bus;
	uint8_t devfn;
	int group;
	uint32_t devid; /* where the device is open by its own node */
};

struct fake_device {
	struct fake_kernel *kernel;
	char name[64];
	struct fake_group *group;
	uint32_t flags; /* VFIO_DEVICE_FLAGS_* */
	unsigned int region_count;
	unsigned int irq_count;
	struct fake_region regions[FAKE_REGIONS];
	struct fake_irq irqs[FAKE_IRQS];

	int get_error;  /* GET_DEVICE_FD fails with it, if not 0 */
	int open_error; /* opening its own node does */
	int bind_error;
	int attach_error;
	const char *token;   /* the token that it requires, as text, or NULL */
	bool takes_token;    /* BIND_IOMMUFD knows the flag, as from 6.17 on */
	unsigned int number; /* vfioN */
	bool is_stale;       /* its node is another's */
	struct fake_iommufd *bound;
	struct fake_ioas *attached;
	bool makes_dma_bufs; /* as from 6.19 on */
	uint64_t dma_buf[3]; /* region, offset and length of the last one */
	uint64_t can_get;    /* features, a bit each */
	uint64_t can_set;
	unsigned int dependent_count; /* 0: no hot reset */
	struct fake_dependent dependents[FAKE_DEPENDENTS];
	uint32_t told_dependents; /* number reported, if not 0 */
	bool fits_dependents;     /* reports success, whatever the room */
	int hot_reset_error;
	unsigned int hot_resets;
	struct fake_reply reply;  /* of GET_INFO */
	unsigned int busy_resets; /* so many resets say EAGAIN first */

	/* Called after a write or a reset took effect, so that a test can make
	 * the device react; either may be NULL. */
	void (*written)(struct fake_device *device, unsigned int region,
			uint64_t offset, unsigned int size);
	void (*was_reset)(struct fake_device *device);
	void *opaque;
	/* What @written calls for a test on the public header. */
	void (*on_write)(void *opaque, unsigned int region, uint64_t offset,
			 unsigned int size);
	unsigned int
		list_last;     /* the last capability that was added; 0: none */
	unsigned int list_end; /* the byte after it */

	int file; /* a memfd that backs all regions */
	int fd;   /* open in the library, or -1 */

	/* The MSI-X table by its capability when the device was opened: reads
	 * by pread give ones, and pwrite changes nothing. */
	struct {
		unsigned int bar;
		uint64_t start, end; /* equal if there is none */
	} msix_hole;
	unsigned int vmas;
	unsigned int resets;
};

struct fake_mapping {
	uint64_t iova;
	uint64_t size;
	uint64_t vaddr;
	uint32_t flags;
};

/* What is mapped, and what could be. */
struct fake_space {
	uint64_t pgsizes;
	unsigned int range_count;
	struct {
		uint64_t first, last;
	} ranges[FAKE_RANGES];
	bool short_unmap; /* says a page less was unmapped */
	int map_error;    /* mapping fails with it, if not 0 */
	unsigned int mapping_count;
	struct fake_mapping mappings[FAKE_MAPPINGS];
};

/* A container: each open of /dev/vfio/vfio takes the first that is closed. */
struct fake_container {
	int fd;
	unsigned int type; /* VFIO_TYPE1_IOMMU, …; 0 while none is set */
	bool has_v2, has_v1, has_noiommu, has_unmap_all;
	int api_version;
	bool has_info; /* answers VFIO_IOMMU_GET_INFO with capabilities */
	uint32_t dma_avail;
	struct fake_reply reply; /* of VFIO_IOMMU_GET_INFO */
	int open_error;
	int set_error;       /* SET_IOMMU fails with it, if not 0 */
	unsigned int groups; /* set into it */
	struct fake_space space;
};

/* An I/O address space of an iommufd. */
struct fake_ioas {
	uint32_t id; /* 0: none */
	unsigned int devices;
	struct fake_space space;
};

/* An iommufd: each open of /dev/iommu takes the first that is closed. */
struct fake_iommufd {
	int fd;
	int open_error;
	int alloc_error;
	bool maps_files;     /* knows IOAS_MAP_FILE, as from 6.13 on */
	int map_file_error;  /* and fails with it, if not 0 */
	uint64_t alignment;  /* 0: the space's smallest page */
	bool grows;          /* has more ranges each time */
	uint32_t told_count; /* number of ranges reported, if not 0 */
	struct fake_ioas ioas[2];
};

struct fake_group {
	int number; /* -1: not in use */
	int fd;
	struct fake_container *container; /* set into it, or NULL */
	bool is_noiommu;
	bool not_viable;
	int open_error;
	int set_error;
};

struct fake_fd {
	int fd; /* 0: not in use */
	enum {
		FAKE_FILE,
		FAKE_CONTAINER,
		FAKE_GROUP,
		FAKE_DEVICE,
		FAKE_CDEV, /* a device not bound yet */
		FAKE_IOMMUFD,
		FAKE_DMA_BUF,
		FAKE_VM,      /* open as long as the kernel */
		FAKE_VM_VFIO, /* its VFIO device */
	} kind;
	void *object;
};

/* The call that fails, of those of a kind. */
struct fake_fault {
	enum fake_op op;       /* 0: of all */
	unsigned long request; /* of an ioctl; 0: all */
	unsigned int nth;      /* from 1; 0: none */
	int err;               /* positive errno */
	bool has_hit;
};

/* A kind of call of which one has failed since it was to. */
struct fake_failure {
	enum fake_op op;
	unsigned long request;
};

struct fake_vma {
	char *vaddr;
	size_t size;
	struct fake_device *device; /* NULL for anonymous memory */
};

struct fake_kernel {
	struct kernel kernel; /* first: what the library calls */
	struct lend_kernel seam;
	char root[TREE_ROOT]; /* holds sys, dev, proc, run */
	char sysfs[80], dev[80], proc[80], state[80];

	struct fake_container containers[FAKE_CONTAINERS];
	struct fake_iommufd iommufds[FAKE_IOMMUFDS];
	bool has_iommufd;
	bool files_are_devices; /* a descriptor that was passed is VFIO's */
	struct fake_kvm vm;
	int vm_fd; /* 0 until fake_vm_open() */
	struct fake_group groups[FAKE_GROUPS];
	struct fake_device devices[FAKE_DEVICES];
	unsigned int device_count;

	struct fake_fd fds[FAKE_FDS];
	struct fake_vma vmas[FAKE_VMAS];

	/* Each call is counted from 1; call number @fail_at fails with
	 * @fail_error, and so does the one that @fault describes. Calls that
	 * undo something do so even then. */
	pthread_mutex_t lock; /* held during each call */
	unsigned int calls;
	unsigned int fail_at;
	int fail_error; /* positive errno */
	struct fake_fault fault;
	bool is_failing; /* the call in progress */
	struct fake_failure failures[FAKE_FAILURES];
	unsigned int failure_count;

	struct fake_call *log;
	unsigned int log_count;
	unsigned int log_size;

	/* Misuses, such as closing a device with an interrupt enabled, and a
	 * description of the first one. */
	unsigned int misuses;
	char misuse[128];
};

/* An empty machine in a temporary directory, with /dev/vfio/vfio. Returns
 * NULL where that cannot be made. */
struct fake_kernel *fake_kernel_new(void);

/* Passes a descriptor of the test to the library, which is to close it. Returns
 * it. */
int fake_fd_give(struct fake_kernel *fake, int fd);

/* Removes the directory. The library must be done with it. */
void fake_kernel_free(struct fake_kernel *fake);

/* Has a context's options use the scripted kernel, with all roots in its
 * directory. Returns 0, or -EINVAL for a size without the member. */
int fake_options(struct fake_kernel *fake, struct lend_ctx_options *options);

/* A context on the scripted kernel. */
int fake_ctx_new(struct fake_kernel *fake, struct lend_ctx **ctx);

/* Adds a PCI device on vfio-pci in IOMMU group @group, with its directory and
 * links in sysfs and its group's node. It has a 4096-byte configuration space
 * (a header type 0 with vendor and class, no BARs), no BARs, no ROM, one INTx
 * and no other interrupts, and a reset. */
struct fake_device *fake_pci_add(struct fake_kernel *fake, const char *name,
				 int group);

/* Gives the kernel iommufd, and each device, also those to come, a node. */
void fake_iommufd_add(struct fake_kernel *fake);

/* Makes a device a virtual function of SR-IOV: it has no interrupt pin, and
 * sysfs shows its configuration space as the function has it, without IDs and
 * BARs, and beside it what the kernel uses. VFIO shows the kernel's. */
void fake_virtual_set(struct fake_device *device);

/* Lets a group be one of no-IOMMU mode. */
void fake_noiommu_set(struct fake_device *device);

/* Descriptors as another process would pass them in; not counted as calls. */
int fake_iommufd_pass(struct fake_kernel *fake);
int fake_device_pass(struct fake_device *device);
void fake_close_passed(struct fake_kernel *fake, int fd);

/* The descriptor of the virtual machine, which is open until the end. */
int fake_vm_open(struct fake_kernel *fake);

/* Gives a device a region; allocates its bytes. */
void fake_region_set(struct fake_device *device, unsigned int index,
		     uint64_t size, uint32_t flags);

/* Adds an area to a region's sparse mmap capability. */
void fake_area_add(struct fake_device *device, unsigned int index,
		   uint64_t offset, uint64_t size);

void fake_irq_set(struct fake_device *device, unsigned int index,
		  unsigned int count, uint32_t flags);

/* Replaces what a device's driver link says: a driver's name, or NULL. */
void fake_driver_set(struct fake_device *device, const char *driver);

/* Writes a file below the root, making its directories: "proc/self/status". */
void fake_kernel_file(struct fake_kernel *fake, const char *path,
		      const char *text);

/* Number of the first call at or after @from with, where not 0, this @op and
 * @request; -1 where there is none. */
int fake_find(const struct fake_kernel *fake, unsigned int from,
	      enum fake_op op, unsigned long request);

/* How many such calls there were. */
unsigned int fake_count(const struct fake_kernel *fake, enum fake_op op,
			unsigned long request);

/* Whether a call with this @op and, where not 0, this @request has failed since
 * it was to: ever, whatever was forgotten. */
bool fake_has_failed(const struct fake_kernel *fake, enum fake_op op,
		     unsigned long request);

/* Forgets the calls so far and begins to count from 1 again. */
void fake_log_clear(struct fake_kernel *fake);

/* Whether nothing is open, mapped, pinned or enabled; if something is, @why
 * names it. */
bool fake_is_idle(const struct fake_kernel *fake, char *why, size_t size);

#endif
