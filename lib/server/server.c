// SPDX-License-Identifier: MIT
// Offers a device at a socket: accepts a client at a time, and cleans up after
// it.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/sized.h"
#include "lib/server/server.h"

#define PATIENCE    5000u
#define REGIONS_MAX 100u
#define IRQS_MAX    50u
/* Messages that are answered before others are asked whether they wait. */
#define TURN 64u

static const char *
server_options_fault(const struct lend_server_options *options)
{
	if (!options->name)
		return "name";
	if (options->region_count > REGIONS_MAX ||
	    (options->region_count && !options->regions))
		return "regions";
	if (options->irq_count > IRQS_MAX ||
	    (options->irq_count && !options->irqs))
		return "irqs";
	if (options->fd < 0)
		return "fd";
	if (options->type != LEND_DEVICE_PCI &&
	    options->type != LEND_DEVICE_PLATFORM)
		return "type";
	return options->patience > 3600000 ? "patience" : NULL;
}

static bool server_ops_complete(const struct lend_server_ops *ops)
{
	return ops->region_read && ops->region_write && ops->irq_set &&
	       ops->irq_unmask_fd && ops->irq_act && ops->irq_disable &&
	       ops->dma_map && ops->dma_unmap && ops->reset && ops->left;
}

static int server_take_arguments(struct lend_ctx *ctx,
				 const struct lend_server_options *given,
				 const struct lend_server_ops *given_ops,
				 struct lend_server_options *options,
				 struct lend_server_ops *ops)
{
	const char *fault;
	int err = sized_copy(ctx, NULL, &sized_server_options, options, given);

	if (!err)
		err = sized_copy(ctx, NULL, &sized_server_ops, ops, given_ops);
	if (err)
		return err;
	fault = server_options_fault(options);
	if (fault)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				      "%s of struct lend_server_options is out "
				      "of range",
				      fault);
	if (!server_ops_complete(ops))
		return lend_error_set(
			ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			"struct lend_server_ops lacks an operation");
	return 0;
}

/* Returns a copy, which is not NULL if there are none, or NULL. */
static void *server_copy(const void *entries, size_t count, size_t size)
{
	void *copy = calloc(count + 1, size);

	if (copy && count)
		memcpy(copy, entries, count * size);
	return copy;
}

static int server_copy_regions(struct lend_server *server,
			       const struct lend_server_options *options)
{
	server->regions =
		calloc(options->region_count + 1, sizeof(*server->regions));
	if (!server->regions)
		return -ENOMEM;
	for (unsigned int i = 0; i < options->region_count; i++) {
		struct lend_server_region region = options->regions[i];

		region.areas = server_copy(region.areas, region.area_count,
					   sizeof(*region.areas));
		if (!region.areas)
			return -ENOMEM;
		if (region.fd < 0)
			region.flags &= ~LEND_REGION_MMAP;
		server->regions[server->region_count++] = region;
	}
	return 0;
}

static int server_copy_options(struct lend_server *server,
			       const struct lend_server_options *options)
{
	server->name = strdup(options->name);
	server->irqs = server_copy(options->irqs, options->irq_count,
				   sizeof(*server->irqs));
	server->is_on = calloc(options->irq_count + 1, sizeof(bool));
	server->irq_count = options->irq_count;
	server->type = options->type;
	server->patience = options->patience ? options->patience : PATIENCE;
	server->can_reset = options->can_reset;
	if (!server->name || !server->irqs || !server->is_on)
		return -ENOMEM;
	return server_copy_regions(server, options);
}

int lend_server_new(struct lend_ctx *ctx,
		    const struct lend_server_options *options,
		    const struct lend_server_ops *ops, void *opaque,
		    struct lend_server **result)
{
	struct lend_server_options known = {.fd = -1};
	struct lend_server_ops known_ops = {0};
	struct lend_server *server;
	int err = server_take_arguments(ctx, options, ops, &known, &known_ops);

	if (err)
		return err;
	server = calloc(1, sizeof(*server));
	if (!server)
		return error_no_memory(ctx, known.name);
	server->ctx = lend_ctx_ref(ctx);
	server->ops = known_ops;
	server->opaque = opaque;
	server->listening = -1;
	channel_open(&server->channel, ctx->kernel, -1);
	err = server_copy_options(server, &known);
	if (err) {
		lend_server_free(server);
		return error_no_memory(ctx, known.name);
	}
	server->listening = known.fd;
	*result = server;
	return 0;
}

void lend_server_free(struct lend_server *server)
{
	if (!server)
		return;
	lend_server_disconnect(server);
	if (server->listening >= 0)
		server->ctx->kernel->close(server->ctx->kernel,
					   server->listening);
	for (unsigned int i = 0; i < server->region_count; i++)
		free((struct lend_area *)(uintptr_t)server->regions[i].areas);
	free(server->regions);
	free(server->irqs);
	free(server->is_on);
	ledger_free(&server->mappings);
	free(server->name);
	lend_ctx_unref(server->ctx);
	free(server);
}

bool lend_server_has_client(const struct lend_server *server)
{
	return server->channel.fd >= 0;
}

/* The device is quiet before the memory that it could reach is unmapped. */
void lend_server_disconnect(struct lend_server *server)
{
	int err;

	if (!lend_server_has_client(server))
		return;
	channel_close(&server->channel);
	server_disable_irqs(server);
	err = server->ops.reset(server->opaque);
	if (err)
		lend_log(server->ctx, LEND_LOG_WARNING,
			 "%s: not reset after its client has left: %s",
			 server->name, strerror(-err));
	server_unmap_all(server);
	server->ops.left(server->opaque);
}

static void server_drop(struct lend_server *server, int err)
{
	if (err == -ECONNRESET || err == -EPIPE)
		lend_log(server->ctx, LEND_LOG_INFO, "%s: the client has left",
			 server->name);
	else if (err == -EBADMSG)
		lend_log(server->ctx, LEND_LOG_WARNING,
			 "%s: the client was disconnected: what it sent is no "
			 "vfio-user message, or has more than %u descriptors",
			 server->name, USER_FDS_MAX);
	else if (err == -ETIMEDOUT)
		lend_log(server->ctx, LEND_LOG_WARNING,
			 "%s: the client was disconnected: %s for %u ms",
			 server->name,
			 channel_is_sending(&server->channel)
				 ? "it received no reply"
			 : server->has_agreed ? "its message did not end"
					      : "it sent no version",
			 server->patience);
	else
		lend_log(server->ctx, LEND_LOG_WARNING,
			 "%s: the client was disconnected: %s", server->name,
			 strerror(-err));
	lend_server_disconnect(server);
}

/* Answers what is there; all that was received, for which no poll would return.
 * Returns 0, or -errno if the client is to go. */
static int server_serve(struct lend_server *server)
{
	struct channel *channel = &server->channel;
	int err = channel_flush(channel);
	struct user_header next;

	channel_readable(channel);
	for (unsigned int i = 0;
	     !err && (i < TURN || channel_has_message(channel, &next)); i++) {
		if (channel_is_sending(channel))
			break;
		err = channel_receive(channel);
		if (err <= 0)
			break;
		server->deadline = 0;
		err = server_answer(server);
	}
	return err;
}

/* A client that has begun something gets some time to end it. */
static int server_check_deadline(struct lend_server *server)
{
	const struct channel *channel = &server->channel;

	if (server->has_agreed && !channel_is_sending(channel) &&
	    !channel_is_receiving(channel))
		server->deadline = 0;
	else if (!server->deadline)
		server->deadline = clock_now() + server->patience;
	else if (clock_now() >= server->deadline)
		return -ETIMEDOUT;
	return 0;
}

static void server_welcome(struct lend_server *server, int fd)
{
	channel_open(&server->channel, server->ctx->kernel, fd);
	server->has_agreed = false;
	server->has_refused = server->has_turned_away = false;
	server->data_max = 0;
	server->deadline = clock_now() + server->patience;
	lend_log(server->ctx, LEND_LOG_INFO, "%s: a client has connected",
		 server->name);
}

static void server_turn_away(struct lend_server *server, int fd)
{
	server->ctx->kernel->close(server->ctx->kernel, fd);
	if (server->has_turned_away)
		return;
	server->has_turned_away = true;
	lend_log(server->ctx, LEND_LOG_WARNING,
		 "%s: a second client was refused: the device is in use by "
		 "the first",
		 server->name);
}

static int server_accept(struct lend_server *server)
{
	int fd = server->ctx->kernel->accept(server->ctx->kernel,
					     server->listening);

	/* Whoever wanted to connect may have given up. */
	if (fd == -EAGAIN || fd == -EINTR || fd == -ECONNABORTED)
		return 0;
	if (fd < 0)
		return error_system(server->ctx, -fd, server->name,
				    "accept a client");
	if (lend_server_has_client(server))
		server_turn_away(server, fd);
	else
		server_welcome(server, fd);
	return 0;
}

/* The device may still reach memory of a client that has left. */
static int server_end(struct lend_server *server)
{
	return lend_error_set(server->ctx, LEND_ERROR_DMA, EIO, server->name,
			      "%u mappings of the client that has left could "
			      "not be removed",
			      server->kept);
}

int lend_server_handle(struct lend_server *server,
		       const struct pollfd fds[LEND_SERVER_POLL])
{
	int err = 0;

	if (lend_server_has_client(server)) {
		if (fds[1].revents)
			err = server_serve(server);
		if (!err)
			err = server_check_deadline(server);
		if (err < 0)
			server_drop(server, err);
	}
	if (server->kept)
		return server_end(server);
	return fds[0].revents ? server_accept(server) : 0;
}

unsigned int lend_server_poll(const struct lend_server *server,
			      struct pollfd fds[LEND_SERVER_POLL], int *timeout)
{
	uint64_t now;

	*timeout = -1;
	fds[1] = (struct pollfd){.fd = -1};
	fds[0] = (struct pollfd){.fd = server->listening, .events = POLLIN};
	if (!lend_server_has_client(server))
		return 1;
	fds[1] = (struct pollfd){
		.fd = server->channel.fd,
		.events =
			channel_is_sending(&server->channel) ? POLLOUT : POLLIN,
	};
	if (server->deadline) {
		now = clock_now();
		*timeout = server->deadline > now
				   ? (int)(server->deadline - now)
				   : 0;
	}
	return 2;
}
