// SPDX-License-Identifier: MIT
// The routes that KVM creates on x86: inputs of the I/O APIC and the PICs.

#include "lib/kvm/kvm.h"

#define PINS     24 /* I/O APIC inputs: GSI 0 to 23 */
#define PIC_PINS 16

const unsigned int kvm_pin_count = PINS + PIC_PINS;

static struct kvm_irq_routing_entry
pin_route(unsigned int gsi, unsigned int chip, unsigned int pin)
{
	return (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_IRQCHIP,
		.u.irqchip = {.irqchip = chip, .pin = pin},
	};
}

void kvm_pins_fill(struct kvm_irq_routing_entry *entries)
{
	unsigned int n = 0;

	for (unsigned int gsi = 0; gsi < PINS; gsi++) {
		if (gsi < 8)
			entries[n++] =
				pin_route(gsi, KVM_IRQCHIP_PIC_MASTER, gsi);
		else if (gsi < PIC_PINS)
			entries[n++] =
				pin_route(gsi, KVM_IRQCHIP_PIC_SLAVE, gsi - 8);
		entries[n++] = pin_route(gsi, KVM_IRQCHIP_IOAPIC, gsi);
	}
}
