// SPDX-License-Identifier: MIT
// Interrupts of a lent platform device: wired to the guest by KVM, or relayed
// by the machine.
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <lend/lend.h>

#include "vmm/assign/platform-parts.h"

static bool assign_irq_is_level(const struct assign_platform_irq *irq)
{
	return lend_device_irq(irq->owner->lent, irq->index)->flags &
	       LEND_IRQ_AUTOMASKED;
}

static int assign_irq_error(const struct assign_platform_irq *irq, int err,
			    const char *what)
{
	const struct assign_platform *a = irq->owner;

	return lend_error_set(a->machine->ctx, LEND_ERROR_LIMIT, -err,
			      lend_device_name(a->lent),
			      "interrupt %u cannot be wired to the guest: %s: "
			      "%s",
			      irq->index, what, strerror(-err));
}

static void assign_irq_unmask(void *opaque)
{
	const struct assign_platform_irq *irq = opaque;

	lend_irq_unmask(irq->owner->lent, irq->index, 0);
}

static struct line_config assign_irq_line(struct assign_platform_irq *irq)
{
	struct machine *machine = irq->owner->machine;

	return (struct line_config){
		.irq = &machine->irq,
		.watch = &machine->watch,
		.gsi = irq->gsi,
		.trigger = irq->trigger,
		.automasked = assign_irq_is_level(irq),
		.edge = !assign_irq_is_level(irq),
		.unmask = assign_irq_unmask,
		.opaque = irq,
	};
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* The guest's EOI unmasks the device in the kernel, without this process. */
static int assign_irq_wire_resample(struct assign_platform_irq *irq)
{
	int err;

	if (!assign_irq_is_level(irq))
		return 0;
	irq->resample = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (irq->resample < 0)
		return -errno;
	err = lend_irq_unmask_fd(irq->owner->lent, irq->index, 0,
				 irq->resample);
	if (err)
		close_fd(&irq->resample);
	return err;
}

static int assign_irq_wire(struct assign_platform_irq *irq)
{
	struct lend_kvm *kvm = irq->owner->machine->kvm;
	int err = assign_irq_wire_resample(irq);

	if (err)
		return err;
	err = lend_kvm_irqfd_add(kvm, irq->gsi, irq->trigger, irq->resample);
	irq->wired = !err;
	if (err && irq->resample >= 0) {
		lend_irq_unmask_fd(irq->owner->lent, irq->index, 0, -1);
		close_fd(&irq->resample);
	}
	return err;
}

/* Once for each device, whatever the number of interrupts and guest resets. */
static void assign_irq_warn(const struct assign_platform_irq *irq, bool *warned,
			    int err, const char *what)
{
	const struct assign_platform *a = irq->owner;

	if (!*warned)
		lend_log(a->machine->ctx, LEND_LOG_WARNING,
			 "%s: interrupts (%u, possibly others) %s: %s",
			 lend_device_name(a->lent), irq->index, what,
			 strerror(-err));
	*warned = true;
}

/* Relay by the machine, to which KVM reports the EOI. Where KVM does not, the
 * guest's next access to the registers counts as EOI, so they are trapped. */
static int assign_irq_relay(struct assign_platform_irq *irq)
{
	const struct line_config config = assign_irq_line(irq);
	struct assign_platform *a = irq->owner;
	int err = line_open(&irq->line, &config);

	if (!err)
		return 0;
	if (assign_irq_is_level(irq)) {
		assign_irq_warn(
			irq, &a->warned_trap, err,
			"end at the guest's next register access, which is "
			"trapped and slow, as KVM does not report the EOI");
		assign_platform_trap(a);
	}
	return held_line_open(&irq->held, &config);
}

/* Wire by KVM; where KVM or VFIO rejects that, relay, and set *denied to the
 * reason. */
static int assign_irq_find_way(struct assign_platform_irq *irq, int *denied)
{
	if (irq->owner->no_irqfd)
		return assign_irq_relay(irq);
	*denied = assign_irq_wire(irq);
	return *denied ? assign_irq_relay(irq) : 0;
}

static int assign_irq_connect(struct assign_platform_irq *irq)
{
	struct lend_device *lent = irq->owner->lent;
	int err, denied = 0;

	irq->trigger = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (irq->trigger < 0)
		return assign_irq_error(irq, -errno, "eventfd");
	err = assign_irq_find_way(irq, &denied);
	if (err)
		return assign_irq_error(irq, err, "KVM");
	/* From here on the device may raise interrupts. */
	err = lend_irq_set(lent, irq->index, 0, 1, &irq->trigger);
	if (err)
		return assign_irq_error(irq, err < 0 ? err : -ENOSPC, "VFIO");
	irq->is_set = true;
	if (denied)
		assign_irq_warn(irq, &irq->owner->warned_relay, denied,
				"are relayed by this process, which is slower");
	/* An interrupt that was masked for the previous guest is unmasked
	 * nowhere else. */
	if (assign_irq_is_level(irq))
		lend_irq_unmask(lent, irq->index, 0);
	return 0;
}

int assign_platform_take_lines(struct machine *machine, const char *name,
			       unsigned int count)
{
	int first = irq_line_take(&machine->irq, count);

	if (first >= 0)
		return first;
	lend_error_set(machine->ctx, LEND_ERROR_LIMIT, ENOSPC, name,
		       "its %u interrupts exceed the guest's interrupt "
		       "lines",
		       count);
	return lend_error_evidence(
		machine->ctx, "%u of %u lines for platform devices are in use",
		machine->irq.lines_taken, IRQ_PLATFORM_COUNT);
}

int assign_platform_connect(struct assign_platform *a)
{
	int first = assign_platform_take_lines(
		a->machine, lend_device_name(a->lent), a->irq_count);
	int err = first < 0 ? first : 0;

	for (unsigned int i = 0; !err && i < a->irq_count; i++) {
		a->irqs[i].gsi = (unsigned int)first + i;
		err = assign_irq_connect(&a->irqs[i]);
	}
	return err;
}

static void assign_irq_disconnect(struct assign_platform_irq *irq)
{
	struct assign_platform *a = irq->owner;

	if (irq->trigger < 0)
		return;
	/* First disconnect whatever could unmask it. */
	if (irq->wired)
		lend_kvm_irqfd_remove(a->machine->kvm, irq->gsi, irq->trigger);
	else
		line_close(&irq->line);
	held_line_close(&irq->held);
	irq->wired = false;
	if (irq->resample >= 0)
		lend_irq_unmask_fd(a->lent, irq->index, 0, -1);
	if (irq->is_set)
		lend_irq_disable(a->lent, irq->index);
	irq->is_set = false;
	close_fd(&irq->resample);
	close_fd(&irq->trigger);
}

void assign_platform_touch(struct assign_platform *a)
{
	for (unsigned int i = 0; i < a->irq_count; i++)
		held_line_touch(&a->irqs[i].held);
}

void assign_platform_disconnect(struct assign_platform *a)
{
	for (unsigned int i = 0; i < a->irq_count; i++)
		assign_irq_disconnect(&a->irqs[i]);
}
