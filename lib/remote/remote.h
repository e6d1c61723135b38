/* SPDX-License-Identifier: MIT */
/* The client's end of vfio-user: a device behind a socket that answers what the
 * kernel's descriptor of a device does. The server is not trusted. */
#ifndef LIB_REMOTE_REMOTE_H
#define LIB_REMOTE_REMOTE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/base/context.h"
#include "lib/base/ledger.h"
#include "lib/user/channel.h"

/* As QEMU's client has them. */
#define REMOTE_REGIONS  100
#define REMOTE_IRQS     50
#define REMOTE_PATIENCE 5000 /* milliseconds for a reply */

/*
 * A connection. It ends for good when the server closes it, violates the
 * protocol, or does not reply in time. From then on no message is sent: a
 * device that was open reads as all ones, and ignores writes.
 */
struct remote {
	const struct kernel *kernel;
	struct lend_ctx *ctx; /* borrowed */
	char name[256];

	/* Of the server; constant once the device is open. */
	uint64_t data_max;     /* bytes of data in a message */
	unsigned int fds_max;  /* descriptors in a message */
	uint64_t map_max;      /* mappings */
	uint64_t page_sizes;   /* of mappings, a bit each */
	bool is_pci;           /* the device is a PCI function */
	unsigned int irqs;     /* interrupt indices */
	bool has_error;        /* it signals LEND_PCI_IRQ_ERR itself */
	unsigned int patience; /* REMOTE_PATIENCE, or less in tests */

	atomic_bool is_open; /* the open has succeeded */
	atomic_int death;    /* the -errno that ended the connection, or 0 */

	pthread_mutex_t lock; /* guards what follows */
	struct channel channel;
	uint16_t id;       /* of the last request */
	const char *fault; /* how the server violated the protocol, or NULL */
	int error_fd;      /* signalled when the connection ends; or -1 */
	struct ledger memory;
	int files[REMOTE_REGIONS]; /* what can be mapped; -1: nothing */
};

/* A request. All is borrowed. */
struct remote_call {
	const void *head; /* the command's structure */
	size_t head_size;
	const void *data; /* what follows it */
	size_t data_size;
	const int *fds;
	unsigned int fd_count;
	unsigned int more; /* milliseconds beyond the patience */
	uint16_t command;
	bool is_posted; /* the server sends no reply */
};

/*
 * Agree on a version with the server at the other end of the socket @fd, which
 * stays the caller's. Returns 0, or -errno with a record.
 */
int remote_new(struct lend_ctx *ctx, int fd, const char *name,
	       struct remote **remote);

/* Frees it, NULL too; sends nothing. */
void remote_free(struct remote *remote);

/* The device is open: what becomes of the connection is no error of a call any
 * more. */
void remote_settle(struct remote *remote);

/* Why the connection ended, as a clause; NULL if it did not. */
const char *remote_loss(const struct remote *remote);

/* Records why the connection ended, if it did. Returns @err. */
int remote_explain(struct remote *remote, int err);

/* As an ioctl of the kernel's descriptor, for those of linux/vfio.h that a
 * server has a message for; others are -ENOTTY. */
int remote_ioctl(struct remote *remote, unsigned long request, void *argument);

/* Return @size, or -errno. A write to a BAR is sent without waiting for the
 * server, as on a bus. */
ssize_t remote_read(struct remote *remote, unsigned int index, uint64_t offset,
		    void *data, size_t size);
ssize_t remote_write(struct remote *remote, unsigned int index, uint64_t offset,
		     const void *data, size_t size);

/* The descriptor to map region @index by, or -1. */
int remote_file(const struct remote *remote, unsigned int index);

/* Why the file of a region cannot be mapped up to @end without the risk that it
 * becomes shorter; NULL if it can. */
const char *remote_file_fault(struct remote *remote, unsigned int index,
			      uint64_t end);

/* Let the device access memory, by its file if it has one, and by messages.
 * Return 0 or -errno. Unmapping adds to *@size the bytes that were unmapped,
 * whole mappings within the range. */
int remote_map(struct remote *remote, const struct mapping *mapping);
int remote_unmap(struct remote *remote, uint64_t iova, uint64_t range,
		 uint64_t *size);

/* Handle what the server has sent unasked, unless another thread is about to.
 * Returns 0, or the -errno that ended the connection. */
int remote_serve(struct remote *remote);

/*
 * The rest is for the files of this directory, with the lock held.
 *
 * remote_call() sends a request and receives its reply, which is in the channel
 * until the next message; the server's own requests are answered meanwhile.
 * Returns 0; the -errno of an error reply; or -ENODEV if the connection has
 * ended.
 */
int remote_call(struct remote *remote, const struct remote_call *call);

/* Release the lock. Requests of the server that were received behind a reply
 * are answered first: the socket has nothing more to be polled for. */
void remote_unlock(struct remote *remote);

/* The reply to a command violates the protocol. Returns -ENODEV. */
int remote_refuse_reply(struct remote *remote, const char *fault);

/* Answers a request of the server in the channel. Returns 0 or -errno. */
int remote_answer(struct remote *remote);

/* The messages of remote_ioctl(). */
int remote_set_irqs(struct remote *remote, const void *argument);
int remote_irq_info(struct remote *remote, void *argument);
int remote_region_info(struct remote *remote, void *argument);

#endif
