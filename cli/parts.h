/* SPDX-License-Identifier: MIT */
/* The names that drivers gave to what they made of a device. */
#ifndef CLI_PARTS_H
#define CLI_PARTS_H

#include "cli/json.h"

struct lend_address;
struct lend_ctx;

/* Collects the names of the whole host, for json_object_put(). */
struct json_object *parts_collect(struct lend_ctx *ctx);

/* Adds "names", those of a device. */
void parts_add(struct json_object *facts, const struct json_object *parts,
	       const struct lend_address *address);

/* Writes the names to choose a device by, "eth0,eth1", or "" if there are
 * none: of interfaces, disks and adapters, without what stands for the same,
 * such as a disk's controller. */
void parts_write(const struct json_object *facts, char *text, size_t size);

#endif
