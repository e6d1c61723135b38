/* SPDX-License-Identifier: MIT */
/* Answers of ioctls that begin with argsz and may end in a chain of
 * capabilities, read whole and walked within bounds. */
#ifndef LIB_BASE_VFIO_ANSWER_H
#define LIB_BASE_VFIO_ANSWER_H

#include <stdint.h>

#include "lib/base/kernel.h"

struct info {
	void *bytes;   /* info_free() frees them */
	uint32_t size; /* bytes that the kernel filled */
};

/* Repeats a request until the answer fits, a bounded number of times.
 * @ask:      makes it; a value >= 0, or -errno
 * @question: the structure as the kernel wants it, argsz aside
 * @base:     its size
 * Returns 0, -EBADMSG if the kernel's sizes are invalid, or -errno. */
int info_read_by(int (*ask)(void *opaque, unsigned long request,
			    void *argument),
		 void *opaque, unsigned long request, const void *question,
		 uint32_t base, struct info *info);

/* As that, by the ioctl of a descriptor. */
int info_read(const struct kernel *k, int fd, unsigned long request,
	      const void *question, uint32_t base, struct info *info);

void info_free(struct info *info);

/* Looks for a capability.
 * @first: offset of the first one, 0 for none
 * @base:  size of what comes before all of them
 * @need:  bytes it must have at least
 * @offset: receives where it is
 * Returns 1 if there is one, 0 if there is none, -EBADMSG if the chain leaves
 * the answer or loops. */
int info_cap(const struct info *info, uint32_t first, uint32_t base,
	     uint16_t id, uint32_t need, uint32_t *offset);

#endif
