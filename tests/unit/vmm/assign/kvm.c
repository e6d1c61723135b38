// SPDX-License-Identifier: MIT
// KVM as devices in the machine see it: a table of the calls that it received,
// some of which a test makes fail.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <cmocka.h>

#include "kvm.h"

struct kvm kvm;

static int kvm_take_irqfd(const struct kvm_irqfd *irqfd)
{
	if (kvm.no_resample && irqfd->flags & KVM_IRQFD_FLAG_RESAMPLE) {
		errno = EINVAL;
		return -1;
	}
	kvm.last = *irqfd;
	if (kvm.irqfds < IRQFDS)
		kvm.irqfd[kvm.irqfds] = *irqfd;
	kvm.irqfds++;
	return 0;
}

static int kvm_take_line(const struct kvm_irq_level *line)
{
	bool *level = &kvm.lines[line->irq % LINES];

	kvm.rises += line->level && !*level;
	*level = line->level;
	return 0;
}

static void kvm_take_routing(const struct kvm_irq_routing *routing)
{
	kvm.routings++;
	kvm.route = routing->entries[routing->nr - 1];
}

static int kvm_take(unsigned long request, const void *argument)
{
	switch (request) {
	case KVM_IRQFD:
		return kvm_take_irqfd(argument);
	case KVM_IRQ_LINE:
		return kvm_take_line(argument);
	case KVM_SET_GSI_ROUTING:
		kvm_take_routing(argument);
		return 0;
	case KVM_SIGNAL_MSI:
		kvm.messages++;
		memcpy(&kvm.message, argument, sizeof(kvm.message));
		return 1;
	case KVM_SET_USER_MEMORY_REGION:
		kvm.slots++;
		memcpy(&kvm.slot, argument, sizeof(kvm.slot));
		return 0;
	default:
		fail_msg("unexpected ioctl %#lx", request);
		return -1;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	const void *argument;
	va_list args;

	va_start(args, request);
	argument = va_arg(args, const void *);
	va_end(args);
	assert_int_equal(fd, VM_FD);
	kvm.calls++;
	if (kvm.fail != request)
		return kvm_take(request, argument);
	errno = kvm.err;
	return -1;
}
