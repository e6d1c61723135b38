/* SPDX-License-Identifier: MIT */
/* A level interrupt of a device where KVM does not tell when the guest is done
 * with it: asserted until an access of the guest has quieted the device.
 */
#ifndef VMM_IRQ_HELD_LINE_H
#define VMM_IRQ_HELD_LINE_H

#include <pthread.h>
#include <stdbool.h>

#include "vmm/irq/line.h"

/*
 * Of each access to the device's registers held_line_touch() has to be told,
 * and so none may pass by this process. Lines know nothing of each other: none
 * waits for another's end.
 */
struct held_line {
	struct line_config from;
	struct watch_item on_trigger;
	pthread_mutex_t lock; /* between vCPUs and the main loop */
	bool open;
	bool raised;
};

#define HELD_LINE_CLOSED ((struct held_line){.on_trigger = WATCH_NONE})

/* With config->edge each signal is one pulse, and touching it does nothing.
 * Returns 0, or -errno, with nothing open. */
int held_line_open(struct held_line *line, const struct line_config *config);
void held_line_close(struct held_line *line); /* a closed one is allowed */

/*
 * The guest has accessed the device, which then may have nothing left to tell.
 * From any thread. One system call while nothing has fired.
 */
void held_line_touch(struct held_line *line);

#endif
