// SPDX-License-Identifier: MIT
// Interrupt lines of an x86 machine: inputs of the I/O APIC and the PICs.
#include <linux/kvm.h>

#include "vmm/arch.h"
#include "vmm/irq/irq.h"

#define PIC_PINS 16

static struct kvm_irq_routing_entry
pin_route(unsigned int gsi, unsigned int chip, unsigned int pin)
{
	return (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip = {.irqchip = chip, .pin = pin},
	};
}

/* The pins keep the default routes of KVM_CREATE_IRQCHIP. */
void arch_irq_pins(struct kvm_irq_routing_entry *entries)
{
	unsigned int n = 0;

	for (unsigned int gsi = 0; gsi < IRQ_PINS; gsi++) {
		if (gsi < 8)
			entries[n++] =
				pin_route(gsi, KVM_IRQCHIP_PIC_MASTER, gsi);
		else if (gsi < PIC_PINS)
			entries[n++] =
				pin_route(gsi, KVM_IRQCHIP_PIC_SLAVE, gsi - 8);
		entries[n++] = pin_route(gsi, KVM_IRQCHIP_IOAPIC, gsi);
	}
}

uint32_t arch_irq_number(unsigned int gsi)
{
	return gsi;
}
