/* SPDX-License-Identifier: MIT */
/* A signal asks for the end of the run: the guest is asked to shut down, and
 * the run ends at a deadline. */
#ifndef VMM_MACHINE_SHUTDOWN_H
#define VMM_MACHINE_SHUTDOWN_H

#include <stdbool.h>

#include "vmm/base/deadline.h"

/* The run that is to end; all borrowed. Callbacks run in the main loop. */
struct shutdown_host {
	struct watch *watch;
	unsigned int seconds; /* for the guest to shut down; 0: none */
	void (*press_power)(void *opaque);
	void *opaque;
};

struct shutdown {
	struct shutdown_host host;
	bool is_on;
	bool is_over; /* the deadline is reached */
	struct deadline end;
	struct deadline press; /* of the button, the next time */
};

/* Nothing is asked for; shutdown_close() is allowed. */
void shutdown_init(struct shutdown *shutdown, const struct shutdown_host *host);
void shutdown_close(struct shutdown *shutdown);

/*
 * Main loop: press the guest's power button, now and every few seconds, since a
 * guest that is booting misses it. Returns false if the run is to end at once:
 * without a time, or when asked again.
 */
bool shutdown_begin(struct shutdown *shutdown);

#endif
