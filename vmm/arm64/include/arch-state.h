/* SPDX-License-Identifier: MIT */
/* The arm64 part of a machine's state. */
#ifndef VMM_ARM64_INCLUDE_ARCH_STATE_H
#define VMM_ARM64_INCLUDE_ARCH_STATE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "vmm/arm64/cpu.h"
#include "vmm/arm64/gic.h"
#include "vmm/arm64/gpio.h"

struct arch {
	struct cpu_model model;
	struct cpu_host cpu;
	unsigned int phys_bits;
	struct gic gic;
	uint64_t *mpidr;               /* the affinity of each vCPU */
	uint64_t tree;                 /* guest address of the device tree */
	struct gpio gpio;              /* initialised at every start */
	_Atomic bool undecoded_logged; /* an access that KVM cannot decode */
};

#endif
