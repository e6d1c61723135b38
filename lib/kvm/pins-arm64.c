// SPDX-License-Identifier: MIT
// The routes that KVM creates on arm64: shared peripheral interrupts of the
// GIC.

#include "lib/kvm/kvm.h"

/* More make each change of a route slower. */
#define PINS 256

const unsigned int kvm_pin_count = PINS;

void kvm_pins_fill(struct kvm_irq_routing_entry *entries)
{
	for (unsigned int gsi = 0; gsi < PINS; gsi++)
		entries[gsi] = (struct kvm_irq_routing_entry){
			.gsi = gsi,
			.type = KVM_IRQ_ROUTING_IRQCHIP,
			.u.irqchip = {.pin = gsi},
		};
}
