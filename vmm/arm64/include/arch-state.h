// SPDX-License-Identifier: MIT
// What an arm64 machine has beside the parts that every machine has.
#ifndef VMM_ARM64_ARCH_STATE_H
#define VMM_ARM64_ARCH_STATE_H

#include "../cpu.h"
#include "../gic.h"

struct arch {
	struct cpu_model model;
	struct cpu_host cpu;
	unsigned phys_bits;
	struct gic gic; /* made anew at every start */
	uint64_t tree;  /* guest address of the device tree */
};

#endif
