// SPDX-License-Identifier: MIT
// Routes of MSI messages into the guest: the table for KVM_SET_GSI_ROUTING.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/context.h>

#include "vmm/arch.h"
#include "vmm/irq/irq.h"

/* A route that was used keeps its message when it has no users. */
struct irq_route {
	struct irq_msi message;
	unsigned int users;
	bool known;    /* KVM has it */
	uint64_t idle; /* when its last user released it */
};

static struct kvm_irq_routing_entry msi_route(unsigned int gsi,
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
	unsigned int n = IRQ_FIXED;

	arch_irq_pins(irq->table->entries);
	for (unsigned int i = 0; i < irq->msi_count; i++)
		if (irq->msi[i].known)
			irq->table->entries[n++] =
				msi_route(IRQ_PINS + i, &irq->msi[i].message);
	irq->table->nr = n;
	irq->table->flags = 0;
	return ioctl(irq->vm_fd, KVM_SET_GSI_ROUTING, irq->table) < 0 ? -errno
								      : 0;
}

static bool same_message(const struct irq_msi *a, const struct irq_msi *b)
{
	return a->address == b->address && a->data == b->data &&
	       a->requester == b->requester;
}

/* Make room for more routes; the table grows with them. */
static int route_table_grow(struct irq *irq)
{
	unsigned int want = irq->msi_count ? 2 * irq->msi_count : 16;
	struct irq_route *msi;
	struct kvm_irq_routing *table;

	if (want > IRQ_MAX_MSI)
		want = IRQ_MAX_MSI;
	if (want == irq->msi_count) {
		if (!irq->limit_logged)
			lend_log(irq->ctx, LEND_LOG_WARNING,
				 "all %u interrupt routes are in use: further "
				 "vectors are slower, since they are delivered "
				 "by this process",
				 IRQ_MAX_MSI);
		irq->limit_logged = true;
		return -ENOSPC;
	}
	table = realloc(irq->table,
			sizeof(*table) +
				(IRQ_FIXED + want) * sizeof(table->entries[0]));
	if (!table)
		return -ENOMEM;
	irq->table = table;
	msi = reallocarray(irq->msi, want, sizeof(*msi));
	if (!msi)
		return -ENOMEM;
	memset(&msi[irq->msi_count], 0, (want - irq->msi_count) * sizeof(*msi));
	irq->msi = msi;
	irq->msi_count = want;
	return 0;
}

/*
 * The route of @message; else one to reuse for it: a route unknown to KVM, or
 * the longest idle one if enough are idle; else NULL.
 */
static struct irq_route *route_find(struct irq *irq,
				    const struct irq_msi *message)
{
	struct irq_route *spare = NULL, *oldest = NULL;
	unsigned int idle = 0;

	for (unsigned int i = 0; i < irq->msi_count; i++) {
		struct irq_route *route = &irq->msi[i];

		if (!route->known) {
			spare = spare ? spare : route;
			continue;
		}
		if (same_message(&route->message, message))
			return route;
		if (route->users)
			continue;
		idle++;
		if (!oldest || route->idle < oldest->idle)
			oldest = route;
	}
	if (idle >= IRQ_MAX_IDLE || (!spare && irq->msi_count == IRQ_MAX_MSI))
		return oldest;
	return spare;
}

static int set_route(struct irq *irq, struct irq_route *route,
		     const struct irq_msi *message)
{
	const struct irq_route before = *route;
	int err;

	if (route->known && same_message(&route->message, message))
		return 0;
	route->message = *message;
	route->known = true;
	err = send_routes(irq);
	if (err)
		*route = before;
	return err;
}

static int get_locked(struct irq *irq, const struct irq_msi *message)
{
	struct irq_route *route = route_find(irq, message);
	unsigned int first = irq->msi_count;
	int err = route ? 0 : route_table_grow(irq);

	if (err)
		return err;
	if (!route)
		route = &irq->msi[first];
	err = set_route(irq, route, message);
	if (err)
		return err;
	route->users++;
	return IRQ_PINS + (int)(route - irq->msi);
}

int irq_msi_get(struct irq *irq, const struct irq_msi *message)
{
	int gsi;

	pthread_mutex_lock(&irq->lock);
	gsi = get_locked(irq, message);
	pthread_mutex_unlock(&irq->lock);
	return gsi;
}

/* The route of @gsi, or NULL if it has no users. */
static struct irq_route *route_of(struct irq *irq, int gsi)
{
	unsigned int i = (unsigned int)gsi - IRQ_PINS;

	if (gsi < IRQ_PINS || i >= irq->msi_count || !irq->msi[i].users)
		return NULL;
	return &irq->msi[i];
}

void irq_msi_put(struct irq *irq, int gsi)
{
	struct irq_route *route;

	pthread_mutex_lock(&irq->lock);
	route = route_of(irq, gsi);
	if (route && !--route->users)
		route->idle = ++irq->puts;
	pthread_mutex_unlock(&irq->lock);
}

int irq_msi_change(struct irq *irq, int gsi, const struct irq_msi *message)
{
	struct irq_route *route;
	int err;

	pthread_mutex_lock(&irq->lock);
	route = route_of(irq, gsi);
	if (!route)
		err = -EINVAL;
	else if (route->users > 1 && !same_message(&route->message, message))
		err = -EBUSY;
	else
		err = set_route(irq, route, message);
	pthread_mutex_unlock(&irq->lock);
	return err;
}
