// SPDX-License-Identifier: MIT
// Guest interrupts that the machine raises itself: lines and messages.
#include <errno.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include "vmm/arch.h"
#include "vmm/irq/irq.h"

int irq_line_take(struct irq *irq, unsigned int count)
{
	unsigned int first = IRQ_PLATFORM_FIRST + irq->lines_taken;

	if (count > IRQ_PLATFORM_COUNT - irq->lines_taken)
		return -ENOSPC;
	irq->lines_taken += count;
	return (int)first;
}

void irq_line_set(struct irq *irq, unsigned int gsi, bool level)
{
	struct kvm_irq_level line = {.irq = arch_irq_number(gsi),
				     .level = level};

	ioctl(irq->vm_fd, KVM_IRQ_LINE, &line);
}

int irq_msi_send(struct irq *irq, const struct irq_msi *message)
{
	struct kvm_msi msi = {
		.address_lo = (__u32)message->address,
		.address_hi = (__u32)(message->address >> 32),
		.data = message->data,
		.flags = IRQ_MSI_FLAGS,
		.devid = message->requester,
	};

	return ioctl(irq->vm_fd, KVM_SIGNAL_MSI, &msi) < 0 ? -errno : 0;
}
