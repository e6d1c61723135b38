// SPDX-License-Identifier: MIT
// Guest interrupts: GSI routes, and eventfds wired to them in the kernel.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/context.h>

#include "arch.h"
#include "irq.h"

struct irq_route {
	struct irq_msi message;
	bool used;
};

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

int irq_line_attach(struct irq *irq, unsigned gsi, int eventfd, int resamplefd)
{
	struct kvm_irqfd request = {.fd = (__u32)eventfd, .gsi = gsi};

	if (resamplefd >= 0) {
		request.flags = KVM_IRQFD_FLAG_RESAMPLE;
		request.resamplefd = (__u32)resamplefd;
	}
	return ioctl(irq->vm_fd, KVM_IRQFD, &request) < 0 ? -errno : 0;
}

static void detach(struct irq *irq, unsigned gsi, int eventfd)
{
	struct kvm_irqfd request = {
		.fd = (__u32)eventfd,
		.gsi = gsi,
		.flags = KVM_IRQFD_FLAG_DEASSIGN,
	};

	ioctl(irq->vm_fd, KVM_IRQFD, &request);
}

void irq_line_detach(struct irq *irq, unsigned gsi, int eventfd)
{
	detach(irq, gsi, eventfd);
}

int irq_line_take(struct irq *irq, unsigned count)
{
	unsigned first = IRQ_PLATFORM_FIRST + irq->lines_taken;

	if (count > IRQ_PLATFORM_COUNT - irq->lines_taken)
		return -ENOSPC;
	irq->lines_taken += count;
	return (int)first;
}

void irq_line_set(struct irq *irq, unsigned gsi, bool level)
{
	struct kvm_irq_level line = {.irq = arch_irq_number(gsi),
				     .level = level};

	ioctl(irq->vm_fd, KVM_IRQ_LINE, &line);
}

static struct kvm_irq_routing_entry msi_route(unsigned gsi,
					      const struct irq_msi *message)
{
	return (struct kvm_irq_routing_entry){
		.gsi = gsi,
		.type = KVM_IRQ_ROUTING_MSI,
		.flags = IRQ_MSI_FLAGS,
		.u.msi = {.address_lo = (__u32)message->address,
			  .address_hi = (__u32)(message->address >> 32),
			  .data = message->data,
			  .devid = message->requester},
	};
}

static int send_routes(struct irq *irq)
{
	unsigned n = IRQ_FIXED;

	arch_irq_pins(irq->table->entries);
	for (unsigned i = 0; i < irq->msi_count; i++)
		if (irq->msi[i].used)
			irq->table->entries[n++] =
				msi_route(IRQ_PINS + i, &irq->msi[i].message);
	irq->table->nr = n;
	irq->table->flags = 0;
	return ioctl(irq->vm_fd, KVM_SET_GSI_ROUTING, irq->table) < 0 ? -errno
								      : 0;
}

/* Make sure that `count` routes are free. */
static int reserve(struct irq *irq, unsigned count)
{
	unsigned used = 0, want;
	struct irq_route *msi;
	struct kvm_irq_routing *table;

	for (unsigned i = 0; i < irq->msi_count; i++)
		used += irq->msi[i].used;
	if (count <= irq->msi_count - used)
		return 0;
	if (count > IRQ_MAX_MSI - used) {
		if (!irq->limit_told)
			lend_log(irq->ctx, LEND_LOG_WARNING,
				 "all %u interrupt routes of the machine are "
				 "in use; a device gets fewer vectors",
				 IRQ_MAX_MSI);
		irq->limit_told = true;
		return -ENOSPC;
	}
	want = 2 * (used + count);
	if (want > IRQ_MAX_MSI)
		want = IRQ_MAX_MSI;
	msi = reallocarray(irq->msi, want, sizeof(*msi));
	if (!msi)
		return -ENOMEM;
	irq->msi = msi;
	table = realloc(irq->table,
			sizeof(*table) +
				(IRQ_FIXED + want) * sizeof(table->entries[0]));
	if (!table)
		return -ENOMEM;
	irq->table = table;
	memset(&msi[irq->msi_count], 0, (want - irq->msi_count) * sizeof(*msi));
	irq->msi_count = want;
	return 0;
}

static int alloc_locked(struct irq *irq, const struct irq_msi *messages,
			unsigned count, int *gsis)
{
	unsigned done = 0;
	int err = reserve(irq, count);

	if (err)
		return err;
	for (unsigned i = 0; i < irq->msi_count && done < count; i++) {
		if (irq->msi[i].used)
			continue;
		irq->msi[i] = (struct irq_route){messages[done], true};
		gsis[done++] = (int)(IRQ_PINS + i);
	}
	err = send_routes(irq);
	for (unsigned i = 0; err && i < done; i++)
		irq->msi[gsis[i] - IRQ_PINS].used = false;
	return err;
}

int irq_msi_alloc(struct irq *irq, const struct irq_msi *messages,
		  unsigned count, int *gsis)
{
	int err;

	pthread_mutex_lock(&irq->lock);
	err = alloc_locked(irq, messages, count, gsis);
	pthread_mutex_unlock(&irq->lock);
	return err;
}

/* The route of `gsi`, or NULL when it is not an allocated one. */
static struct irq_route *route_of(struct irq *irq, int gsi)
{
	unsigned i = (unsigned)gsi - IRQ_PINS;

	if (gsi < IRQ_PINS || i >= irq->msi_count || !irq->msi[i].used)
		return NULL;
	return &irq->msi[i];
}

static bool same(const struct irq_msi *a, const struct irq_msi *b)
{
	return a->address == b->address && a->data == b->data &&
	       a->requester == b->requester;
}

int irq_msi_update(struct irq *irq, int gsi, const struct irq_msi *message)
{
	struct irq_route *route;
	int err = 0;

	pthread_mutex_lock(&irq->lock);
	route = route_of(irq, gsi);
	if (!route) {
		err = -EINVAL;
	} else if (!same(&route->message, message)) {
		route->message = *message;
		err = send_routes(irq);
	}
	pthread_mutex_unlock(&irq->lock);
	return err;
}

int irq_msi_attach(struct irq *irq, int gsi, int eventfd)
{
	return irq_line_attach(irq, (unsigned)gsi, eventfd, -1);
}

void irq_msi_detach(struct irq *irq, int gsi, int eventfd)
{
	detach(irq, (unsigned)gsi, eventfd);
}

void irq_msi_free(struct irq *irq, int gsi)
{
	struct irq_route *route;

	pthread_mutex_lock(&irq->lock);
	route = route_of(irq, gsi);
	if (route)
		route->used = false;
	pthread_mutex_unlock(&irq->lock);
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
