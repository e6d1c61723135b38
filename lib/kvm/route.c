// SPDX-License-Identifier: MIT
// Routes of MSI messages into the guest, beside those of the machine itself:
// the table for KVM_SET_GSI_ROUTING.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/kvm/kvm.h"

static bool gsi_is_taken(const struct kvm_routes *r, unsigned int gsi)
{
	return r->taken[gsi / 64] >> gsi % 64 & 1;
}

static struct kvm_irq_routing_entry route_entry(const struct kvm_route *route)
{
	const struct kvm_message *message = &route->message;

	return (struct kvm_irq_routing_entry){
		.gsi = route->gsi,
		.type = KVM_IRQ_ROUTING_MSI,
		.flags = message->has_requester ? KVM_MSI_VALID_DEVID : 0,
		.u.msi = {.address_lo = (__u32)message->address,
			  .address_hi = (__u32)(message->address >> 32),
			  .data = message->data,
			  .devid = message->requester},
	};
}

int kvm_routes_send(struct lend_kvm *kvm)
{
	struct kvm_routes *r = &kvm->routes;
	unsigned int n = r->own_count;
	int err;

	if (n)
		memcpy(r->table->entries, r->own, n * sizeof(r->own[0]));
	for (unsigned int i = 0; i < r->count; i++)
		if (r->routes[i].known)
			r->table->entries[n++] = route_entry(&r->routes[i]);
	r->table->nr = n;
	r->table->flags = 0;
	err = kvm_vm_ioctl(kvm, KVM_SET_GSI_ROUTING, r->table);
	return err < 0 ? err : 0;
}

int kvm_routes_resize(struct kvm_routes *r, unsigned int own, unsigned int room)
{
	struct kvm_irq_routing *table = realloc(
		r->table, sizeof(*table) + ((size_t)own + room) *
						   sizeof(table->entries[0]));

	if (!table)
		return -ENOMEM;
	r->table = table;
	return 0;
}

static int route_grow(struct kvm_routes *r)
{
	unsigned int room = r->room ? 2 * r->room : 16;
	struct kvm_route *routes;
	int err;

	if (r->count < r->room)
		return 0;
	err = kvm_routes_resize(r, r->own_count, room);
	if (err)
		return err;
	routes = reallocarray(r->routes, room, sizeof(*routes));
	if (!routes)
		return -ENOMEM;
	r->routes = routes;
	r->room = room;
	return 0;
}

/* The GSI after those of the machine, which are not all consecutive. */
static int route_next_gsi(const struct kvm_routes *r)
{
	unsigned int gsi = LEND_KVM_GSIS;

	while (gsi && !gsi_is_taken(r, gsi - 1))
		gsi--;
	return gsi < LEND_KVM_GSIS ? (int)gsi : -ENOSPC;
}

static int route_take_gsi(struct lend_kvm *kvm)
{
	struct kvm_routes *r = &kvm->routes;
	int gsi;

	if (r->own_count + r->count >= LEND_KVM_GSIS)
		return -ENOSPC;
	gsi = kvm->gsi ? kvm->gsi(kvm->opaque) : route_next_gsi(r);
	if (gsi < 0)
		return gsi;
	if (gsi >= LEND_KVM_GSIS || gsi_is_taken(r, (unsigned int)gsi))
		return -EINVAL;
	kvm_gsi_mark(r->taken, (unsigned int)gsi);
	return gsi;
}

static void route_log_limit(struct lend_kvm *kvm)
{
	if (!kvm->routes.limit_logged)
		lend_log(kvm->ctx, LEND_LOG_WARNING,
			 "all %u interrupt routes are in use: KVM delivers no "
			 "further vectors",
			 kvm->routes.count);
	kvm->routes.limit_logged = true;
}

/* A new route; the longest idle one if there can be none. */
static int route_add(struct lend_kvm *kvm, struct kvm_route *oldest,
		     struct kvm_route **route)
{
	struct kvm_routes *r = &kvm->routes;
	size_t at = oldest ? (size_t)(oldest - r->routes) : 0;
	int gsi, err = route_grow(r);

	if (err)
		return err;
	gsi = route_take_gsi(kvm);
	if (gsi >= 0) {
		*route = &r->routes[r->count++];
		**route = (struct kvm_route){.gsi = (unsigned int)gsi};
		return 0;
	}
	if (gsi == -ENOSPC && oldest) {
		*route = &r->routes[at];
		return 0;
	}
	if (gsi == -ENOSPC)
		route_log_limit(kvm);
	return gsi;
}

/* A route to reuse is one unknown to KVM, or the longest idle one if enough are
 * idle. */
int kvm_route_find(struct lend_kvm *kvm, const struct kvm_message *message,
		   struct kvm_route **found)
{
	struct kvm_routes *r = &kvm->routes;
	struct kvm_route *spare = NULL, *oldest = NULL;
	unsigned int idle = 0;

	for (unsigned int i = 0; i < r->count; i++) {
		struct kvm_route *route = &r->routes[i];

		if (!route->known) {
			spare = spare ? spare : route;
			continue;
		}
		if (kvm_message_equal(&route->message, message)) {
			*found = route;
			return 0;
		}
		if (route->users)
			continue;
		idle++;
		if (!oldest || route->idle < oldest->idle)
			oldest = route;
	}
	*found = idle >= KVM_ROUTES_IDLE ? oldest : spare;
	return *found ? 0 : route_add(kvm, oldest, found);
}

static int route_set(struct lend_kvm *kvm, struct kvm_route *route,
		     const struct kvm_message *message)
{
	const struct kvm_route before = *route;
	int err;

	if (route->known && kvm_message_equal(&route->message, message))
		return 0;
	route->message = *message;
	route->known = true;
	err = kvm_routes_send(kvm);
	if (err)
		*route = before;
	return err;
}

static int route_get_locked(struct lend_kvm *kvm,
			    const struct kvm_message *message)
{
	struct kvm_route *route;
	int err = kvm_route_find(kvm, message, &route);

	if (!err)
		err = route_set(kvm, route, message);
	if (err)
		return err;
	route->users++;
	return (int)route->gsi;
}

int kvm_route_get(struct lend_kvm *kvm, const struct kvm_message *message)
{
	int gsi;

	pthread_mutex_lock(&kvm->routes.lock);
	gsi = route_get_locked(kvm, message);
	pthread_mutex_unlock(&kvm->routes.lock);
	return gsi;
}

struct kvm_route *kvm_route_of_gsi(struct kvm_routes *r, int gsi)
{
	for (unsigned int i = 0; gsi >= 0 && i < r->count; i++)
		if (r->routes[i].gsi == (unsigned int)gsi)
			return r->routes[i].users ? &r->routes[i] : NULL;
	return NULL;
}

void kvm_route_put(struct lend_kvm *kvm, int gsi)
{
	struct kvm_routes *r = &kvm->routes;
	struct kvm_route *route;

	pthread_mutex_lock(&r->lock);
	route = kvm_route_of_gsi(r, gsi);
	if (route && !--route->users)
		route->idle = ++r->releases;
	pthread_mutex_unlock(&r->lock);
}

int kvm_route_change(struct lend_kvm *kvm, int gsi,
		     const struct kvm_message *message)
{
	struct kvm_routes *r = &kvm->routes;
	struct kvm_route *route;
	int err;

	pthread_mutex_lock(&r->lock);
	route = kvm_route_of_gsi(r, gsi);
	if (!route)
		err = -EINVAL;
	else if (route->users > 1 &&
		 !kvm_message_equal(&route->message, message))
		err = -EBUSY;
	else
		err = route_set(kvm, route, message);
	pthread_mutex_unlock(&r->lock);
	return err;
}
