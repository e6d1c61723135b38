// SPDX-License-Identifier: MIT
// Interrupt lines of an arm64 machine: the GIC's shared peripheral interrupts.
#include <linux/kvm.h>

#include "vmm/arch.h"
#include "vmm/irq/irq.h"

#define SPI_FIRST 32

uint32_t arch_irq_number(unsigned int gsi)
{
	return KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT |
	       (SPI_FIRST + gsi);
}
