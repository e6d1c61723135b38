/* SPDX-License-Identifier: MIT */
/* An NVMe controller with one namespace, offered to a virtual machine monitor
 * through a socket. */
#ifndef DEVICE_NVME_NVME_H
#define DEVICE_NVME_NVME_H

#include <stdbool.h>

struct image;
struct lend_ctx;
struct lend_function;
struct lend_server;

struct nvme;

struct nvme_options {
	const char *name;   /* for messages; borrowed during the call */
	const char *serial; /* at most 20 characters; NULL: from the image */
	const struct image *image; /* borrowed for the controller's life */
	bool has_no_msix;          /* but MSI and INTx */
	int fd; /* a socket that listens, as for lend_server_new() */
};

/* Make a controller. Its commands wait for nvme_start_threads() or nvme_step().
 * Returns 0 or a recorded error, after which the socket is still the caller's.
 */
int nvme_new(struct lend_ctx *ctx, const struct nvme_options *options,
	     struct nvme **nvme);
void nvme_free(struct nvme *nvme);

/* Start the threads that carry out commands. Returns 0 or a recorded error. */
int nvme_start_threads(struct nvme *nvme);

/* Carry out one command in this thread. Returns whether there was one. Not
 * after nvme_start_threads(). */
bool nvme_step(struct nvme *nvme);

/* Borrowed: for the program's loop. */
struct lend_server *nvme_server(const struct nvme *nvme);
struct lend_function *nvme_function(const struct nvme *nvme);

#endif
