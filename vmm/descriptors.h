// SPDX-License-Identifier: MIT
// Descriptors that the machine may come to need: RLIMIT_NOFILE is raised to
// allow them.
#ifndef VMM_DESCRIPTORS_H
#define VMM_DESCRIPTORS_H

struct lend_ctx;

/* So many are allowed everywhere; to need no more costs no system call. */
#define DESCRIPTORS_SURE 256

/* The machine's own, and what was passed in; then those of a device besides
 * one for each vector. */
#define DESCRIPTORS_MACHINE 64
#define DESCRIPTORS_DEVICE  8

/*
 * Raise the soft limit to the hard one where `count` descriptors are more than
 * it. Where they are more than the hard one too, `interrupts` of them for
 * vectors, a warning says so: guests seldom use all vectors there are.
 */
void descriptors_reserve(struct lend_ctx *ctx, unsigned long count,
			 unsigned long interrupts);

#endif
