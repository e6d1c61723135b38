/* SPDX-License-Identifier: MIT */
/* Collects the facts about devices that lend list shows. */
#ifndef CLI_FACTS_H
#define CLI_FACTS_H

#include "cli/command.h"
#include "cli/json.h"
#include "cli/names.h"

/* What the facts of all devices are taken from. */
struct facts_source {
	struct lend_ctx *ctx;
	struct names *names;
	struct json_object *parts;
};

void facts_open(struct facts_source *source, struct lend_ctx *ctx);
void facts_close(struct facts_source *source);

/* A device's identity: names, class, driver, group, verdict, abilities. */
struct json_object *facts_of(const struct facts_source *source,
			     struct lend_address *address);

/* Writes what the device is, "Ethernet controller [0200]: NAME [8086:10d3] (rev
 * 03)", and what it supports, each after "; ", cut to @size bytes. */
void facts_describe(const struct json_object *facts, char *text, size_t size);

#endif
