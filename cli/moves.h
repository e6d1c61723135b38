/* SPDX-License-Identifier: MIT */
/* What lend bind and lend restore tell of the devices that they moved. */
#ifndef CLI_MOVES_H
#define CLI_MOVES_H

#include "cli/command.h"

struct json_object;

struct moves {
	struct cli *cli;
	struct json_object *list;
};

void moves_begin(struct moves *moves, struct cli *cli);

/* A lend_bind_options.moved: prints "0000:02:00.0  e1000e -> vfio-pci", or
 * keeps it for the document. */
void moves_add(void *opaque, const char *device, const char *from,
	       const char *to);

/* With --json, prints the document: {"moved": [...]}, or, where error is not 0,
 * leaves that to the report of the error. Returns error. */
int moves_end(struct moves *moves, int err);

#endif
