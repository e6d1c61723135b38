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
	PLUG_FAILED,    /* it reported an error, and leaves by force */
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
