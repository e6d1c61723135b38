// SPDX-License-Identifier: MIT
// On other processor architectures, the routes that KVM creates are unknown.

#include "lib/kvm/kvm.h"

const unsigned int kvm_pin_count = 0;

void kvm_pins_fill(struct kvm_irq_routing_entry *entries)
{
	(void)entries;
}
