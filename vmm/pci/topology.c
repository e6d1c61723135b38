// SPDX-License-Identifier: MIT
// Assigns PCI functions of the guest to bus, slot and function, and adds the
// root ports that this requires.
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lend/error.h>
#include <lend/text.h>

#include "vmm/base/no-memory.h"
#include "vmm/pci/topology.h"

#define SLOTS          32
#define SLOT_FUNCTIONS 8

struct topology_plan {
	struct lend_ctx *ctx;
	struct topology *topology;
	struct topology_wish *wishes;
	size_t count;
	/* The owner of each place: on the root bus, then below each port. */
	const struct topology_wish *root[PCI_HOST_FUNCTIONS];
	const struct topology_wish *below[PCI_HOST_PORTS + 1][SLOT_FUNCTIONS];
};

/* A root port that the configuration does not list. */
static const struct topology_wish made = {
	.name = "a root port",
	.is_port = true,
	.number = -1,
	.link = -1,
};

static int topology_refuse(struct topology_plan *plan,
			   const struct topology_wish *wish,
			   const struct topology_wish *other, const char *fact)
{
	lend_error_set(plan->ctx, LEND_ERROR_ARGUMENT, EINVAL, wish->name, "%s",
		       fact);
	if (other)
		lend_error_evidence(plan->ctx, "-device %s", other->text);
	return lend_error_evidence(plan->ctx, "-device %s", wish->text);
}

static int port_check_id(struct topology_plan *plan,
			 const struct topology_wish *wish)
{
	if (!wish->id)
		return 0;
	if (!strcmp(wish->id, TOPOLOGY_ROOT))
		return topology_refuse(plan, wish, NULL,
				       "id=" TOPOLOGY_ROOT
				       " is reserved for the root bus");
	for (const struct topology_wish *w = plan->wishes; w < wish; w++)
		if (w->id && !strcmp(w->id, wish->id))
			return topology_refuse(plan, wish, w,
					       "id= is used twice");
	return 0;
}

static int port_check_number(struct topology_plan *plan,
			     const struct topology_wish *wish)
{
	for (const struct topology_wish *w = plan->wishes; w < wish; w++)
		if (w->is_port && w->number >= 0 && wish->number == w->number &&
		    wish->chassis == w->chassis)
			return topology_refuse(plan, wish, w,
					       "chassis= and slot= are the "
					       "same for two root ports");
	return 0;
}

/* Add the next port, without a place yet; returns its number. */
static unsigned int add_port(struct topology_plan *plan,
			     const struct topology_wish *wish)
{
	struct topology *t = plan->topology;
	struct pci_port_config *port = &t->ports[t->count++];

	port->name = wish->name;
	port->pluggable = wish->pluggable;
	port->slot = wish->number >= 0 ? (unsigned int)wish->number : t->count;
	port->link = wish->link >= 0 ? (unsigned int)wish->link : t->count;
	return t->count;
}

static int name_ports(struct topology_plan *plan)
{
	int err = 0;

	for (size_t i = 0; !err && i < plan->count; i++) {
		struct topology_wish *wish = &plan->wishes[i];

		err = port_check_id(plan, wish);
		if (err || !wish->is_port)
			continue;
		if (plan->topology->count == PCI_HOST_PORTS)
			return topology_refuse(
				plan, wish, NULL,
				"the root bus holds at most 248 root ports");
		err = port_check_number(plan, wish);
		wish->port = add_port(plan, wish);
	}
	return err;
}

/* A longer list helps nobody. */
enum { BUSES_SHOWN = 8 };

static int refuse_bus(struct topology_plan *plan,
		      const struct topology_wish *wish, bool is_device)
{
	const char **names = calloc(plan->count + 1, sizeof(*names));
	const char *nearest = NULL;
	unsigned int n = 0;

	lend_error_set(plan->ctx, LEND_ERROR_ARGUMENT, EINVAL, wish->name,
		       "bus=%s: %s", wish->bus,
		       is_device ? "not a root port" : "no such bus");
	lend_error_evidence(plan->ctx, "-device %s", wish->text);
	for (size_t i = 0; names && i < plan->count; i++)
		if (plan->wishes[i].is_port && plan->wishes[i].id)
			names[n++] = plan->wishes[i].id;
	if (names) {
		names[n++] = TOPOLOGY_ROOT;
		nearest = lend_nearest(wish->bus, names, n);
	}
	for (unsigned int i = n; i && n - i < BUSES_SHOWN; i--)
		lend_error_evidence(plan->ctx, "present: bus=%s", names[i - 1]);
	if (n > BUSES_SHOWN)
		lend_error_evidence(plan->ctx, "and %u more", n - BUSES_SHOWN);
	if (nearest)
		lend_error_remedy(plan->ctx, "%s is the nearest", nearest);
	else
		lend_error_remedy(plan->ctx, "-device pcie-root-port,id=%s",
				  wish->bus);
	free(names);
	return -EINVAL;
}

/* Find the port whose bus the wish names. */
static int find_bus(struct topology_plan *plan, struct topology_wish *wish)
{
	const struct topology_wish *w = plan->wishes;

	if (!wish->bus || !strcmp(wish->bus, TOPOLOGY_ROOT))
		return 0;
	if (wish->is_port) {
		topology_refuse(plan, wish, NULL,
				"root ports must be on the root bus");
		return lend_error_remedy(plan->ctx, "omit bus=");
	}
	while (w < plan->wishes + plan->count &&
	       (!w->id || strcmp(w->id, wish->bus)))
		w++;
	if (w == plan->wishes + plan->count || !w->is_port)
		return refuse_bus(plan, wish, w < plan->wishes + plan->count);
	wish->port = w->port;
	return 0;
}

static const struct topology_wish **place_holder(struct topology_plan *plan,
						 struct pci_place place)
{
	return place.port ? &plan->below[place.port][place.function]
			  : &plan->root[pci_place_devfn(place)];
}

static void place_put(struct topology_plan *plan, struct topology_wish *wish,
		      struct pci_place place)
{
	*place_holder(plan, place) = wish;
	wish->place = place;
	wish->is_placed = true;
	if (wish->is_port)
		plan->topology->ports[wish->port - 1].place = place;
}

static int refuse_slot(struct topology_plan *plan,
		       const struct topology_wish *wish)
{
	if (!wish->port || wish->is_port) {
		topology_refuse(plan, wish, NULL,
				"slot 0 is in use by the host bridge");
		return lend_error_remedy(
			plan->ctx, "use addr=1 to addr=1f, or omit addr=");
	}
	lend_error_set(plan->ctx, LEND_ERROR_ARGUMENT, EINVAL, wish->name,
		       "addr=%x.%x: root port %s has only slot 0",
		       (unsigned int)wish->slot, (unsigned int)wish->function,
		       wish->bus);
	lend_error_evidence(plan->ctx, "-device %s", wish->text);
	return lend_error_remedy(plan->ctx,
				 "use addr=0.0 to addr=0.7, or omit addr=");
}

static int refuse_taken(struct topology_plan *plan,
			const struct topology_wish *wish,
			const struct topology_wish *other,
			struct pci_place place)
{
	lend_error_set(plan->ctx, LEND_ERROR_ARGUMENT, EINVAL, wish->name,
		       "%s%s%saddr=%x.%x is in use by %s",
		       wish->bus ? "bus=" : "", wish->bus ? wish->bus : "",
		       wish->bus ? "," : "", place.slot, place.function,
		       other->name);
	lend_error_evidence(plan->ctx, "-device %s", other->text);
	lend_error_evidence(plan->ctx, "-device %s", wish->text);
	if (place.port)
		return lend_error_remedy(
			plan->ctx, "a root port has one slot: use addr=0.1 to "
				   "addr=0.7, or another port");
	return lend_error_remedy(plan->ctx, "change one addr=, or omit it");
}

/* Place a wish with an explicit or forced address. */
static int put_fixed(struct topology_plan *plan, struct topology_wish *wish)
{
	unsigned int port = wish->is_port ? 0 : wish->port;
	unsigned int slot = wish->slot < 0 ? 0 : (unsigned int)wish->slot;
	struct pci_place place =
		pci_place(port, slot, (unsigned int)wish->function);

	if (!port == !slot)
		return refuse_slot(plan, wish);
	if (*place_holder(plan, place))
		return refuse_taken(plan, wish, *place_holder(plan, place),
				    place);
	place_put(plan, wish, place);
	return 0;
}

static int put_all_fixed(struct topology_plan *plan)
{
	int err = 0;

	for (size_t i = 0; !err && i < plan->count; i++)
		if (plan->wishes[i].slot >= 0)
			err = put_fixed(plan, &plan->wishes[i]);
	for (size_t i = 0; !err && i < plan->count; i++) {
		struct topology_wish *wish = &plan->wishes[i];

		if (wish->slot < 0 && wish->port && !wish->is_port)
			err = put_fixed(plan, wish);
	}
	return err;
}

static bool slot_is_free(const struct topology_plan *plan, unsigned int slot)
{
	for (unsigned int fn = 0; fn < SLOT_FUNCTIONS; fn++)
		if (plan->root[slot * SLOT_FUNCTIONS + fn])
			return false;
	return true;
}

static unsigned int free_slots(const struct topology_plan *plan)
{
	unsigned int count = 0;

	for (unsigned int slot = 1; slot < SLOTS; slot++)
		count += slot_is_free(plan, slot);
	return count;
}

/* The first free slot; the caller knows that there is one. */
static unsigned int next_slot(const struct topology_plan *plan)
{
	unsigned int slot = 1;

	while (slot < SLOTS - 1 && !slot_is_free(plan, slot))
		slot++;
	return slot;
}

/* Whether the wish may go below a port that it does not name. */
static bool is_movable(const struct topology_wish *wish)
{
	return !wish->is_placed && !wish->is_port && !wish->bus;
}

static int refuse_all(struct topology_plan *plan, unsigned int wanted,
		      unsigned int slots)
{
	lend_error_set(
		plan->ctx, LEND_ERROR_PLACEMENT, ENOSPC, NULL,
		"no free PCI slots in the guest for %u devices without addr=",
		wanted);
	lend_error_evidence(plan->ctx,
			    "the root bus has %u slots left, each holds one "
			    "device, or 8 root ports with one device each",
			    slots);
	return lend_error_remedy(plan->ctx,
				 "put several into one slot: addr=SLOT.0 to "
				 "addr=SLOT.7, or bus=PORT,addr=0.0 to "
				 "addr=0.7");
}

/*
 * Count the movable wishes that stay on the root bus: each slot given up to
 * root ports holds 8 of the others.
 */
static int count_staying(struct topology_plan *plan, unsigned int *staying)
{
	unsigned int slots = free_slots(plan), fixed = 0, movable = 0,
		     spare = 0, given = 0;

	for (size_t i = 0; i < plan->count; i++) {
		const struct topology_wish *wish = &plan->wishes[i];

		movable += is_movable(wish);
		spare += wish->is_spare;
		fixed += !is_movable(wish) && !wish->is_placed &&
			 !wish->is_spare;
	}
	fixed += (spare + SLOT_FUNCTIONS - 1) / SLOT_FUNCTIONS;
	if (fixed > slots)
		return refuse_all(plan, fixed + movable, slots);
	slots -= fixed;
	if (movable > slots)
		given = (movable - slots + SLOT_FUNCTIONS - 2) /
			(SLOT_FUNCTIONS - 1);
	if (given > slots ||
	    plan->topology->count + (given ? movable - (slots - given) : 0) >
		    PCI_HOST_PORTS)
		return refuse_all(plan, fixed + movable, slots + fixed);
	*staying = given ? slots - given : movable;
	return 0;
}

/* The next of the places of which 8 ports share a slot. */
static struct pci_place next_shared(const struct topology_plan *plan,
				    unsigned int *port_place)
{
	if (*port_place % SLOT_FUNCTIONS == 0)
		*port_place = next_slot(plan) * SLOT_FUNCTIONS;
	return pci_place_at(0, (*port_place)++);
}

static void put_spare(struct topology_plan *plan)
{
	unsigned int port_place = 0;

	for (size_t i = 0; i < plan->count; i++)
		if (plan->wishes[i].is_spare)
			place_put(plan, &plan->wishes[i],
				  next_shared(plan, &port_place));
}

/* Place the wish below a port of its own. */
static void put_below(struct topology_plan *plan, struct topology_wish *wish,
		      unsigned int *port_place)
{
	unsigned int port = add_port(plan, &made);
	struct pci_place place = next_shared(plan, port_place);

	plan->topology->ports[port - 1].place = place;
	*place_holder(plan, place) = &made;
	wish->port = port;
	place_put(plan, wish, pci_place(port, 0, 0));
}

static int put_rest(struct topology_plan *plan)
{
	unsigned int staying = 0, port_place = 0;
	int err = count_staying(plan, &staying);

	for (size_t i = 0; !err && i < plan->count; i++) {
		struct topology_wish *wish = &plan->wishes[i];

		if (wish->is_placed || wish->is_spare ||
		    (is_movable(wish) && !staying))
			continue;
		staying -= is_movable(wish);
		place_put(plan, wish, pci_place(0, next_slot(plan), 0));
	}
	if (!err)
		put_spare(plan);
	for (size_t i = 0; !err && i < plan->count; i++)
		if (is_movable(&plan->wishes[i]))
			put_below(plan, &plan->wishes[i], &port_place);
	return err;
}

/* Without function 0 the guest does not probe the other functions. */
static int check_function_0(struct topology_plan *plan,
			    const struct topology_wish *wish)
{
	struct pci_place first = wish->place;

	first.function = 0;
	if (*place_holder(plan, first))
		return 0;
	topology_refuse(plan, wish, NULL,
			"the slot has no function 0: the guest does not probe "
			"the other functions");
	if (first.port)
		return lend_error_remedy(plan->ctx,
					 "give one device bus=%s,addr=0.0",
					 wish->bus);
	return lend_error_remedy(plan->ctx, "give one device addr=%x.0",
				 first.slot);
}

int topology_plan(struct topology *topology, struct lend_ctx *ctx,
		  struct topology_wish *wishes, size_t count)
{
	struct topology_plan plan = {
		.ctx = ctx,
		.topology = topology,
		.wishes = wishes,
		.count = count,
	};
	int err;

	*topology = (struct topology){
		.ports = calloc(PCI_HOST_PORTS, sizeof(topology->ports[0])),
	};
	if (!topology->ports)
		return vmm_no_memory(ctx, NULL);
	for (size_t i = 0; i < count; i++) {
		wishes[i].port = 0;
		wishes[i].is_placed = false;
	}
	err = name_ports(&plan);
	for (size_t i = 0; !err && i < count; i++)
		err = find_bus(&plan, &wishes[i]);
	if (!err)
		err = put_all_fixed(&plan);
	if (!err)
		err = put_rest(&plan);
	for (size_t i = 0; !err && i < count; i++)
		err = check_function_0(&plan, &wishes[i]);
	return err;
}

void topology_free(struct topology *topology)
{
	free(topology->ports);
	*topology = (struct topology){};
}

const struct topology *topology_or_none(const struct topology *topology)
{
	static const struct topology none;

	return topology ? topology : &none;
}

unsigned int topology_count_pluggable(const struct topology *topology)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < topology->count; i++)
		count += topology->ports[i].pluggable;
	return count;
}

unsigned int topology_find_port(const struct topology *topology,
				const char *name)
{
	for (unsigned int i = 0; i < topology->count; i++)
		if (!strcmp(topology->ports[i].name, name))
			return i + 1;
	return 0;
}

bool topology_is_pluggable(const struct topology *topology, unsigned int port)
{
	return port && port <= topology->count &&
	       topology->ports[port - 1].pluggable;
}
