// SPDX-License-Identifier: MIT
// Devices come and go while the machine runs: for who controls it.
#include <errno.h>
#include <string.h>

#include <lend/client.h>
#include <lend/context.h>
#include <lend/error.h>

#include "vmm/base/no-memory.h"
#include "vmm/machine/internal.h"
#include "vmm/machine/plug.h"
#include "vmm/pci/hotplug.h"
#include "vmm/pci/topology.h"

/* A device that leaves: its strings outlast it, as the configuration does. */
struct plug_name {
	const char *id;
	const char *device;
};

/* Returns the number of devices below @port. */
static unsigned int plug_names(const struct machine *machine, unsigned int port,
			       struct plug_name names[PCI_PORT_FUNCTIONS])
{
	unsigned int count = 0;

	for (size_t i = 0; i < machine->device_count; i++) {
		const struct machine_device *device = machine->devices[i];

		if (device->port == port && count < PCI_PORT_FUNCTIONS)
			names[count++] =
				(struct plug_name){device->id, device->name};
	}
	return count;
}

static void plug_report(const struct machine *machine,
			enum plug_event_kind kind, const struct plug_name *name,
			const char *why)
{
	const struct plug_watcher *watcher = machine->plug_watcher;
	const struct plug_event event = {
		.kind = kind,
		.id = name->id,
		.device = name->device,
		.why = why,
	};

	if (watcher)
		watcher->event(watcher->opaque, &event);
}

static void plug_report_all(const struct machine *machine,
			    enum plug_event_kind kind, unsigned int port,
			    const char *why)
{
	struct plug_name names[PCI_PORT_FUNCTIONS];
	unsigned int count = plug_names(machine, port, names);

	for (unsigned int i = 0; i < count; i++)
		plug_report(machine, kind, &names[i], why);
}

static struct slot_view plug_look(void *opaque, unsigned int port)
{
	struct machine *machine = opaque;

	return hotplug_look(&machine->pci, port);
}

static void plug_press(void *opaque, unsigned int port)
{
	struct machine *machine = opaque;

	hotplug_press(&machine->pci, port);
}

static bool plug_may_leave(void *opaque)
{
	const struct machine *machine = opaque;

	return !machine->dma.is_pending;
}

static void plug_remove(void *opaque, unsigned int port, bool forced)
{
	struct machine *machine = opaque;
	struct plug_name names[PCI_PORT_FUNCTIONS];
	unsigned int count = plug_names(machine, port, names);

	machine_remove_devices(machine, port);
	unplug_forget(&machine->unplug, port);
	for (unsigned int i = 0; i < count; i++) {
		lend_log(machine->ctx,
			 forced ? LEND_LOG_WARNING : LEND_LOG_INFO,
			 forced ? "%s: removed from the guest by force, and "
				  "closed"
				: "%s: released by the guest, and closed",
			 names[i].device);
		plug_report(machine, PLUG_DELETED, &names[i], NULL);
	}
}

static void plug_give_up(void *opaque, const char *device, const char *why,
			 unsigned int seconds)
{
	struct machine *machine = opaque;

	recall_device(&machine->recall, device, why, seconds);
}

static void plug_refused(void *opaque, unsigned int port, const char *why)
{
	const struct machine *machine = opaque;
	struct plug_name names[PCI_PORT_FUNCTIONS];
	unsigned int count = plug_names(machine, port, names);

	for (unsigned int i = 0; i < count; i++) {
		lend_log(machine->ctx, LEND_LOG_WARNING,
			 "%s: it stays in the guest: %s", names[i].device, why);
		plug_report(machine, PLUG_KEPT, &names[i], why);
	}
}

static void plug_due(void *opaque)
{
	machine_wake(opaque);
}

int machine_open_plug(struct machine *machine)
{
	const struct unplug_host host = {
		.ctx = machine->ctx,
		.watch = &machine->watch,
		.seconds = machine->config->unplug_timeout,
		.look = plug_look,
		.press = plug_press,
		.may_leave = plug_may_leave,
		.remove = plug_remove,
		.give_up = plug_give_up,
		.refused = plug_refused,
		.opaque = machine,
	};
	const struct topology *topology =
		topology_or_none(machine->config->topology);

	return unplug_open(&machine->unplug, &host,
			   topology_count_pluggable(topology) ? topology->count
							      : 0)
		       ? vmm_no_memory(machine->ctx, NULL)
		       : 0;
}

bool machine_may_plug(const struct machine *machine)
{
	return machine->unplug.count && machine->config->may_plug;
}

void machine_start_plug(struct machine *machine)
{
	machine->hotplug = (struct hotplug_owner){
		.irq = &machine->irq,
		.due = plug_due,
		.opaque = machine,
	};
	if (machine->unplug.count)
		hotplug_begin(&machine->pci, &machine->hotplug);
}

/* The record as messages: the run goes on. */
static void plug_log_failure(struct lend_ctx *ctx, const char *device)
{
	const struct lend_error *e = lend_ctx_error(ctx);
	const char *line = e->evidence;

	lend_log(ctx, LEND_LOG_WARNING, "%s: %s", device, e->what);
	while (*line) {
		int length = (int)strcspn(line, "\n");

		lend_log(ctx, LEND_LOG_WARNING, "%s: %.*s", device, length,
			 line);
		line += length + (line[length] != '\0');
	}
}

void machine_on_plug_fail(void *opaque, int err)
{
	struct machine *machine = opaque;
	struct lend_error *record = lend_error_copy(machine->ctx);

	lend_error_free(atomic_exchange(&machine->plug_record, record));
	machine->plug_failure = err;
	machine_wake(machine);
}

void machine_on_mapped(void *opaque)
{
	struct machine *machine = opaque;

	if (machine->unplug.count)
		machine_wake(machine);
}

/* A device in the machine's address space, or NULL. */
static const struct machine_device *
plug_first_lent(const struct machine *machine)
{
	for (size_t i = 0; i < machine->device_count; i++)
		if (!machine->devices[i]->space)
			return machine->devices[i];
	return NULL;
}

bool machine_has_lent(const struct machine *machine)
{
	return plug_first_lent(machine);
}

/* All such devices were plugged since there was none: no RAM is mapped for
 * them. */
static void plug_take_failure(struct machine *machine)
{
	struct lend_error *record =
		atomic_exchange(&machine->plug_record, NULL);
	const struct machine_device *device;

	machine->plug_failure = 0;
	if (record)
		lend_error_restore(machine->ctx, record);
	lend_error_free(record);
	while ((device = plug_first_lent(machine))) {
		unsigned int port = device->port;

		plug_log_failure(machine->ctx, device->name);
		plug_report_all(machine, PLUG_FAILED, port, NULL);
		plug_remove(machine, port, true);
	}
}

/* What goes with the requested device. */
static void plug_log_request(const struct machine *machine, unsigned int port,
			     const char *device)
{
	struct plug_name names[PCI_PORT_FUNCTIONS];
	unsigned int count = plug_names(machine, port, names);

	lend_log(machine->ctx, LEND_LOG_WARNING,
		 "%s: the host requested this device back; it leaves the "
		 "guest within %u s, and the run continues",
		 device, machine->config->unplug_timeout);
	for (unsigned int i = 0; i < count; i++)
		if (strcmp(names[i].device, device))
			lend_log(machine->ctx, LEND_LOG_WARNING,
				 "%s: leaves the guest with %s, which is in "
				 "the same slot",
				 names[i].device, device);
}

void machine_recall(struct machine *machine, unsigned int port,
		    const char *device)
{
	struct unplug *unplug = &machine->unplug;
	const char *obstacle = unplug_obstacle(unplug, port);

	/* A run that is ending ends. */
	if (machine->recall.is_on || obstacle) {
		recall_device(&machine->recall, device, obstacle,
			      machine->config->unplug_timeout);
		return;
	}
	if (unplug_state(unplug, port) == UNPLUG_NONE) {
		plug_log_request(machine, port, device);
		plug_report_all(machine, PLUG_REQUESTED, port, NULL);
	}
	unplug_ask(unplug, port, device, true);
}

/* Why a device below @port cannot be torn out of the guest; NULL: it can. */
static const char *plug_hold(struct machine *machine, unsigned int port)
{
	struct slot_view view = hotplug_look(&machine->pci, port);

	if (!view.is_pluggable)
		return unplug_obstacle(&machine->unplug, port);
	if (!view.has_driver)
		return "the guest has no driver for hot plug";
	return plug_may_leave(machine) ? NULL : "guest RAM is being mapped";
}

void machine_lose(struct machine *machine, unsigned int port,
		  const char *device)
{
	struct lend_ctx *ctx = machine->ctx;
	bool may_detach = machine->config->detach_on_error;
	const char *hold = may_detach ? plug_hold(machine, port) : NULL;

	if (may_detach && !hold) {
		plug_log_failure(ctx, device);
		plug_report_all(machine, PLUG_FAILED, port, NULL);
		plug_remove(machine, port, true);
		return;
	}
	if (hold)
		lend_error_evidence(ctx, "it cannot leave the guest: %s", hold);
	machine_fail(machine,
		     lend_error_evidence(ctx, "the guest is stopped and its "
					      "devices are closed"));
}

void machine_lose_server(struct machine *machine,
			 const struct machine_device *device)
{
	const struct plug_name name = {device->id, device->name};
	const char *hold = plug_hold(machine, device->port);

	plug_log_failure(machine->ctx, name.device);
	if (!hold) {
		plug_report_all(machine, PLUG_FAILED, device->port, NULL);
		plug_remove(machine, device->port, true);
		return;
	}
	plug_report(machine, PLUG_FAILED, &name, NULL);
	lend_log(machine->ctx, LEND_LOG_WARNING,
		 "%s: it stays in the guest, and reads as ones: %s",
		 name.device, hold);
	machine->has_lost = true;
}

/* The first device without a server that can leave by now, or NULL. */
static const struct machine_device *plug_first_lost(struct machine *machine)
{
	for (size_t i = 0; i < machine->device_count; i++)
		if (lend_device_is_lost(machine->lent[i]) &&
		    !plug_hold(machine, machine->devices[i]->port))
			return machine->devices[i];
	return NULL;
}

/* The guest has a driver now, or RAM is mapped. */
static void plug_drop_lost(struct machine *machine)
{
	const struct machine_device *device;

	while ((device = plug_first_lost(machine)))
		plug_remove(machine, device->port, true);
}

static void plug_news(void *opaque, unsigned int port, unsigned int what)
{
	struct machine *machine = opaque;

	unplug_news(&machine->unplug, port, what);
}

void machine_turn_plug(struct machine *machine)
{
	if (machine->plug_failure)
		plug_take_failure(machine);
	hotplug_turn(&machine->pci, plug_news, machine);
	unplug_retry(&machine->unplug);
	if (machine->has_lost)
		plug_drop_lost(machine);
}

/* NULL: no device has this ID. */
static const struct machine_device *plug_find(const struct machine *machine,
					      const char *id)
{
	for (size_t i = 0; i < machine->device_count; i++) {
		const struct machine_device *device = machine->devices[i];

		if (device->id && !strcmp(device->id, id))
			return device;
	}
	return NULL;
}

void machine_watch_plug(struct machine *machine,
			const struct plug_watcher *watcher)
{
	machine->plug_watcher = watcher;
}

enum plug_state machine_plug_state(const struct machine *machine,
				   const char *id)
{
	const struct machine_device *device = plug_find(machine, id);

	if (!device)
		return PLUG_NONE;
	return unplug_state(&machine->unplug, device->port) == UNPLUG_NONE
		       ? PLUG_PLUGGED
		       : PLUG_UNPLUGGING;
}

static int plug_tear_out(struct machine *machine, unsigned int port,
			 const char *device)
{
	if (!hotplug_look(&machine->pci, port).is_pluggable)
		return lend_error_set(machine->ctx, LEND_ERROR_GUEST,
				      EOPNOTSUPP, device,
				      "it cannot be unplugged: its slot has no "
				      "hot plug");
	if (!plug_may_leave(machine))
		return lend_error_set(machine->ctx, LEND_ERROR_GUEST, EAGAIN,
				      device,
				      "the guest's RAM is being mapped for it");
	plug_remove(machine, port, true);
	return 0;
}

int machine_unplug(struct machine *machine, const char *id, bool force)
{
	const struct machine_device *device = plug_find(machine, id);
	struct unplug *unplug = &machine->unplug;
	const char *obstacle;

	if (!device)
		return lend_error_set(machine->ctx, LEND_ERROR_ARGUMENT, ENODEV,
				      id, "no device of the guest has this ID");
	if (force)
		return plug_tear_out(machine, device->port, device->name);
	if (unplug_state(unplug, device->port) != UNPLUG_NONE)
		return lend_error_set(machine->ctx, LEND_ERROR_GUEST, EBUSY,
				      device->name,
				      "it is being unplugged already");
	obstacle = unplug_obstacle(unplug, device->port);
	if (obstacle)
		return lend_error_set(machine->ctx, LEND_ERROR_GUEST,
				      EOPNOTSUPP, device->name, "%s", obstacle);
	unplug_ask(unplug, device->port, device->name, false);
	return 0;
}
