/* SPDX-License-Identifier: MIT */
/* Reports the devices that lend bind and lend restore moved. */
#ifndef CLI_MOVES_H
#define CLI_MOVES_H

#include "cli/command.h"

struct json_object;

struct moves {
	struct cli *cli;
	struct json_object *list;
};

void moves_begin(struct moves *moves, struct cli *cli);

/* A lend_bind_options.moved: prints "0000:02:00.0  e1000e -> vfio-pci", or adds
 * it to the document. */
void moves_add(void *opaque, const char *device, const char *from,
	       const char *to);

/* With --json, prints the document {"moved": [...]}, unless @err is not 0: then
 * the error is the document. Returns @err. */
int moves_end(struct moves *moves, int err);

#endif
