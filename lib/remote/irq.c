// SPDX-License-Identifier: MIT
// Interrupts of a device behind a socket: eventfds go to the server in pieces
// that it takes.

#include <errno.h>
#include <string.h>
#include <linux/vfio.h>

#include "lib/remote/remote.h"

#define ERROR VFIO_PCI_ERR_IRQ_INDEX

static int remote_ask_irq(struct remote *remote, struct user_irq_info *info)
{
	const struct remote_call call = {
		.command = USER_DEVICE_GET_IRQ_INFO,
		.head = info,
		.head_size = sizeof(*info),
	};
	unsigned int index = info->index;
	int err = remote_call(remote, &call);

	if (err)
		return err;
	if (remote->channel.size < sizeof(*info))
		return remote_refuse_reply(
			remote,
			"its reply to DEVICE_GET_IRQ_INFO is too short");
	memcpy(info, remote->channel.payload, sizeof(*info));
	if (info->index != index)
		return remote_refuse_reply(remote,
					   "its reply to DEVICE_GET_IRQ_INFO "
					   "is about another index");
	return 0;
}

int remote_irq_info(struct remote *remote, void *argument)
{
	struct vfio_irq_info *answer = argument;
	struct user_irq_info info = {
		.argsz = sizeof(info),
		.index = answer->index,
	};
	int err = 0;

	if (info.index < remote->irqs)
		err = remote_ask_irq(remote, &info);
	if (err)
		return err;
	answer->flags = info.flags;
	answer->count = info.count;
	if (!remote->is_pci || info.index != ERROR)
		return 0;
	remote->has_error = info.count;
	answer->flags = VFIO_IRQ_INFO_EVENTFD;
	answer->count = 1;
	return 0;
}

static int remote_send_irqs(struct remote *remote,
			    const struct user_irq_set *set, const void *data,
			    size_t size, const int *fds)
{
	const struct remote_call call = {
		.command = USER_DEVICE_SET_IRQS,
		.head = set,
		.head_size = sizeof(*set),
		.data = data,
		.data_size = size,
		.fds = fds,
		.fd_count = fds ? set->count : 0,
	};

	return remote_call(remote, &call);
}

/* The length of a run of descriptors that one message can carry. */
static uint32_t remote_irq_run(const struct remote *remote, const int *fds,
			       uint32_t count)
{
	uint32_t run = 0;

	while (run < count && run < remote->fds_max && fds[run] >= 0)
		run++;
	return run;
}

/* Whether the eventfds go by one message. */
static bool remote_irq_is_one(const struct remote *remote, const int *fds,
			      uint32_t count)
{
	return remote_irq_run(remote, fds, count) == count;
}

/*
 * No message has a descriptor for some vectors only. What needs more than one
 * begins with one that has none, for all: a server with a real device reserves
 * the vectors then, which may be possible just once.
 */
static int remote_set_fds(struct remote *remote, const struct user_irq_set *all,
			  const int *fds)
{
	struct user_irq_set part = *all;
	int err = 0;

	if (!remote->fds_max)
		return -EOPNOTSUPP;
	if (!remote_irq_is_one(remote, fds, all->count))
		err = remote_send_irqs(remote, all, NULL, 0, NULL);
	for (uint32_t at = 0; !err && at < all->count;
	     at += part.count ? part.count : 1) {
		part.start = all->start + at;
		part.count = remote_irq_run(remote, fds + at, all->count - at);
		if (part.count)
			err = remote_send_irqs(remote, &part, NULL, 0,
					       fds + at);
	}
	return err;
}

/* The eventfd is signalled here when the connection ends. */
static int remote_keep_error(struct remote *remote, int fd)
{
	const struct kernel *k = remote->kernel;
	int copy = fd >= 0 ? k->dup(k, fd) : -1;

	if (fd >= 0 && copy < 0)
		return copy;
	if (remote->error_fd >= 0)
		k->close(k, remote->error_fd);
	remote->error_fd = copy;
	return 0;
}

static int remote_set_error(struct remote *remote,
			    const struct vfio_irq_set *set)
{
	uint32_t data = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	int fd = -1;

	if (set->count && data == VFIO_IRQ_SET_DATA_EVENTFD)
		memcpy(&fd, set->data, sizeof(fd));
	else if (set->count)
		return 0;
	return remote_keep_error(remote, fd);
}

static int remote_forward_irqs(struct remote *remote,
			       const struct vfio_irq_set *set)
{
	const struct user_irq_set head = {
		.argsz = sizeof(head),
		.flags = set->flags,
		.index = set->index,
		.start = set->start,
		.count = set->count,
	};
	uint32_t data = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;

	if (data == VFIO_IRQ_SET_DATA_EVENTFD)
		return remote_set_fds(remote, &head,
				      (const int *)(const void *)set->data);
	if (data != VFIO_IRQ_SET_DATA_NONE)
		return -EOPNOTSUPP;
	return remote_send_irqs(remote, &head, NULL, 0, NULL);
}

int remote_set_irqs(struct remote *remote, const void *argument)
{
	const struct vfio_irq_set *set = argument;
	bool is_error = remote->is_pci && set->index == ERROR;
	int err = is_error ? remote_set_error(remote, set) : 0;

	/* The interrupts of a lost device are off. */
	if (err || (is_error && !remote->has_error) ||
	    (remote->death && !set->count))
		return err;
	return remote_forward_irqs(remote, set);
}
