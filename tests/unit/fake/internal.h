/* SPDX-License-Identifier: MIT */
/* What the files of the scripted kernel share. */
#ifndef FAKE_INTERNAL_H
#define FAKE_INTERNAL_H

#include "kernel.h"

/* Notes what an orderly library never does. */
void fake_misuse(struct fake_kernel *fake, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The entry of a descriptor, or NULL. */
struct fake_fd *fake_fd_find(struct fake_kernel *fake, int fd);

/* Makes a descriptor of the process stand for an object. */
int fake_fd_add(struct fake_kernel *fake, int fd, int kind, void *object);

/* Answers an ioctl whose argument starts with argsz, as the kernel does: what
 * fits, and how much there would be. @base is the size without capabilities. */
int fake_reply_give(struct fake_reply *reply, void *argument, const void *truth,
		    uint32_t base, uint32_t size);

static inline struct fake_kernel *fake_of(const struct kernel *k)
{
	return (struct fake_kernel *)(uintptr_t)k;
}

/* Fills in the table of calls; the second, those on paths. */
void fake_calls_init(struct kernel *kernel);
void fake_paths_init(struct kernel *kernel);

/* Logs and counts a call; its number in the log. */
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

int fake_group_open(struct fake_kernel *fake, int number);
void fake_group_close(struct fake_kernel *fake, struct fake_group *group);
int fake_group_ioctl(struct fake_kernel *fake, struct fake_group *group,
		     unsigned long request, void *argument);
/* Takes a group out of its container; the last one out unmaps everything. */
void fake_group_leave(struct fake_group *group);

int fake_device_open(struct fake_kernel *fake, struct fake_device *device);
void fake_device_close(struct fake_kernel *fake, struct fake_device *device);
int fake_device_ioctl(struct fake_kernel *fake, struct fake_device *device,
		      unsigned long request, void *argument);
/* The region a file offset is in, with the offset within it, or NULL. */
struct fake_region *fake_region_at(struct fake_device *device, uint64_t *offset,
				   unsigned int *index);

#endif
