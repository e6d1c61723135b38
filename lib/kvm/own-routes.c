// SPDX-License-Identifier: MIT
// The virtual machine's own routes, which KVM's one table has beside those of
// lent devices.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/kvm/kvm.h"

/* Returns 0, or -EINVAL: a GSI is out of range, or that of a lent device. */
static int own_routes_mark(const struct kvm_routes *r,
			   const struct kvm_irq_routing_entry *own,
			   unsigned int own_count, uint64_t *taken)
{
	uint64_t lent[LEND_KVM_GSIS / 64] = {0};

	for (unsigned int i = 0; i < r->count; i++)
		kvm_gsi_mark(lent, r->routes[i].gsi);
	memcpy(taken, lent, sizeof(lent));
	for (unsigned int i = 0; i < own_count; i++) {
		unsigned int gsi = own[i].gsi;

		if (gsi >= LEND_KVM_GSIS || lent[gsi / 64] >> gsi % 64 & 1)
			return -EINVAL;
		kvm_gsi_mark(taken, gsi);
	}
	return 0;
}

static struct kvm_irq_routing_entry *
own_routes_copy(const struct kvm_irq_routing_entry *own, unsigned int count)
{
	struct kvm_irq_routing_entry *copy = calloc(count + 1UL, sizeof(*copy));

	if (copy && own && count)
		memcpy(copy, own, count * sizeof(*copy));
	return copy;
}

static int own_routes_swap(struct lend_kvm *kvm, struct kvm_routes *new)
{
	struct kvm_routes *r = &kvm->routes;
	struct kvm_irq_routing_entry *before = r->own;
	unsigned int count = r->own_count;
	int err = kvm_routes_resize(r, new->own_count, r->room);

	if (err)
		return err;
	r->own = new->own;
	r->own_count = new->own_count;
	err = kvm_routes_send(kvm);
	if (!err) {
		new->own = before;
		memcpy(r->taken, new->taken, sizeof(r->taken));
		return 0;
	}
	r->own = before;
	r->own_count = count;
	/* The table may be too small for what there was. */
	return kvm_routes_resize(r, count, r->room) ? -ENOMEM : err;
}

static int own_routes_set(struct lend_kvm *kvm,
			  const struct kvm_irq_routing_entry *own,
			  unsigned int count)
{
	struct kvm_routes *r = &kvm->routes;
	struct kvm_routes new = {.own_count = count};
	int err;

	if (count > LEND_KVM_GSIS - r->count)
		return -ENOSPC;
	err = own_routes_mark(r, own, count, new.taken);
	if (err)
		return err;
	new.own = own_routes_copy(own, count);
	err = new.own ? own_routes_swap(kvm, &new) : -ENOMEM;
	free(new.own);
	return err;
}

int lend_kvm_set_routes(struct lend_kvm *kvm,
			const struct kvm_irq_routing_entry *routes,
			unsigned int count)
{
	int err;

	pthread_mutex_lock(&kvm->routes.lock);
	err = own_routes_set(kvm, routes, count);
	pthread_mutex_unlock(&kvm->routes.lock);
	return err;
}

static int own_routes_refuse(struct lend_ctx *ctx)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "routes of struct lend_kvm_options are out of range");
	lend_error_evidence(ctx, "KVM has %d routes, with GSIs less than %d",
			    LEND_KVM_GSIS, LEND_KVM_GSIS);
	return lend_error_remedy(ctx, "set routes to the machine's entries, "
				      "and route_count to their number");
}

static int own_routes_unknown(struct lend_ctx *ctx)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENOTSUP, NULL,
		       "KVM's routes on this processor architecture are "
		       "unknown");
	return lend_error_remedy(ctx, "set routes of struct lend_kvm_options");
}

int kvm_routes_init(struct lend_kvm *kvm,
		    const struct kvm_irq_routing_entry *own,
		    unsigned int own_count)
{
	struct kvm_routes *r = &kvm->routes;

	if (!own && !kvm_pin_count)
		return own_routes_unknown(kvm->ctx);
	if (!own)
		own_count = kvm_pin_count;
	if (own_count > LEND_KVM_GSIS)
		return own_routes_refuse(kvm->ctx);
	r->own = own_routes_copy(own, own_count);
	if (!r->own)
		return error_no_memory(kvm->ctx, NULL);
	r->own_count = own_count;
	if (!own)
		kvm_pins_fill(r->own);
	if (own_routes_mark(r, r->own, own_count, r->taken))
		return own_routes_refuse(kvm->ctx);
	return 0;
}

void kvm_routes_destroy(struct kvm_routes *r)
{
	free(r->own);
	free(r->routes);
	free(r->table);
	pthread_mutex_destroy(&r->lock);
}
