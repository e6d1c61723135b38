/* SPDX-License-Identifier: MIT */
/* The parts of lend show. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "cli/command.h"
#include "cli/json.h"

/* Adds a PCI device's "quirks", of its model, and "capabilities" of its
 * configuration space, null if this user cannot read them. */
void show_add_config(struct json_object *facts,
		     const struct lend_address *address);

/* Adds "vfio", what VFIO reports about a bound device, or the error. */
void show_add_vfio(struct json_object *facts, struct lend_ctx *ctx,
		   struct lend_address *address);

void show_print(const struct json_object *facts);

#endif
