/* SPDX-License-Identifier: MIT */
/* Finds the devices that are named on the command line, or all devices. */
#ifndef CLI_DEVICES_H
#define CLI_DEVICES_H

#include "cli/command.h"
#include "cli/options.h"

struct devices {
	struct lend_address **addresses;
	unsigned int count;
};

/* Finds @count devices by @names; devices_free() releases them.
 * Returns 0, or -errno with a record. */
int devices_find(struct lend_ctx *ctx, char *const *names, unsigned int count,
		 struct devices *devices);

/* cli_parse() for a command whose operands are devices, at least one. Returns
 * 0, or -errno as it and devices_find() do. */
int devices_parse(struct cli *cli, const struct cli_syntax *syntax,
		  void *opaque, int argc, char **argv, struct devices *devices);

/* Adds a device, and takes a reference, unless it is in the list. Returns 0, or
 * -ENOMEM with a record. */
int devices_add(struct lend_ctx *ctx, struct devices *devices,
		struct lend_address *address);

void devices_free(struct devices *devices);

/* Calls @each for each device of the host, bus by bus, as lend_host_list()
 * does. */
int devices_each(struct lend_ctx *ctx,
		 int (*each)(void *opaque, struct lend_address *address),
		 void *opaque);

#endif
