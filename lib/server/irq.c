// SPDX-License-Identifier: MIT
// Describes a device's interrupts to a client, and passes its eventfds on.

#include <errno.h>
#include <string.h>

#include <linux/vfio.h>

#include "lib/server/server.h"

static uint32_t server_irq_flags(const struct lend_server_irq *irq)
{
	return (irq->flags & LEND_IRQ_EVENTFD ? VFIO_IRQ_INFO_EVENTFD : 0) |
	       (irq->flags & LEND_IRQ_MASKABLE ? VFIO_IRQ_INFO_MASKABLE : 0) |
	       (irq->flags & LEND_IRQ_AUTOMASKED ? VFIO_IRQ_INFO_AUTOMASKED
						 : 0) |
	       (irq->flags & LEND_IRQ_NORESIZE ? VFIO_IRQ_INFO_NORESIZE : 0);
}

int server_irq_info(struct lend_server *server, struct server_reply *reply)
{
	struct user_irq_info info;

	memcpy(&info, server->channel.payload, sizeof(info));
	if (info.argsz < sizeof(info) || info.index >= server->irq_count)
		return server_refuse(server, EINVAL,
				     "DEVICE_GET_IRQ_INFO: argsz %u, index %u",
				     info.argsz, info.index);
	info.argsz = sizeof(info);
	info.flags = server_irq_flags(&server->irqs[info.index]);
	info.count = server->irqs[info.index].count;
	return server_reply_with(server, reply, &info, sizeof(info));
}

/* Sets what the descriptors are for; without any, what was set ends. */
static int server_irq_set_fds(struct lend_server *server,
			      const struct user_irq_set *set, uint32_t action)
{
	const struct channel *channel = &server->channel;
	int fds[USER_FDS_MAX];

	if (channel->fd_count && channel->fd_count != set->count)
		return -EINVAL;
	if (action == VFIO_IRQ_SET_ACTION_UNMASK && set->count == 1)
		return server->ops.irq_unmask_fd(
			server->opaque, set->index, set->start,
			channel->fd_count ? channel->fds[0] : -1);
	if (action != VFIO_IRQ_SET_ACTION_TRIGGER)
		return -EINVAL;
	server->is_on[set->index] = true;
	if (channel->fd_count)
		return server->ops.irq_set(server->opaque, set->index,
					   set->start, set->count,
					   channel->fds);
	/* In pieces of what is at hand: any number may end at once. */
	for (size_t i = 0; i < USER_FDS_MAX; i++)
		fds[i] = -1;
	for (uint32_t at = 0; at < set->count; at += USER_FDS_MAX) {
		uint32_t left = set->count - at;
		int err = server->ops.irq_set(
			server->opaque, set->index, set->start + at,
			left < USER_FDS_MAX ? left : USER_FDS_MAX, fds);

		if (err)
			return err;
	}
	return 0;
}

static int server_irq_action(uint32_t action,
			     enum lend_server_irq_action *known)
{
	if (action == VFIO_IRQ_SET_ACTION_MASK)
		*known = LEND_SERVER_IRQ_MASK;
	else if (action == VFIO_IRQ_SET_ACTION_UNMASK)
		*known = LEND_SERVER_IRQ_UNMASK;
	else if (action == VFIO_IRQ_SET_ACTION_TRIGGER)
		*known = LEND_SERVER_IRQ_TRIGGER;
	else
		return -EINVAL;
	return 0;
}

/* @chosen has a byte for each interrupt, or is NULL for all. */
static int server_irq_act(struct lend_server *server,
			  const struct user_irq_set *set, uint32_t action,
			  const uint8_t *chosen)
{
	enum lend_server_irq_action known = LEND_SERVER_IRQ_MASK;
	int err = server_irq_action(action, &known);

	for (uint32_t i = 0; !err && i < set->count; i++)
		if (!chosen || chosen[i])
			err = server->ops.irq_act(server->opaque, set->index,
						  set->start + i, known);
	return err;
}

static int server_irq_apply(struct lend_server *server,
			    const struct user_irq_set *set)
{
	const struct channel *channel = &server->channel;
	uint32_t data = set->flags & VFIO_IRQ_SET_DATA_TYPE_MASK;
	uint32_t action = set->flags & VFIO_IRQ_SET_ACTION_TYPE_MASK;
	size_t bytes = channel->size - sizeof(*set);

	if (set->flags & ~(data | action))
		return -EINVAL;
	if (data == VFIO_IRQ_SET_DATA_EVENTFD)
		return set->count && !bytes
			       ? server_irq_set_fds(server, set, action)
			       : -EINVAL;
	if (channel->fd_count)
		return -EINVAL;
	if (data == VFIO_IRQ_SET_DATA_BOOL)
		return set->count && bytes == set->count
			       ? server_irq_act(server, set, action,
						channel->payload + sizeof(*set))
			       : -EINVAL;
	if (data != VFIO_IRQ_SET_DATA_NONE || bytes)
		return -EINVAL;
	if (set->count)
		return server_irq_act(server, set, action, NULL);
	if (action != VFIO_IRQ_SET_ACTION_TRIGGER || set->start)
		return -EINVAL;
	server->is_on[set->index] = false;
	return server->ops.irq_disable(server->opaque, set->index);
}

int server_irq_set(struct lend_server *server, struct server_reply *reply)
{
	const struct lend_server_irq *irq = NULL;
	struct user_irq_set set;
	int err = -EINVAL;

	(void)reply;
	memcpy(&set, server->channel.payload, sizeof(set));
	if (set.index < server->irq_count)
		irq = &server->irqs[set.index];
	if (set.argsz >= sizeof(set) && irq && irq->count &&
	    set.start <= irq->count && set.count <= irq->count - set.start)
		err = server_irq_apply(server, &set);
	if (!err)
		return 0;
	return server_refuse(server, -err,
			     "DEVICE_SET_IRQS: index %u, flags 0x%x, %u from "
			     "%u, %u descriptors: %s",
			     set.index, set.flags, set.count, set.start,
			     server->channel.fd_count, strerror(-err));
}

void server_disable_irqs(struct lend_server *server)
{
	for (unsigned int i = 0; i < server->irq_count; i++) {
		if (server->is_on[i])
			server->ops.irq_disable(server->opaque, i);
		server->is_on[i] = false;
	}
}
