/* SPDX-License-Identifier: MIT */
/* The parts of lend show. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/command.h"
#include "cli/json.h"

/* Adds "regions" of a PCI device as sysfs lists them, "quirks" of its kind, and
 * "capabilities" of its configuration space, null where this user may not read
 * that far. */
void show_add_config(struct json_object *facts,
		     const struct lend_address *address);

/* Adds "vfio": what VFIO says of a device that it has, or the error. */
void show_add_vfio(struct json_object *facts, struct lend_ctx *ctx,
		   struct lend_address *address);

void show_print(const struct json_object *facts);

#endif
