/* SPDX-License-Identifier: MIT */
/* Descriptors that the machine may come to need: RLIMIT_NOFILE is raised to
 * allow them.
 */
#ifndef VMM_BASE_DESCRIPTORS_H
#define VMM_BASE_DESCRIPTORS_H

struct lend_ctx;

/* So many are allowed everywhere; to need no more costs no system call. */
#define DESCRIPTORS_SURE 256

/* The most that a machine comes to need. */
unsigned long descriptors_need(unsigned int cpus, unsigned long devices,
			       unsigned long vectors);

/*
 * Raise the soft limit to the hard one where @count descriptors are more than
 * it. Where they are more than the hard one too, @interrupts of them for
 * vectors, a warning says so: guests seldom use all vectors there are.
 */
void descriptors_reserve(struct lend_ctx *ctx, unsigned long count,
			 unsigned long interrupts);

#endif
