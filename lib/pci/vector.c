// SPDX-License-Identifier: MIT
// MSI and MSI-X vectors: masking disconnects the eventfd from the virtual
// machine but not from VFIO, so that its count is the pending bit and masking
// costs one call.

#include <errno.h>
#include <poll.h>
#include <stdlib.h>

#include <lend/irq.h>

#include "lib/base/context.h"
#include "lib/device/irq.h"
#include "lib/pci/function.h"
#include "lib/pci/pci.h"
#include "lib/pci/vector.h"

int vectors_init(struct vectors *set, unsigned int irq, unsigned int count,
		 enum growth growth)
{
	unsigned int i;

	set->irq = irq;
	set->growth = growth;
	set->room = 1;
	if (!count)
		return 0;
	set->vector = calloc(count, sizeof(*set->vector));
	set->fds = calloc(count, sizeof(*set->fds));
	if (!set->vector || !set->fds)
		return -ENOMEM;
	set->count = count;
	for (i = 0; i < count; i++)
		set->vector[i].fd = -1;
	return 0;
}

void vectors_destroy(struct vectors *set)
{
	free(set->fds);
	free(set->vector);
	set->fds = NULL;
	set->vector = NULL;
	set->count = 0;
}

#define CANNOT_SWITCH_ON "cannot enable interrupts in the device"

static void vectors_warn(struct lend_pci *pci, struct vectors *set, int err,
			 const char *what)
{
	pci_warn_once(pci, &set->warned, err, "%s: %s",
		      set->irq == LEND_PCI_IRQ_MSI ? "MSI" : "MSI-X", what);
}

static int vectors_trigger(struct lend_pci *pci, struct vectors *set,
			   unsigned int first, unsigned int end)
{
	unsigned int i;
	int err;

	for (i = first; i < end; i++) {
		const struct vector *v = &set->vector[i];

		set->fds[i] = v->wired || v->connected ? v->fd : -1;
	}
	err = device_irq_set(pci->device, set->irq, first, end - first,
			     set->fds + first);
	if (err) /* above 0: the number of vectors available */
		return err < 0 ? err : -ENOSPC;
	for (i = first; i < end; i++)
		set->vector[i].wired = set->fds[i] >= 0;
	set->on = true;
	if (end > set->capacity)
		set->capacity = end;
	return 0;
}

/*
 * Enables the index with at least all vectors below @end. If growing requires
 * disabling the index, more are reserved at once. If the host has fewer, those
 * it has are used.
 */
static int vectors_switch_on(struct lend_pci *pci, struct vectors *set,
			     unsigned int end)
{
	unsigned int room = end > set->room ? end : set->room;
	int err;

	while (set->growth == GROWTH_ANEW && room & (room - 1))
		room += room & -room;
	if (room > set->count)
		room = set->count;
	err = vectors_trigger(pci, set, 0, room);
	while (err && room > 1) {
		room = room > end ? end : room / 2;
		err = vectors_trigger(pci, set, 0, room);
	}
	return room < end ? -ENOSPC : err;
}

static void vectors_switch_off(struct lend_pci *pci, struct vectors *set)
{
	unsigned int i;

	if (set->on)
		device_irq_disable(pci->device, set->irq);
	set->on = false;
	set->capacity = 0;
	for (i = 0; i < set->count; i++)
		set->vector[i].wired = false;
}

/* Interrupts that fire while the index is disabled are lost, so each vector is
 * signalled once: a spurious interrupt is harmless. */
static int vectors_switch_on_again(struct lend_pci *pci, struct vectors *set,
				   unsigned int end)
{
	const struct kernel *k = pci->ctx->kernel;
	static const uint64_t one = 1;
	unsigned int used = set->capacity;
	unsigned int i;
	int err;

	for (i = 0; i < used; i++)
		set->vector[i].was_wired = set->vector[i].wired;
	vectors_switch_off(pci, set);
	for (i = 0; i < used; i++)
		set->vector[i].wired = set->vector[i].was_wired;
	err = vectors_switch_on(pci, set, end);
	for (i = 0; i < set->count; i++)
		set->vector[i].wired &= i < set->capacity;
	for (i = 0; i < used; i++)
		if (set->vector[i].was_wired)
			k->write(k, set->vector[i].fd, &one, sizeof(one));
	return err;
}

static void vectors_wire(struct lend_pci *pci, struct vectors *set,
			 unsigned int first, unsigned int end)
{
	int err;

	if (!set->on)
		err = vectors_switch_on(pci, set, end);
	else if (set->growth == GROWTH_NEVER && end > set->capacity)
		err = -ENOSPC;
	else if (set->growth == GROWTH_ANEW && end > set->capacity)
		err = vectors_switch_on_again(pci, set, end);
	else
		err = vectors_trigger(pci, set, first, end);
	if (err)
		vectors_warn(pci, set, err, CANNOT_SWITCH_ON);
}

void vectors_start(struct lend_pci *pci, struct vectors *set)
{
	int err = set->on ? 0 : vectors_switch_on(pci, set, 1);

	if (err)
		vectors_warn(pci, set, err, CANNOT_SWITCH_ON);
}

static bool connect_vector(struct lend_pci *pci, struct vectors *set,
			   unsigned int i)
{
	const struct kernel *k = pci->ctx->kernel;
	struct vector *v = &set->vector[i];
	int err;

	if (v->fd < 0)
		v->fd = k->eventfd(k);
	if (v->fd < 0) {
		vectors_warn(pci, set, v->fd,
			     "out of file descriptors: each vector needs one");
		v->fd = -1;
		return false;
	}
	err = pci->ops.msi_connect(pci->opaque, i, v->fd, v->address, v->data);
	if (err) {
		vectors_warn(pci, set, err, "cannot route an interrupt");
		return v->connected;
	}
	v->known = true;
	v->changed = false;
	return true;
}

static bool wants_connection(const struct vector *v)
{
	return v->live && (!v->connected || v->changed);
}

static void sync_one(struct lend_pci *pci, struct vectors *set, unsigned int i)
{
	struct vector *v = &set->vector[i];

	if (wants_connection(v)) {
		v->connected = connect_vector(pci, set, i);
	} else if (!v->live && v->connected) {
		pci->ops.msi_disconnect(pci->opaque, i, v->fd);
		v->connected = false;
	}
}

/* Announces the messages of a batch. Without memory there is none. */
static void vectors_announce(struct lend_pci *pci, const struct vectors *set,
			     unsigned int first, unsigned int end)
{
	struct lend_pci_message *messages;
	unsigned int n = 0;

	for (unsigned int i = first; i < end; i++)
		n += wants_connection(&set->vector[i]);
	messages = n > 1 && pci->ops.msi_expect ? calloc(n, sizeof(*messages))
						: NULL;
	if (!messages)
		return;
	n = 0;
	for (unsigned int i = first; i < end; i++)
		if (wants_connection(&set->vector[i]))
			messages[n++] = (struct lend_pci_message){
				.address = set->vector[i].address,
				.data = set->vector[i].data,
				.vector = i,
			};
	pci->ops.msi_expect(pci->opaque, messages, n);
	free(messages);
}

void vectors_sync(struct lend_pci *pci, struct vectors *set, unsigned int first,
		  unsigned int count)
{
	unsigned int end = first + count;
	unsigned int i, run = first;

	vectors_announce(pci, set, first, end);
	for (i = first; i < end; i++)
		sync_one(pci, set, i);
	/* Adjacent vectors that are new to the device take one call. */
	for (i = first; i <= end; i++) {
		if (i < end && set->vector[i].connected &&
		    !set->vector[i].wired)
			continue;
		if (i > run)
			vectors_wire(pci, set, run, i);
		run = i + 1;
	}
}

void vectors_stop(struct lend_pci *pci, struct vectors *set)
{
	const struct kernel *k = pci->ctx->kernel;
	unsigned int i;

	for (i = 0; i < set->count; i++)
		set->vector[i].live = false;
	for (i = 0; i < set->count; i++)
		sync_one(pci, set, i);
	vectors_switch_off(pci, set);
	for (i = 0; i < set->count; i++) {
		struct vector *v = &set->vector[i];

		if (v->known)
			pci->ops.msi_release(pci->opaque, i);
		if (v->fd >= 0)
			k->close(k, v->fd);
		*v = (struct vector){.fd = -1};
	}
}

uint64_t vectors_pending(struct lend_pci *pci, const struct vectors *set,
			 unsigned int first, unsigned int count)
{
	const struct kernel *k = pci->ctx->kernel;
	struct pollfd fds[64];
	unsigned int bits[64];
	unsigned int i, n = 0;
	uint64_t pending = 0;

	for (i = 0; i < count && first + i < set->count; i++) {
		const struct vector *v = &set->vector[first + i];

		if (v->fd < 0 || v->connected)
			continue;
		fds[n] = (struct pollfd){.fd = v->fd, .events = POLLIN};
		bits[n++] = i;
	}
	if (!n || k->poll(k, fds, n, 0) <= 0)
		return 0;
	for (i = 0; i < n; i++)
		if (fds[i].revents & POLLIN)
			pending |= 1ull << bits[i];
	return pending;
}
