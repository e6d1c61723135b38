// SPDX-License-Identifier: MIT
// A line interrupt that the machine forwards itself: KVM asserts the guest's
// input and reports the EOI.
#include <errno.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <lend/kvm.h>

#include "vmm/irq/line.h"

/* Returns whether the eventfd was signalled. */
static bool line_take(int fd)
{
	uint64_t count;

	return read(fd, &count, sizeof(count)) == sizeof(count);
}

static bool line_put(int fd)
{
	const uint64_t one = 1;

	return write(fd, &one, sizeof(one)) == sizeof(one);
}

/*
 * The line is asserted by irqfd with resample, not by KVM_IRQ_LINE: that one
 * stays asserted after the EOI until this thread lowers it, and the guest takes
 * the interrupt repeatedly meanwhile.
 *
 * Earlier EOIs have been consumed. An EOI for another device on the line that
 * arrives just now is mistaken for this interrupt's: then the device is
 * unmasked early, and fires again if it still asserts its interrupt.
 */
static void raise_line(struct line *line)
{
	/* Fails only while the line is asserted already. */
	line->raised = line_put(line->raise);
}

void line_unmask(struct line *line)
{
	if (atomic_exchange(&line->masked, false))
		line->from.unmask(line->from.opaque);
}

/*
 * A device that still asserts its interrupt fires again when it is unmasked;
 * one without automask is asserted again if it fired since.
 */
static void end_of_interrupt(struct line *line)
{
	if (!line_take(line->eoi) || !line->raised)
		return;
	line->raised = false;
	line_unmask(line);
	if (line->again)
		raise_line(line);
	line->again = false;
}

static void on_eoi(void *opaque)
{
	end_of_interrupt(opaque);
}

static void line_on_trigger(void *opaque)
{
	struct line *line = opaque;

	if (!line_take(line->on_trigger.fd))
		return;
	end_of_interrupt(line); /* in case the EOI came first */
	line->masked = line->from.automasked;
	if (line->raised)
		line->again = true;
	else
		raise_line(line);
}

static void on_edge(void *opaque)
{
	struct line *line = opaque;

	if (line_take(line->on_trigger.fd))
		line_put(line->raise);
}

/* line->from is kept: line_unmask() may be using it. */
static void line_forget(struct line *line)
{
	line->raise = line->eoi = -1;
	line->on_trigger = line->on_eoi = WATCH_NONE;
	line->raised = line->again = false;
	line->masked = false;
}

void line_close(struct line *line)
{
	watch_remove(line->from.watch, &line->on_trigger);
	watch_remove(line->from.watch, &line->on_eoi);
	if (line->raise >= 0) {
		lend_kvm_irqfd_remove(line->from.irq->kvm, line->from.gsi,
				      line->raise);
		close(line->raise);
	}
	if (line->eoi >= 0)
		close(line->eoi);
	line_forget(line);
}

static int open_both(struct line *line)
{
	const struct line_config *from = &line->from;
	int err;

	line->raise = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (line->raise < 0)
		return -errno;
	if (!from->edge) {
		line->eoi = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (line->eoi < 0)
			return -errno;
	}
	err = lend_kvm_irqfd_add(from->irq->kvm, from->gsi, line->raise,
				 line->eoi);
	line->on_eoi = (struct watch_item){line->eoi, on_eoi, line};
	line->on_trigger = (struct watch_item){
		from->trigger, from->edge ? on_edge : line_on_trigger, line};
	if (!err && !from->edge)
		err = watch_add(from->watch, &line->on_eoi);
	if (!err)
		err = watch_add(from->watch, &line->on_trigger);
	return err;
}

int line_open(struct line *line, const struct line_config *config)
{
	int err;

	line_forget(line);
	line->from = *config;
	err = open_both(line);
	if (err)
		line_close(line);
	return err;
}
