// SPDX-License-Identifier: MIT
// Reports the devices that lend bind and lend restore moved.

#include <stdio.h>

#include "cli/json.h"
#include "cli/moves.h"

void moves_begin(struct moves *moves, struct cli *cli)
{
	moves->cli = cli;
	moves->list = json_object_new_array();
}

static const char *driver_or_none(const char *driver)
{
	return driver[0] ? driver : "(none)";
}

void moves_add(void *opaque, const char *device, const char *from,
	       const char *to)
{
	struct moves *moves = opaque;
	struct json_object *move = json_object_new_object();

	json_add_text(move, "device", device);
	json_add_text(move, "from", from);
	json_add_text(move, "to", to);
	if (!moves->cli->json)
		printf("%s  %s -> %s\n", json_text(move, "device"),
		       driver_or_none(json_text(move, "from")),
		       driver_or_none(json_text(move, "to")));
	json_object_array_add(moves->list, move);
}

int moves_end(struct moves *moves, int err)
{
	struct json_object *document;

	if (err || !moves->cli->json) {
		json_object_put(moves->list);
		return err;
	}
	document = json_new_document();
	json_add(document, "moved", moves->list);
	json_print(document);
	return 0;
}
