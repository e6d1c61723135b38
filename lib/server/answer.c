// SPDX-License-Identifier: MIT
// Answers a client's messages: each by a row of a table.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <linux/vfio.h>

#include "lib/server/server.h"

int server_refuse(struct lend_server *server, int err, const char *fmt, ...)
{
	char text[512];
	va_list args;

	if (server->has_refused)
		return -err;
	server->has_refused = true;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	lend_log(server->ctx, LEND_LOG_WARNING,
		 "%s: a request of the client was refused: %s", server->name,
		 text);
	return -err;
}

int server_reply_with(struct lend_server *server, struct server_reply *reply,
		      const void *bytes, size_t size)
{
	void *room = channel_room(&server->channel, size);

	if (!room)
		return -ENOMEM;
	memcpy(room, bytes, size);
	reply->size = size;
	return 0;
}

static int server_version(struct lend_server *server,
			  struct server_reply *reply)
{
	const struct channel *channel = &server->channel;
	struct user_version own = user_version_own(), peer;
	uint8_t payload[USER_VERSION_TEXT];
	char text[512];
	int err;

	if (server->has_agreed)
		return server_refuse(server, EINVAL, "a second version");
	err = user_version_read(server->ctx, "the client", channel->payload,
				channel->size, &peer);
	if (err) {
		lend_error_format(lend_ctx_error(server->ctx), text,
				  sizeof(text));
		return server_refuse(server, -err, "%s", text);
	}
	if (peer.major != own.major)
		return server_refuse(server, ENOTSUP,
				     "it speaks vfio-user %u, and this server "
				     "%u",
				     peer.major, own.major);
	server->data_max = peer.max_data_xfer_size < own.max_data_xfer_size
				   ? peer.max_data_xfer_size
				   : own.max_data_xfer_size;
	server->has_agreed = true;
	return server_reply_with(server, reply, payload,
				 user_version_write(&own, payload));
}

static int server_device_info(struct lend_server *server,
			      struct server_reply *reply)
{
	struct user_device_info info;

	memcpy(&info, server->channel.payload, sizeof(info));
	if (info.argsz < sizeof(info))
		return server_refuse(server, EINVAL, "DEVICE_GET_INFO: argsz");
	info = (struct user_device_info){
		.argsz = sizeof(info),
		.flags = (server->can_reset ? VFIO_DEVICE_FLAGS_RESET : 0) |
			 (server->type == LEND_DEVICE_PCI
				  ? VFIO_DEVICE_FLAGS_PCI
				  : VFIO_DEVICE_FLAGS_PLATFORM),
		.region_count = server->region_count,
		.irq_count = server->irq_count,
	};
	return server_reply_with(server, reply, &info, sizeof(info));
}

static int server_reset(struct lend_server *server, struct server_reply *reply)
{
	(void)reply;
	if (!server->can_reset)
		return server_refuse(server, ENOTSUP,
				     "the device has no reset of its own");
	return server->ops.reset(server->opaque);
}

struct server_command {
	const char *name;
	int (*handle)(struct lend_server *server, struct server_reply *reply);
	uint32_t least;       /* bytes of payload */
	unsigned int fds_max; /* descriptors that it may have */
};

static const struct server_command commands[] = {
	[USER_VERSION] = {"VERSION", server_version,
			  sizeof(struct user_version_head), 0},
	[USER_DMA_MAP] = {"DMA_MAP", server_dma_map,
			  sizeof(struct user_dma_map), 1},
	[USER_DMA_UNMAP] = {"DMA_UNMAP", server_dma_unmap,
			    sizeof(struct user_dma_unmap), 0},
	[USER_DEVICE_GET_INFO] = {"DEVICE_GET_INFO", server_device_info,
				  sizeof(struct user_device_info), 0},
	[USER_DEVICE_GET_REGION_INFO] = {"DEVICE_GET_REGION_INFO",
					 server_region_info,
					 sizeof(struct user_region_info), 0},
	[USER_DEVICE_GET_IRQ_INFO] = {"DEVICE_GET_IRQ_INFO", server_irq_info,
				      sizeof(struct user_irq_info), 0},
	[USER_DEVICE_SET_IRQS] = {"DEVICE_SET_IRQS", server_irq_set,
				  sizeof(struct user_irq_set), USER_FDS_MAX},
	[USER_REGION_READ] = {"REGION_READ", server_region_read,
			      sizeof(struct user_region_access), 0},
	[USER_REGION_WRITE] = {"REGION_WRITE", server_region_write,
			       sizeof(struct user_region_access), 0},
	[USER_DEVICE_RESET] = {"DEVICE_RESET", server_reset, 0, 0},
};

/* Carries out a command. Returns 0, or -errno for the client. */
static int server_carry_out(struct lend_server *server,
			    struct server_reply *reply)
{
	const struct channel *channel = &server->channel;
	const struct server_command *command;
	unsigned int number = channel->header.command;

	if (number >= sizeof(commands) / sizeof(commands[0]) ||
	    !commands[number].handle)
		return server_refuse(server, ENOTSUP,
				     "command %u is unsupported", number);
	command = &commands[number];
	if (channel->size < command->least)
		return server_refuse(
			server, EINVAL, "%s has %zu bytes, and not %u or more",
			command->name, channel->size, command->least);
	if (channel->fd_count > command->fds_max)
		return server_refuse(server, EINVAL,
				     "%s has %u descriptors, and not %u or "
				     "less",
				     command->name, channel->fd_count,
				     command->fds_max);
	return command->handle(server, reply);
}

/* What is wrong with the order of the messages, which ends the connection. */
static int server_check_order(struct lend_server *server)
{
	const struct user_header *header = &server->channel.header;
	const char *fault = NULL;

	if ((header->flags & USER_TYPE_MASK) != USER_COMMAND)
		fault = "it sent a reply to nothing";
	else if (!server->has_agreed && header->command != USER_VERSION)
		fault = "its first message is no version";
	if (!fault)
		return 0;
	server_refuse(server, EPROTO, "%s", fault);
	return -EPROTO;
}

int server_answer(struct lend_server *server)
{
	const struct user_header header = server->channel.header;
	struct server_reply reply = {.fd = -1};
	struct user_header answer = {
		.id = header.id,
		.command = header.command,
		.flags = USER_REPLY,
	};
	int err = server_check_order(server);

	if (err)
		return err;
	err = server_carry_out(server, &reply);
	if (err) {
		reply = (struct server_reply){.fd = -1};
		answer.flags |= USER_ERROR;
		answer.err = (uint32_t)-err;
	}
	err = header.flags & USER_NO_REPLY
		      ? 0
		      : channel_send(&server->channel, &answer, reply.size,
				     reply.fd);
	/* Without a version nothing else can follow. */
	return err || server->has_agreed ? err : -EPROTO;
}
