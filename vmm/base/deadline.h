/* SPDX-License-Identifier: MIT */
/* A deadline of the main loop: its owner is called when the time is over. */
#ifndef VMM_BASE_DEADLINE_H
#define VMM_BASE_DEADLINE_H

#include "vmm/base/watch.h"

/* Part of its owner's structure. */
struct deadline {
	int fd; /* of the timer; or -1 */
	struct watch_item item;
};

#define DEADLINE_NONE ((struct deadline){.fd = -1, .item = WATCH_NONE})

/*
 * Main loop: call @over(@opaque) in @seconds, or in the next turn if they are
 * 0, and again and again until deadline_clear(). Replaces what was set before.
 *
 * Returns 0, or -errno; deadline_clear() is due either way.
 */
int deadline_set(struct deadline *deadline, struct watch *watch,
		 unsigned int seconds, void (*over)(void *opaque),
		 void *opaque);

/* Nothing to do where none is set. */
void deadline_clear(struct deadline *deadline, struct watch *watch);

#endif
