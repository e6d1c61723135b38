// SPDX-License-Identifier: MIT
// Guest interrupts: lines, and eventfds wired to GSIs in the kernel.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/context.h>

#include "vmm/arch.h"
#include "vmm/irq/irq.h"

void irq_init(struct irq *irq, struct lend_ctx *ctx, int vm_fd)
{
	*irq = (struct irq){.ctx = ctx, .vm_fd = vm_fd};
	pthread_mutex_init(&irq->lock, NULL);
}

void irq_destroy(struct irq *irq)
{
	free(irq->msi);
	free(irq->table);
	pthread_mutex_destroy(&irq->lock);
	*irq = (struct irq){.vm_fd = -1};
}

int irq_line_attach(struct irq *irq, unsigned int gsi, int eventfd,
		    int resamplefd)
{
	struct kvm_irqfd request = {.fd = (__u32)eventfd, .gsi = gsi};

	if (resamplefd >= 0) {
		request.flags = KVM_IRQFD_FLAG_RESAMPLE;
		request.resamplefd = (__u32)resamplefd;
	}
	return ioctl(irq->vm_fd, KVM_IRQFD, &request) < 0 ? -errno : 0;
}

static void irqfd_detach(struct irq *irq, unsigned int gsi, int eventfd)
{
	struct kvm_irqfd request = {
		.fd = (__u32)eventfd,
		.gsi = gsi,
		.flags = KVM_IRQFD_FLAG_DEASSIGN,
	};

	ioctl(irq->vm_fd, KVM_IRQFD, &request);
}

void irq_line_detach(struct irq *irq, unsigned int gsi, int eventfd)
{
	irqfd_detach(irq, gsi, eventfd);
}

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

int irq_msi_attach(struct irq *irq, int gsi, int eventfd)
{
	return irq_line_attach(irq, (unsigned int)gsi, eventfd, -1);
}

void irq_msi_detach(struct irq *irq, int gsi, int eventfd)
{
	irqfd_detach(irq, (unsigned int)gsi, eventfd);
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
