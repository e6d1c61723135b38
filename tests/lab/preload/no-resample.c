// SPDX-License-Identifier: MIT
// For LD_PRELOAD: KVM without resample for one guest interrupt, whose GSI is in
// the environment as NO_RESAMPLE.

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/kvm.h>

int ioctl(int fd, unsigned long request, ...)
{
	const char *gsi = getenv("NO_RESAMPLE");
	const struct kvm_irqfd *irqfd;
	void *argument;
	va_list args;

	va_start(args, request);
	argument = va_arg(args, void *);
	va_end(args);
	irqfd = argument;
	if (request == KVM_IRQFD && gsi &&
	    irqfd->gsi == strtoul(gsi, NULL, 10) &&
	    irqfd->flags & KVM_IRQFD_FLAG_RESAMPLE) {
		errno = EINVAL;
		return -1;
	}
	return (int)syscall(SYS_ioctl, fd, request, argument);
}
