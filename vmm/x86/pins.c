// SPDX-License-Identifier: MIT
// Interrupt lines of an x86 machine: inputs of the I/O APIC and the PICs.
#include "vmm/arch.h"

uint32_t arch_irq_number(unsigned int gsi)
{
	return gsi;
}
