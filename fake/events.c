// SPDX-License-Identifier: MIT
// The scripted kernel's eventfds and poll(), which are the real ones.

#include "fake/internal.h"

static int fake_eventfd(const struct kernel *k)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_EVENTFD, 0, -1);
	int fd;

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	fd = kernel_real()->eventfd(NULL);
	if (fd >= 0)
		fd = fake_fd_add(fake, fd, FAKE_FILE, NULL);
	return fake_leave(fake, n, fd);
}

static int fake_adopt(const struct kernel *k, int fd)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_EVENTFD, 0, fd);
	int copy;

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	copy = kernel_real()->adopt(NULL, fd);
	if (copy >= 0)
		copy = fake_fd_add(fake, copy, FAKE_FILE, NULL);
	return fake_leave(fake, n, copy);
}

static int fake_poll(const struct kernel *k, struct pollfd *fds,
		     unsigned int count, int milliseconds)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_POLL, 0, -1);

	int err = fake_leave(fake, n, fake_fails(fake) ? -fake->fail_error : 0);

	/* Other threads' calls go on meanwhile. */
	return err ? err : kernel_real()->poll(NULL, fds, count, milliseconds);
}

void fake_events_init(struct kernel *kernel)
{
	kernel->eventfd = fake_eventfd;
	kernel->adopt = fake_adopt;
	kernel->poll = fake_poll;
}
