/* SPDX-License-Identifier: MIT */
/* Raises RLIMIT_NOFILE to the number of file descriptors that the machine may
 * need.
 */
#ifndef VMM_BASE_DESCRIPTORS_H
#define VMM_BASE_DESCRIPTORS_H

struct lend_ctx;

/* Every system allows this many; up to it no system call is made. */
#define DESCRIPTORS_SURE 256

/* The largest number of file descriptors that a machine needs. */
unsigned long descriptors_need(unsigned int cpus, unsigned long devices,
			       unsigned long vectors);

/*
 * Raise the soft limit to the hard one where @count is larger. Where @count
 * exceeds the hard limit too, log a warning; @interrupts of them are for
 * vectors. Guests seldom use all vectors.
 */
void descriptors_reserve(struct lend_ctx *ctx, unsigned long count,
			 unsigned long interrupts);

#endif
