/* SPDX-License-Identifier: MIT */
/*
 * A level-triggered interrupt without an EOI notification from KVM: asserted
 * until a guest access makes the device deassert it.
 */
#ifndef VMM_IRQ_HELD_LINE_H
#define VMM_IRQ_HELD_LINE_H

#include <pthread.h>
#include <stdbool.h>

#include "vmm/irq/line.h"

/*
 * held_line_touch() must be called for each access to the device's registers,
 * so all of them must trap to this process. Lines are independent: none waits
 * for another to be deasserted.
 */
struct held_line {
	struct line_config from;
	struct watch_item on_trigger;
	pthread_mutex_t lock; /* between vCPUs and the main loop */
	bool open;
	bool raised;
};

#define HELD_LINE_CLOSED ((struct held_line){.on_trigger = WATCH_NONE})

/*
 * With config->edge each signal is one pulse, and held_line_touch() does
 * nothing. Returns 0, or -errno, with nothing open.
 */
int held_line_open(struct held_line *line, const struct line_config *config);
void held_line_close(struct held_line *line); /* a closed one is allowed */

/*
 * The guest has accessed the device, which may have deasserted its line. From
 * any thread. One system call while nothing has fired.
 */
void held_line_touch(struct held_line *line);

#endif
