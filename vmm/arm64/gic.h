/* SPDX-License-Identifier: MIT */
/* The interrupt controller in the kernel: a GICv3 with its ITS, or a GICv2. */
#ifndef VMM_ARM64_GIC_H
#define VMM_ARM64_GIC_H

#include <stdint.h>

struct lend_ctx;

struct gic {
	int fd;
	int its_fd;           /* -1: none, and no MSIs */
	unsigned int version; /* 3 or 2 */
};

/*
 * Create it, before the vCPUs; gic_finish() makes it ready when all of them are
 * there, and adds the ITS. Return 0 or a recorded error; gic_close() is due in
 * any case, and the interrupt controller lasts as long as the VM.
 */
int gic_create(struct gic *gic, struct lend_ctx *ctx, int vm_fd);
int gic_finish(struct gic *gic, struct lend_ctx *ctx, int vm_fd);
void gic_close(struct gic *gic);

/*
 * Make it what it was at first, for vCPUs with these affinities, which are all
 * stopped. Lines that are raised stay so. Returns 0 or a recorded error.
 */
int gic_reset(const struct gic *gic, struct lend_ctx *ctx,
	      const uint64_t *mpidr, unsigned int cpus);

#endif
