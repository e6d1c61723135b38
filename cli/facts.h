/* SPDX-License-Identifier: MIT */
/* Collects the facts about a device that lend list shows. */
#ifndef CLI_FACTS_H
#define CLI_FACTS_H

#include "cli/command.h"
#include "cli/json.h"
#include "cli/names.h"

/* A device's identity: names, class, driver, group, verdict, abilities. */
struct json_object *facts_of(struct lend_ctx *ctx, struct names *names,
			     struct lend_address *address);

/* "0000:02:00.0 Ethernet controller [0200]: NAME [8086:10d3]", without driver
 * and group. */
void facts_print_title(const struct json_object *facts);

/* Prints what the device supports, each item after a separator. */
void facts_print_abilities(const struct json_object *facts,
			   const char *separator);

#endif
