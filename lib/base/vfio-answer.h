/* SPDX-License-Identifier: MIT */
/* Answers of ioctls that begin with argsz and may end in a chain of
 * capabilities, read whole and walked within bounds. */
#ifndef LIB_BASE_VFIO_ANSWER_H
#define LIB_BASE_VFIO_ANSWER_H

#include <stdint.h>

#include "lib/base/kernel.h"

struct info {
	void *bytes;   /* info_free() frees them */
	uint32_t size; /* of which the kernel has filled so many */
};

/* Asks until the answer fits, a bounded number of times.
 * @question: the structure as the kernel wants it, argsz aside
 * @base:     its size
 * Returns 0, -EBADMSG where the kernel's sizes make no sense, or -errno. */
int info_read(const struct kernel *k, int fd, unsigned long request,
	      const void *question, uint32_t base, struct info *info);

void info_free(struct info *info);

/* Looks for a capability.
 * @first: offset of the first one, 0 for none
 * @base:  size of what comes before all of them
 * @need:  bytes it must have at least
 * @offset: receives where it is
 * Returns 1 where there is one, 0 where there is none, -EBADMSG where the chain
 * leads out of the answer or in a circle. */
int info_cap(const struct info *info, uint32_t first, uint32_t base,
	     uint16_t id, uint32_t need, uint32_t *offset);

#endif
