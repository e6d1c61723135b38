/* SPDX-License-Identifier: MIT */
/* The in-kernel interrupt controller: a GICv3 with an ITS, or a GICv2. */
#ifndef VMM_ARM64_GIC_H
#define VMM_ARM64_GIC_H

#include <stdint.h>

struct lend_ctx;

struct gic {
	int fd;
	int its_fd;           /* -1: no ITS, hence no MSIs */
	unsigned int version; /* 3 or 2 */
};

/*
 * Create the interrupt controller before the vCPUs; gic_finish() initialises it
 * and adds the ITS once all vCPUs exist. Return 0 or a recorded error; call
 * gic_close() in either case. The interrupt controller lives as long as the VM.
 */
int gic_create(struct gic *gic, struct lend_ctx *ctx, int vm_fd);
int gic_finish(struct gic *gic, struct lend_ctx *ctx, int vm_fd);
void gic_close(struct gic *gic);

/*
 * Reset it to its initial state, for vCPUs with the affinities @mpidr, all of
 * them stopped. Lines that are asserted stay asserted. Returns 0 or a recorded
 * error.
 */
int gic_reset(const struct gic *gic, struct lend_ctx *ctx,
	      const uint64_t *mpidr, unsigned int cpus);

#endif
