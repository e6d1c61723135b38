/* SPDX-License-Identifier: MIT */
/* Devices come and go while the machine runs: for who controls it. */
#ifndef VMM_MACHINE_PLUG_H
#define VMM_MACHINE_PLUG_H

#include <stdbool.h>

struct machine;

/*
 * Threads: machine_run() is called by the main thread, and all functions here
 * are, before it or from within it (a callback, or the owner of a watched
 * descriptor). Events come on the main thread too, from within machine_run(),
 * and may come before the call that caused them returns. An event's owner may
 * call any function here but machine_destroy().
 *
 * A device is plugged in; then it is unplugging, once the guest was asked for
 * it; then it has gone, and its ID can be used again as soon as PLUG_DELETED
 * has been reported. All functions of a slot go together.
 */

enum plug_state {
	PLUG_NONE, /* no device has this ID: there was none, or it has gone */
	PLUG_PLUGGED,
	PLUG_UNPLUGGING,
};

enum plug_event_kind {
	PLUG_DELETED, /* the device has left the guest, and is closed */
	PLUG_KEPT,    /* the guest did not release it: plugged in, as before */
	PLUG_REQUESTED, /* the host requests it back; unplugging has begun */
	PLUG_FAILED,    /* it reported an error, or RAM was not mapped for it;
			 * it leaves by force */
};

/* Strings last as long as the callback. */
struct plug_event {
	enum plug_event_kind kind;
	const char *id;     /* of the user, or NULL */
	const char *device; /* the device's name in messages */
	const char *why;    /* of PLUG_KEPT; else NULL */
};

struct plug_watcher {
	void (*event)(void *opaque, const struct plug_event *event);
	void *opaque;
};

/* Report events to @watcher, which is borrowed; NULL: to nobody. */
void machine_watch_plug(struct machine *machine,
			const struct plug_watcher *watcher);

enum plug_state machine_plug_state(const struct machine *machine,
				   const char *id);

struct machine_device_config;
struct pci_place;

struct plug_request {
	/* All lasts until PLUG_DELETED has been reported, or the machine is
	 * destroyed. */
	const struct machine_device_config *device;
	const char *id;  /* what the device has; or NULL */
	const char *bus; /* ID of a root port; NULL: any that is empty */
	/* In the device's own configuration, for machine_plug() to fill in. */
	struct pci_place *place;
};

/*
 * Plug a device into an empty slot. When it returns, the device is open and in
 * the guest's configuration space, and the guest has been notified; its driver
 * comes later. The first device of a machine has guest RAM mapped for DMA,
 * which goes on behind this call: until then the guest cannot enable the
 * device. If that fails, the device leaves by force, and the guest runs on.
 *
 * Opening a device takes as long as the kernel resets it, a tenth of a second
 * or more, and so long nothing else of the main thread runs. In a confined run
 * a device can be opened by descriptor alone.
 *
 * Returns 0, or a recorded error, and then nothing has changed: the ID is in
 * use
 * (-EEXIST), there is no such port (-ENODEV), it has no hot plug
 * (-EOPNOTSUPP), no port is empty (-ENOSPC), or the port is not (-EBUSY); or
 * what opening the device found.
 */
int machine_plug(struct machine *machine, const struct plug_request *request);

/*
 * Begin to unplug the device with this ID: the guest's driver of its slot
 * releases it, five seconds later or more, and PLUG_DELETED follows; or
 * PLUG_KEPT after -unplug-timeout. @force: it leaves at once, as if it were
 * torn out, and PLUG_DELETED has been reported on return.
 *
 * Returns 0, or a recorded error: no such device (-ENODEV), it cannot be
 * unplugged (-EOPNOTSUPP), it is unplugging already (-EBUSY), or guest RAM is
 * being mapped for it (-EAGAIN).
 */
int machine_unplug(struct machine *machine, const char *id, bool force);

#endif
