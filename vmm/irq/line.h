/* SPDX-License-Identifier: MIT */
/*
 * A line interrupt that the machine forwards itself: KVM asserts the guest's
 * input and reports the EOI.
 */
#ifndef VMM_IRQ_LINE_H
#define VMM_IRQ_LINE_H

#include <stdatomic.h>
#include <stdbool.h>

#include "vmm/base/watch.h"
#include "vmm/irq/irq.h"

/* Source and destination of the interrupt. All borrowed until line_close(). */
struct line_config {
	struct irq *irq;
	struct watch *watch;
	unsigned int gsi;
	int trigger;     /* eventfd that the device signals */
	bool automasked; /* the device does not fire again until unmasked */
	bool edge;       /* each signal is one interrupt, without EOI */
	void (*unmask)(void *opaque);
	void *opaque;
};

/*
 * @raise asserts the guest's input until the guest's EOI, which KVM signals on
 * @eoi. While the items are watched, only the main loop accesses the members
 * that are not atomic. Lines are independent: none waits for another's EOI.
 */
struct line {
	struct line_config from;
	int raise; /* -1: closed */
	int eoi;
	struct watch_item on_trigger;
	struct watch_item on_eoi;
	bool raised;         /* no EOI since */
	bool again;          /* the device fired before the EOI */
	_Atomic bool masked; /* the device fired and masked itself */
};

#define LINE_CLOSED                                                            \
	((struct line){.raise = -1,                                            \
		       .eoi = -1,                                              \
		       .on_trigger = WATCH_NONE,                               \
		       .on_eoi = WATCH_NONE})

/* Returns 0, or -errno, with nothing open. */
int line_open(struct line *line, const struct line_config *config);
void line_close(struct line *line); /* a closed one is allowed */

/*
 * Unmask the device before the EOI, if it is masked. From any thread, even
 * after line_close(): unmask() and its opaque must be the same each time the
 * line is opened.
 */
void line_unmask(struct line *line);

#endif
