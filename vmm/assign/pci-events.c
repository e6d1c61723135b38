// SPDX-License-Identifier: MIT
// Events that a lent PCI function reports to the machine instead of the guest:
// errors, and requests to release the device.
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <lend/lend.h>

#include "vmm/assign/pci-ops.h"

/* Whether an event was pending. */
static bool assign_event_take(const struct assign_pci_event *event)
{
	uint64_t count;

	return read(event->fd, &count, sizeof(count)) == sizeof(count);
}

/* A guest that keeps the device must find nothing there. */
static void assign_event_lose_server(struct assign_pci *a)
{
	if (a->machine)
		lend_pci_stop(a->pci);
	/* It may be closed when this returns. */
	machine_lose_server(a->watched, &a->device);
}

static void assign_event_on_error(void *opaque)
{
	struct assign_pci *a = opaque;

	/* All functions on a bus report an error; the first record stays. */
	if (!assign_event_take(&a->error) || a->watched->failure)
		return;
	lend_device_fault(a->lent);
	if (lend_device_is_lost(a->lent)) {
		assign_event_lose_server(a);
		return;
	}
	/* It may be closed when this returns. */
	machine_lose(a->watched, a->place.port, lend_device_name(a->lent));
}

static void assign_event_on_request(void *opaque)
{
	struct assign_pci *a = opaque;

	/* It may be closed when this returns. */
	if (assign_event_take(&a->request))
		machine_recall(a->watched, a->place.port,
			       lend_pci_name(a->pci));
}

/* Not every device has both kinds, and the machine can run without them. */
static void assign_event_arm(struct assign_pci *a,
			     struct assign_pci_event *event, unsigned int index,
			     void (*ready)(void *opaque), const char *what)
{
	int err;

	if (!lend_device_irq(a->lent, index)->count)
		return;
	event->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	event->item = (struct watch_item){event->fd, ready, a};
	err = event->fd < 0 ? -errno : 0;
	if (!err)
		err = watch_add(&a->watched->watch, &event->item);
	if (!err)
		err = lend_irq_set(a->lent, index, 0, 1, &event->fd);
	if (err)
		lend_log(a->watched->ctx, LEND_LOG_WARNING,
			 "%s: cannot watch for %s: %s", lend_pci_name(a->pci),
			 what, strerror(err < 0 ? -err : ENOSPC));
}

/* The event for errors reports that it is lost. */
static void assign_event_on_server(void *opaque)
{
	struct assign_pci *a = opaque;

	if (lend_device_serve(a->lent))
		watch_remove(&a->watched->watch, &a->server);
}

static void assign_event_arm_server(struct assign_pci *a)
{
	a->server = (struct watch_item){lend_device_fd(a->lent),
					assign_event_on_server, a};
	if (watch_add(&a->watched->watch, &a->server))
		lend_log(a->watched->ctx, LEND_LOG_WARNING,
			 "%s: cannot watch for its server: %s",
			 lend_pci_name(a->pci), strerror(errno));
}

void assign_pci_arm(struct assign_pci *a, struct machine *machine)
{
	if (a->watched)
		return;
	a->watched = machine;
	assign_event_arm(a, &a->error, LEND_PCI_IRQ_ERR, assign_event_on_error,
			 "device errors");
	if (a->device.space)
		assign_event_arm_server(a);
	if (!a->keeps)
		assign_event_arm(a, &a->request, LEND_PCI_IRQ_REQ,
				 assign_event_on_request,
				 "requests to release the device");
}

static void assign_event_disarm(struct assign_pci *a,
				struct assign_pci_event *event)
{
	if (a->watched)
		watch_remove(&a->watched->watch, &event->item);
	if (event->fd >= 0)
		close(event->fd);
}

void assign_pci_disarm(struct assign_pci *a)
{
	assign_event_disarm(a, &a->error);
	assign_event_disarm(a, &a->request);
	if (a->watched)
		watch_remove(&a->watched->watch, &a->server);
}
