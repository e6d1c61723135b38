/* SPDX-License-Identifier: MIT */
/* A line interrupt that the machine passes on itself: KVM asserts the guest's
 * input, and tells when the guest is done with it.
 */
#ifndef VMM_IRQ_LINE_H
#define VMM_IRQ_LINE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "vmm/base/watch.h"
#include "vmm/irq/irq.h"

/* Where it comes from, where it goes. All borrowed until line_close(). */
struct line_config {
	struct irq *irq;
	struct watch *watch;
	unsigned int gsi;
	int trigger;     /* eventfd that the device signals */
	bool automasked; /* it does not fire again until it is unmasked */
	bool edge;       /* each signal is one interrupt, without an end */
	void (*unmask)(void *opaque);
	void *opaque;
};

/*
 * @raise asserts the guest's input until the guest's EOI, which KVM tells by
 * @eoi. While the items are watched, only the main loop looks at what is not
 * atomic. Lines know nothing of each other: none waits for another's EOI.
 */
struct line {
	struct line_config from;
	int raise; /* -1: closed */
	int eoi;
	struct watch_item on_trigger;
	struct watch_item on_eoi;
	bool raised;         /* no EOI has come since */
	bool again;          /* the device fired meanwhile */
	_Atomic bool masked; /* the device fired, and will not before unmask */
};

#define LINE_CLOSED                                                            \
	((struct line){.raise = -1,                                            \
		       .eoi = -1,                                              \
		       .on_trigger = WATCH_NONE,                               \
		       .on_eoi = WATCH_NONE})

/* Returns 0, or -errno, with nothing open. */
int line_open(struct line *line, const struct line_config *config);
void line_close(struct line *line); /* a closed one is allowed */

/* Unmask the device before the EOI, if it is masked; from any thread, also one
 * that is late and finds the line closed. So unmask() and its opaque are the
 * same whenever the line is opened. */
void line_unmask(struct line *line);

#endif
