/* SPDX-License-Identifier: MIT */
/* The host requests a device back that cannot leave the guest alone: the guest
 * is asked to shut down, and the run ends at a deadline.
 */
#ifndef VMM_MACHINE_RECALL_H
#define VMM_MACHINE_RECALL_H

#include <stdbool.h>

#include "vmm/base/deadline.h"

struct lend_ctx;

#define RECALL_SECONDS_MAX 86400

/* The run that is to end; all borrowed. Callbacks run in the main loop. */
struct recall_host {
	struct lend_ctx *ctx;
	struct watch *watch;
	void (*press_power)(void *opaque);
	void (*fail)(void *opaque, int err); /* err < 0, recorded */
	void *opaque;
};

struct recall {
	struct recall_host host;
	bool is_on;
	struct deadline deadline;
	char device[128];     /* the requested one */
	const char *why;      /* it cannot leave alone; or NULL */
	unsigned int seconds; /* for the guest to shut down */
};

/* No device is requested; recall_close() is allowed. */
void recall_init(struct recall *recall, const struct recall_host *host);
void recall_close(struct recall *recall);

/*
 * Main loop: the host requests @device back, repeatedly until it is released,
 * and it cannot leave the guest alone: @why, a constant, or NULL. Presses the
 * guest's power button each time, since a guest that is booting misses it; the
 * first time, logs a warning and sets the deadline, in @seconds.
 */
void recall_device(struct recall *recall, const char *device, const char *why,
		   unsigned int seconds);

#endif
