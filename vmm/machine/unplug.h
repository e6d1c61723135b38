/* SPDX-License-Identifier: MIT */
/* Devices leave the guest that runs: by its driver of hot-plug slots, or by
 * force at a deadline. */
#ifndef VMM_MACHINE_UNPLUG_H
#define VMM_MACHINE_UNPLUG_H

#include <stdbool.h>

#include "vmm/base/deadline.h"
#include "vmm/pci/slot.h"

struct lend_ctx;

/*
 * A slot is what leaves: all functions below a root port. Everything here is
 * called in the main loop, and calls back there. All borrowed.
 */
struct unplug_host {
	struct lend_ctx *ctx;
	struct watch *watch;
	unsigned int seconds; /* for the guest to release a device */
	struct slot_view (*look)(void *opaque, unsigned int port);
	void (*press)(void *opaque, unsigned int port);
	/* Whether the device can leave now: RAM is not being mapped for it. */
	bool (*may_leave)(void *opaque);
	/* Closes the devices. @forced: the guest did not release them. */
	void (*remove)(void *opaque, unsigned int port, bool forced);
	/* The device stays: @why the guest cannot release it. @seconds are left
	 * of those above. Only where the host requested it. */
	void (*give_up)(void *opaque, const char *device, const char *why,
			unsigned int seconds);
	/* Likewise, where somebody else did; the slot can be asked again. */
	void (*refused)(void *opaque, unsigned int port, const char *why);
	void *opaque;
};

enum unplug_step {
	UNPLUG_NONE,
	UNPLUG_WAITING, /* the guest has no driver yet, or is busy */
	UNPLUG_PRESSED, /* the driver has the button */
};

/* A port's slot. */
struct unplug_slot {
	struct unplug *unplug;
	unsigned int port;
	enum unplug_step step;
	bool by_host;     /* at the deadline it leaves by force */
	bool is_late;     /* the time for a driver to appear is over */
	bool is_released; /* by the guest; it leaves once it may */
	char device[128]; /* the requested one */
	struct deadline deadline;
};

/* All zeros: no slot. */
struct unplug {
	struct unplug_host host;
	struct unplug_slot *slots;
	unsigned int count;
};

/* Slots 1 to @count. Returns 0 or -ENOMEM; unplug_close() is due. */
int unplug_open(struct unplug *unplug, const struct unplug_host *host,
		unsigned int count);
void unplug_close(struct unplug *unplug);

/* Why no guest can be asked for what is below @port: a constant, for messages.
 * NULL: this one can. */
const char *unplug_obstacle(const struct unplug *unplug, unsigned int port);

/*
 * Ask the guest for @device, below @port, where there is no obstacle.
 * @by_host: at the deadline the device leaves by force; the host requests it
 * again and again, until it is closed. Otherwise the guest keeps a device that
 * it does not release in time.
 */
void unplug_ask(struct unplug *unplug, unsigned int port, const char *device,
		bool by_host);

enum unplug_step unplug_state(const struct unplug *unplug, unsigned int port);

/* What hotplug_turn() reports. */
void unplug_news(struct unplug *unplug, unsigned int port, unsigned int what);

/* Ask for what could not leave while RAM was being mapped, if it can now. */
void unplug_retry(struct unplug *unplug);

/* The guest resets; its vCPUs are stopped. Calls remove() for each slot that it
 * was asked for, which it has released by that, if the device may leave. */
void unplug_end_all(struct unplug *unplug);

/* The slot is empty: nothing is asked of it any more. */
void unplug_forget(struct unplug *unplug, unsigned int port);

#endif
