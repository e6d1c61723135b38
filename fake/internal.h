/* SPDX-License-Identifier: MIT */
/* Internals shared by the files of the scripted kernel. */
#ifndef FAKE_INTERNAL_H
#define FAKE_INTERNAL_H

#include "fake/kernel.h"

/* Records a misuse. */
void fake_misuse(struct fake_kernel *fake, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The entry of a descriptor, or NULL. */
struct fake_fd *fake_fd_find(struct fake_kernel *fake, int fd);

/* Associates a descriptor of the process with an object. */
int fake_fd_add(struct fake_kernel *fake, int fd, int kind, void *object);

/* Answers an ioctl whose argument starts with argsz, as the kernel does: copies
 * what fits, and sets argsz to the size needed. @base is the size without
 * capabilities. */
int fake_reply_give(struct fake_reply *reply, void *argument, const void *truth,
		    uint32_t base, uint32_t size);

static inline struct fake_kernel *fake_kernel_of(const struct kernel *k)
{
	return (struct fake_kernel *)(uintptr_t)k;
}

/* Fills in the table of calls; the second, those on paths. */
void fake_calls_init(struct kernel *kernel);
void fake_paths_init(struct kernel *kernel);
void fake_events_init(struct kernel *kernel);
void fake_sockets_init(struct kernel *kernel);

void fake_log_init(struct fake_kernel *fake);
void fake_log_destroy(struct fake_kernel *fake);

/* Logs and counts a call, which ends with fake_leave(): calls of other threads
 * wait until then. Returns its number in the log. */
unsigned int fake_enter(struct fake_kernel *fake, enum fake_op op,
			unsigned long request, int fd);
unsigned int fake_enter_path(struct fake_kernel *fake, enum fake_op op,
			     const char *path);

/* Whether the call just logged is the one to fail. */
bool fake_fails(const struct fake_kernel *fake);

/* Logs and returns a call's result. */
int fake_leave(struct fake_kernel *fake, unsigned int call, int result);

int fake_container_open(struct fake_kernel *fake);
void fake_container_close(struct fake_kernel *fake, struct fake_container *c);
int fake_container_ioctl(struct fake_kernel *fake, struct fake_container *c,
			 unsigned long request, void *argument);

void fake_space_init(struct fake_space *space);
/* Maps, with flags kept as they are. 0 or -errno. */
int fake_space_map(struct fake_space *space, uint64_t iova, uint64_t vaddr,
		   uint64_t size, uint32_t flags);
/* Unmaps whole mappings within a range, and none that it splits. Returns the
 * bytes reported as unmapped. */
uint64_t fake_space_unmap(struct fake_space *space, uint64_t first,
			  uint64_t last);

void fake_iommufd_init(struct fake_iommufd *iommufd);
int fake_iommufd_open(struct fake_kernel *fake);
void fake_iommufd_close(struct fake_kernel *fake, struct fake_iommufd *iommufd);
int fake_iommufd_ioctl(struct fake_kernel *fake, struct fake_iommufd *iommufd,
		       unsigned long request, void *argument);
int fake_cdev_open(struct fake_kernel *fake, unsigned int number);
int fake_cdev_bind(struct fake_kernel *fake, struct fake_fd *f, void *argument);
/* Attach and detach; -ENOTTY for other requests. */
int fake_cdev_ioctl(struct fake_kernel *fake, struct fake_device *device,
		    unsigned long request, void *argument);
/* Unbinds a device whose descriptor is closed. */
void fake_cdev_unbind(struct fake_kernel *fake, struct fake_device *device);

int fake_vm_ioctl(struct fake_kernel *fake, unsigned long request,
		  void *argument);

int fake_group_open(struct fake_kernel *fake, int number);
void fake_group_close(struct fake_kernel *fake, struct fake_group *group);
int fake_group_ioctl(struct fake_kernel *fake, struct fake_group *group,
		     unsigned long request, void *argument);
/* Takes a group out of its container; the last one out unmaps everything. */
void fake_group_leave(struct fake_group *group);

/* Notes where the MSI-X table is, as the kernel does when it enables a device.
 */
void fake_device_enable(struct fake_device *device);
int fake_device_open(struct fake_kernel *fake, struct fake_device *device);
void fake_device_close(struct fake_kernel *fake, struct fake_device *device);
int fake_device_ioctl(struct fake_kernel *fake, struct fake_device *device,
		      unsigned long request, void *argument);
/* The region a file offset is in, with the offset within it, or NULL. */
struct fake_region *fake_region_at(struct fake_device *device, uint64_t *offset,
				   unsigned int *index);

#endif
