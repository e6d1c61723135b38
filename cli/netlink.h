/* SPDX-License-Identifier: MIT */
/* Requests to the kernel's rtnetlink about one network interface, and what its
 * answers consist of. */
#ifndef CLI_NETLINK_H
#define CLI_NETLINK_H

#include <stdbool.h>
#include <stddef.h>

struct netlink_request {
	size_t size;
	bool is_full; /* something did not fit */
	_Alignas(4) unsigned char bytes[256];
};

/* Begins a request of a type, RTM_*, about an interface by its number. */
void netlink_begin(struct netlink_request *request, unsigned int type,
		   unsigned int flags, unsigned int interface);

/* Appends an attribute. */
void netlink_put(struct netlink_request *request, unsigned int type,
		 const void *data, size_t size);

/* Opens an attribute that holds others; its result is for netlink_close(). */
size_t netlink_open(struct netlink_request *request, unsigned int type);
void netlink_close(struct netlink_request *request, size_t at);

/* Attributes that follow each other. */
struct netlink_list {
	const unsigned char *at;
	size_t left;
};

struct netlink_attribute {
	unsigned int type;
	struct netlink_list inside; /* its bytes */
};

/* Takes the first attribute off a list. Returns false at the end, and for one
 * that is longer than the list. */
bool netlink_next(struct netlink_list *list,
		  struct netlink_attribute *attribute);

/* Copies the first @size bytes of an attribute. Returns false if it has less.
 */
bool netlink_read(const struct netlink_attribute *attribute, void *data,
		  size_t size);

/* What an interface is. */
struct netlink_answer {
	unsigned int type;        /* ARPHRD_* */
	unsigned int flags;       /* IFF_* */
	struct netlink_list list; /* of attributes, in @bytes */
	char message[128];        /* of the driver with an error, or "" */
	unsigned char *bytes;     /* for netlink_free() */
};

/* Sends a request and reads its answer, that of NLM_F_ACK included. Returns 0,
 * or -errno, the kernel's or that of the exchange; -EMSGSIZE for a request that
 * did not fit, -EBADMSG for an answer that is malformed. netlink_free() either
 * way. */
int netlink_ask(struct netlink_request *request, struct netlink_answer *answer);
void netlink_free(struct netlink_answer *answer);

/* Sends @size bytes to the kernel, by a socket of its own, and receives one
 * datagram. Returns its size, or -errno. */
long netlink_exchange(const void *request, size_t size, void *answer,
		      size_t room);

#endif
