/* SPDX-License-Identifier: MIT */
/* The host wants a device back: the guest is asked to switch off, and the run
 * ends at a deadline.
 */
#ifndef VMM_MACHINE_RECALL_H
#define VMM_MACHINE_RECALL_H

#include <stdbool.h>

#include "vmm/base/watch.h"

struct machine;

#define RECALL_SECONDS_MAX 86400

struct recall {
	bool is_on;
	int timer_fd; /* or -1 */
	struct watch_item timer;
	char device[128]; /* what it is that is wanted */
};

/* Nothing is wanted; recall_close() is allowed. */
void recall_init(struct recall *recall);
void recall_close(struct machine *machine);

/*
 * Main loop: the host wants @device back, which it repeats until it has it.
 * Presses the guest's power button each time, since a guest that is booting
 * does not see it; says so, and sets the deadline, the first time.
 */
void recall_device(struct machine *machine, const char *device);

#endif
