/* SPDX-License-Identifier: MIT */
/* The x86 part of a machine's state. */
#ifndef VMM_X86_INCLUDE_ARCH_STATE_H
#define VMM_X86_INCLUDE_ARCH_STATE_H

#include <stdint.h>

#include "vmm/x86/cpu-features.h"
#include "vmm/x86/cpuid.h"
#include "vmm/x86/pci-ports.h"
#include "vmm/x86/power.h"

struct arch {
	struct cpu_model model;
	struct cpuid cpuid;
	uint64_t
		boot_end; /* of the RAM that the guest's files fit into; or 0 */
	/* Initialised at every start. */
	struct power power;
	struct pci_ports pci_ports;
};

#endif
