// SPDX-License-Identifier: MIT
// Routes of many messages at once: KVM takes the whole table with each change,
// so that one by one n messages would cost n^2 / 2 entries.

#include <stdlib.h>
#include <string.h>

#include "lib/kvm/kvm.h"

/* The route that the vector will use: its own if no other vector uses it, or
 * NULL if none is left. */
static struct kvm_route *expect_find(struct lend_kvm *kvm,
				     const struct kvm_expected *expected)
{
	struct kvm_route *route = kvm_route_of_gsi(&kvm->routes, expected->gsi);

	if (route && route->users == 1)
		return route;
	return kvm_route_find(kvm, &expected->message, &route) ? NULL : route;
}

/* Whether KVM's table must change. Each route has a user more afterwards, so
 * that no other message of the batch takes it. */
static bool expect_fill(struct lend_kvm *kvm,
			const struct kvm_expected *expected, unsigned int count)
{
	bool changed = false;

	for (unsigned int i = 0; i < count; i++) {
		struct kvm_route *route = expect_find(kvm, &expected[i]);

		if (!route)
			break;
		changed |= !route->known ||
			   !kvm_message_equal(&route->message,
					      &expected[i].message);
		route->message = expected[i].message;
		route->known = true;
		route->users++;
	}
	return changed;
}

/* Takes the additional users away. A route without others is idle from now
 * on. */
static void expect_let_go(struct kvm_routes *r, const struct kvm_route *before,
			  unsigned int count)
{
	for (unsigned int i = 0; i < r->count; i++) {
		struct kvm_route *route = &r->routes[i];
		unsigned int users = i < count ? before[i].users : 0;

		if (!users && route->users)
			route->idle = ++r->releases;
		route->users = users;
	}
}

static void expect_undo(struct kvm_routes *r, const struct kvm_route *before,
			unsigned int count)
{
	if (count)
		memcpy(r->routes, before, count * sizeof(*before));
	for (unsigned int i = count; i < r->count; i++) {
		r->routes[i].known = false;
		r->routes[i].users = 0;
	}
}

void kvm_routes_expect(struct lend_kvm *kvm,
		       const struct kvm_expected *expected, unsigned int count)
{
	struct kvm_routes *r = &kvm->routes;
	struct kvm_route *before;
	unsigned int known;

	pthread_mutex_lock(&r->lock);
	known = r->count;
	before = calloc(known + 1UL, sizeof(*before));
	if (before) {
		if (known)
			memcpy(before, r->routes, known * sizeof(*before));
		if (expect_fill(kvm, expected, count) && kvm_routes_send(kvm))
			expect_undo(r, before, known);
		else
			expect_let_go(r, before, known);
	}
	pthread_mutex_unlock(&r->lock);
	free(before);
}
