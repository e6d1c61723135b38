/* SPDX-License-Identifier: MIT */
/* A server of vfio-user, shared by the files of this directory. */
#ifndef LIB_SERVER_SERVER_H
#define LIB_SERVER_SERVER_H

#include <lend/server.h>

#include "lib/base/context.h"
#include "lib/base/ledger.h"
#include "lib/user/channel.h"
#include "lib/user/version.h"

struct lend_server {
	struct lend_ctx *ctx; /* a reference */
	char *name;
	struct lend_server_ops ops;
	void *opaque;

	/* Constant after lend_server_new(). */
	struct lend_server_region *regions; /* their areas are ours */
	unsigned int region_count;
	struct lend_server_irq *irqs;
	unsigned int irq_count;
	enum lend_device_type type;
	unsigned int patience;
	bool can_reset;

	int listening; /* the socket, ours; -1 until lend_server_new() succeeds
			*/

	/* The client: channel.fd is -1 if there is none. */
	struct channel channel;
	bool has_agreed;                   /* on a version */
	bool has_refused, has_turned_away; /* and logged so */
	uint64_t data_max;                 /* bytes in a message, as agreed */
	uint64_t deadline;                 /* of what is in progress; 0: none */
	unsigned int kept; /* mappings that could not be removed, at a client's
			      end */
	bool *is_on;       /* interrupts of the index may be enabled */
	struct ledger mappings; /* vaddr is NULL: the client sent no descriptor
				 */
};

/* What is sent in reply: @size bytes in channel_room(), and a descriptor. */
struct server_reply {
	size_t size;
	int fd; /* -1: none */
};

/* Handle a command, whose payload is at least as large as its structure. Each
 * returns 0, or -errno for the client. */
int server_region_info(struct lend_server *server, struct server_reply *reply);
int server_region_read(struct lend_server *server, struct server_reply *reply);
int server_region_write(struct lend_server *server, struct server_reply *reply);
int server_irq_info(struct lend_server *server, struct server_reply *reply);
int server_irq_set(struct lend_server *server, struct server_reply *reply);
int server_dma_map(struct lend_server *server, struct server_reply *reply);
int server_dma_unmap(struct lend_server *server, struct server_reply *reply);

/* Answer the message that the channel has received. Returns 0, or -errno if the
 * client is to be disconnected; the reason is logged. */
int server_answer(struct lend_server *server);

/* Log the client's first refused request. Returns -@err. */
int server_refuse(struct lend_server *server, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Copy a structure of the reply. Returns 0 or -ENOMEM. */
int server_reply_with(struct lend_server *server, struct server_reply *reply,
		      const void *bytes, size_t size);

/* Undo what the client has done to interrupts and mappings. */
void server_disable_irqs(struct lend_server *server);
void server_unmap_all(struct lend_server *server);

#endif
