// SPDX-License-Identifier: MIT
// The scripted kernel's sockets, which are the real ones.

#include <string.h>

#include "fake/internal.h"

int fake_fd_give(struct fake_kernel *fake, int fd)
{
	return fake_fd_add(fake, fd, FAKE_FILE, NULL);
}

static int fake_accept(const struct kernel *k, int fd)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_ACCEPT, 0, fd);
	int accepted;

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	accepted = kernel_real()->accept(NULL, fd);
	if (accepted >= 0)
		accepted = fake_fd_give(fake, accepted);
	return fake_leave(fake, n, accepted);
}

static ssize_t fake_send(const struct kernel *k, int fd,
			 const struct msghdr *message)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_SEND, 0, fd);

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	return fake_leave(fake, n, (int)kernel_real()->send(NULL, fd, message));
}

/* Whoever receives a descriptor is to close it. */
static void fake_give_received(struct fake_kernel *fake, struct msghdr *message)
{
	struct cmsghdr *c;
	int fd;

	for (c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = CMSG_LEN(0); at + sizeof(fd) <= c->cmsg_len;
		     at += sizeof(fd)) {
			memcpy(&fd, (const char *)c + at, sizeof(fd));
			fake_fd_give(fake, fd);
		}
	}
}

static ssize_t fake_receive(const struct kernel *k, int fd,
			    struct msghdr *message)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_RECEIVE, 0, fd);
	int received;

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	received = (int)kernel_real()->receive(NULL, fd, message);
	if (received >= 0)
		fake_give_received(fake, message);
	return fake_leave(fake, n, received);
}

static int fake_seals(const struct kernel *k, int fd)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_SEALS, 0, fd);

	return fake_leave(fake, n,
			  fake_fails(fake) ? -fake->fail_error
					   : kernel_real()->seals(NULL, fd));
}

static int fake_dup(const struct kernel *k, int fd)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_DUP, 0, fd);
	int copy;

	if (fake_fails(fake))
		return fake_leave(fake, n, -fake->fail_error);
	copy = kernel_real()->dup(NULL, fd);
	if (copy >= 0)
		copy = fake_fd_give(fake, copy);
	return fake_leave(fake, n, copy);
}

static int fake_shutdown(const struct kernel *k, int fd)
{
	struct fake_kernel *fake = fake_kernel_of(k);
	unsigned int n = fake_enter(fake, FAKE_SHUTDOWN, 0, fd);
	int err = kernel_real()->shutdown(NULL, fd);

	return fake_leave(fake, n, fake_fails(fake) ? -fake->fail_error : err);
}

void fake_sockets_init(struct kernel *kernel)
{
	kernel->accept = fake_accept;
	kernel->send = fake_send;
	kernel->receive = fake_receive;
	kernel->seals = fake_seals;
	kernel->dup = fake_dup;
	kernel->shutdown = fake_shutdown;
}
