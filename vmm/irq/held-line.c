// SPDX-License-Identifier: MIT
// A level-triggered interrupt without an EOI notification from KVM: asserted
// until a guest access makes the device deassert it.
#include <errno.h>
#include <unistd.h>

#include "vmm/irq/held-line.h"

/* Whether the device has fired. */
static bool held_line_get_eventfd(const struct held_line *line)
{
	uint64_t count;

	return read(line->from.trigger, &count, sizeof(count)) == sizeof(count);
}

static void held_line_set(struct held_line *line, bool level)
{
	if (line->raised == level)
		return;
	irq_line_set(line->from.irq, line->from.gsi, level);
	line->raised = level;
}

static void held_line_on_trigger(void *opaque)
{
	struct held_line *line = opaque;

	pthread_mutex_lock(&line->lock);
	if (held_line_get_eventfd(line)) {
		held_line_set(line, true);
		if (line->from.edge)
			held_line_set(line, false);
	}
	pthread_mutex_unlock(&line->lock);
}

/*
 * After an unmask, a device that still asserts its line fires at once, so that
 * the eventfd then shows the state of the line. If the host is slower to
 * notice, the line falls and rises again. A signal from before the access is
 * not reported after it: the access may have acknowledged it.
 */
void held_line_touch(struct held_line *line)
{
	if (!line->open || line->from.edge)
		return;
	pthread_mutex_lock(&line->lock);
	if (held_line_get_eventfd(line) || line->raised) {
		line->from.unmask(line->from.opaque);
		held_line_set(line, held_line_get_eventfd(line));
	}
	pthread_mutex_unlock(&line->lock);
}

int held_line_open(struct held_line *line, const struct line_config *config)
{
	int err;

	*line = HELD_LINE_CLOSED;
	line->from = *config;
	line->on_trigger = (struct watch_item){config->trigger,
					       held_line_on_trigger, line};
	pthread_mutex_init(&line->lock, NULL);
	err = watch_add(config->watch, &line->on_trigger);
	line->open = true;
	if (err)
		held_line_close(line);
	return err;
}

/* KVM keeps the level of a line, so lower it. */
void held_line_close(struct held_line *line)
{
	if (!line->open)
		return;
	watch_remove(line->from.watch, &line->on_trigger);
	held_line_set(line, false);
	pthread_mutex_destroy(&line->lock);
	*line = HELD_LINE_CLOSED;
}
