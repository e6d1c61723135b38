// SPDX-License-Identifier: MIT
// Devices leave the guest that runs: by its driver of hot-plug slots, or by
// force at a deadline.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/context.h>

#include "vmm/machine/unplug.h"

/* At most, for a booting guest's driver to appear. */
#define DRIVER_SECONDS 10
#define RETRY_SECONDS  1

static const char no_port[] =
	"a device on the root bus cannot be unplugged, but one below a -device "
	"pcie-root-port,id=ID with bus=ID can";
static const char no_hotplug[] =
	"its root port has no hot plug, but a -device pcie-root-port,id=ID has "
	"(hotplug=on)";
static const char no_driver[] =
	"the guest has no driver for hot plug (Linux: CONFIG_HOTPLUG_PCI_PCIE, "
	"without pcie_ports=compat)";

int unplug_open(struct unplug *unplug, const struct unplug_host *host,
		unsigned int count)
{
	unplug->host = *host;
	if (!count)
		return 0;
	unplug->slots = calloc(count, sizeof(unplug->slots[0]));
	if (!unplug->slots)
		return -ENOMEM;
	unplug->count = count;
	for (unsigned int i = 0; i < count; i++)
		unplug->slots[i] = (struct unplug_slot){
			.unplug = unplug,
			.port = i + 1,
			.deadline = DEADLINE_NONE,
		};
	return 0;
}

static void unplug_stop_timer(struct unplug_slot *slot)
{
	deadline_clear(&slot->deadline, slot->unplug->host.watch);
}

static void unplug_reset(struct unplug_slot *slot)
{
	unplug_stop_timer(slot);
	slot->step = UNPLUG_NONE;
	slot->by_host = slot->is_late = slot->is_released = false;
}

void unplug_close(struct unplug *unplug)
{
	for (unsigned int i = 0; i < unplug->count; i++)
		unplug_reset(&unplug->slots[i]);
	free(unplug->slots);
	unplug->slots = NULL;
	unplug->count = 0;
}

static struct unplug_slot *unplug_slot(const struct unplug *unplug,
				       unsigned int port)
{
	return port && port <= unplug->count ? &unplug->slots[port - 1] : NULL;
}

static struct slot_view unplug_look(const struct unplug_slot *slot)
{
	const struct unplug_host *host = &slot->unplug->host;

	return host->look(host->opaque, slot->port);
}

static unsigned int unplug_driver_seconds(const struct unplug *unplug)
{
	unsigned int third = unplug->host.seconds / 3;

	return third < DRIVER_SECONDS ? third : DRIVER_SECONDS;
}

/* The slot is as it was before remove() is called, which may use it again. */
static void unplug_remove(struct unplug_slot *slot, bool forced)
{
	const struct unplug_host *host = &slot->unplug->host;

	unplug_reset(slot);
	host->remove(host->opaque, slot->port, forced);
}

static void unplug_give_up(struct unplug_slot *slot, const char *why,
			   unsigned int seconds)
{
	const struct unplug_host *host = &slot->unplug->host;
	bool by_host = slot->by_host;

	unplug_reset(slot);
	if (by_host)
		host->give_up(host->opaque, slot->device, why, seconds);
	else
		host->refused(host->opaque, slot->port, why);
}

static void unplug_on_timer(void *opaque);

static int unplug_set_timer(struct unplug_slot *slot, unsigned int seconds)
{
	return deadline_set(&slot->deadline, slot->unplug->host.watch, seconds,
			    unplug_on_timer, slot);
}

/* Without a timer the deadline is now. */
static void unplug_wait(struct unplug_slot *slot, unsigned int seconds)
{
	if (unplug_set_timer(slot, seconds))
		unplug_on_timer(slot);
}

/* A vCPU may wait for RAM to be mapped, with the device's lock held. */
static void unplug_take_back(struct unplug_slot *slot)
{
	const struct unplug_host *host = &slot->unplug->host;

	slot->is_released = true;
	if (host->may_leave(host->opaque) ||
	    unplug_set_timer(slot, RETRY_SECONDS))
		unplug_remove(slot, false);
}

static void unplug_on_timer(void *opaque)
{
	struct unplug_slot *slot = opaque;
	const struct unplug *unplug = slot->unplug;
	const struct unplug_host *host = &unplug->host;
	unsigned int spent = unplug_driver_seconds(unplug);

	unplug_stop_timer(slot);
	if (slot->is_released) {
		unplug_take_back(slot);
	} else if (!unplug_look(slot).has_driver) {
		unplug_give_up(slot, no_driver,
			       slot->is_late ? 0 : host->seconds - spent);
	} else if (!slot->is_late) {
		/* The driver appeared meanwhile. */
		slot->is_late = true;
		unplug_wait(slot, host->seconds - spent);
	} else if (!slot->by_host) {
		unplug_give_up(slot, "the guest did not release it in time", 0);
	} else if (host->may_leave(host->opaque) ||
		   unplug_set_timer(slot, RETRY_SECONDS)) {
		unplug_remove(slot, true);
	}
}

/*
 * A driver ignores the button while it is busy, and takes a second press within
 * five seconds, while it blinks, as a change of mind. @again: it may have
 * missed the first one.
 */
static void unplug_try_button(struct unplug_slot *slot, bool again)
{
	const struct unplug_host *host = &slot->unplug->host;
	struct slot_view view = unplug_look(slot);

	if (slot->step == UNPLUG_NONE ||
	    (slot->step == UNPLUG_PRESSED && !again) || !view.has_driver ||
	    !view.is_on || !host->may_leave(host->opaque))
		return;
	slot->step = UNPLUG_PRESSED;
	host->press(host->opaque, slot->port);
}

const char *unplug_obstacle(const struct unplug *unplug, unsigned int port)
{
	const struct unplug_slot *slot = unplug_slot(unplug, port);
	struct slot_view view;

	if (!port)
		return no_port;
	if (!slot)
		return no_hotplug;
	view = unplug_look(slot);
	if (!view.is_pluggable)
		return no_hotplug;
	return view.has_driver || unplug_driver_seconds(unplug) ? NULL
								: no_driver;
}

static void unplug_begin(struct unplug_slot *slot, const char *device)
{
	const struct unplug *unplug = slot->unplug;

	snprintf(slot->device, sizeof(slot->device), "%s", device);
	slot->step = UNPLUG_WAITING;
	slot->is_late = unplug_look(slot).has_driver;
	unplug_try_button(slot, false);
	unplug_wait(slot, slot->is_late ? unplug->host.seconds
					: unplug_driver_seconds(unplug));
}

void unplug_ask(struct unplug *unplug, unsigned int port, const char *device,
		bool by_host)
{
	struct unplug_slot *slot = unplug_slot(unplug, port);

	if (!slot)
		return;
	slot->by_host |= by_host;
	if (slot->step == UNPLUG_NONE)
		unplug_begin(slot, device);
	else
		unplug_try_button(slot, true);
}

enum unplug_step unplug_state(const struct unplug *unplug, unsigned int port)
{
	const struct unplug_slot *slot = unplug_slot(unplug, port);

	return slot ? slot->step : UNPLUG_NONE;
}

void unplug_news(struct unplug *unplug, unsigned int port, unsigned int what)
{
	struct unplug_slot *slot = unplug_slot(unplug, port);

	if (slot && what & SLOT_RELEASED)
		unplug_take_back(slot);
	else if (slot && what & SLOT_WRITTEN)
		unplug_try_button(slot, false);
}

void unplug_retry(struct unplug *unplug)
{
	for (unsigned int i = 0; i < unplug->count; i++)
		if (unplug->slots[i].step == UNPLUG_WAITING)
			unplug_try_button(&unplug->slots[i], false);
}

void unplug_end_all(struct unplug *unplug)
{
	const struct unplug_host *host = &unplug->host;

	for (unsigned int i = 0; i < unplug->count; i++) {
		struct unplug_slot *slot = &unplug->slots[i];

		if (slot->step == UNPLUG_NONE)
			continue;
		/* The guest is asked again when it has restarted. */
		slot->step = UNPLUG_WAITING;
		if (host->may_leave(host->opaque))
			unplug_remove(slot, false);
	}
}

void unplug_forget(struct unplug *unplug, unsigned int port)
{
	struct unplug_slot *slot = unplug_slot(unplug, port);

	if (slot)
		unplug_reset(slot);
}
