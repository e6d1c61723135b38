// SPDX-License-Identifier: MIT
// Collects how the host uses a device, as evidence against binding it.

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/open-files.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/uses.h"

/* A longer list helps nobody. */
enum { LISTED_MAX = 16 };

void uses_add(struct uses *uses, const char *fmt, ...)
{
	char line[512];
	va_list args;

	if (!uses->count)
		lend_error_set(uses->ctx, LEND_ERROR_IN_USE, EBUSY, uses->name,
			       "the host uses it");
	if (uses->count++ >= LISTED_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	lend_error_evidence(uses->ctx, "%s", line);
}

/* The nodes that are looked for, with their paths; entries has the place of
 * each among the device's nodes. */
struct sought {
	struct open_files files;
	struct open_node *nodes;
	unsigned int *entries;
};

static void sought_free(struct sought *sought)
{
	for (unsigned int i = 0; i < sought->files.node_count; i++)
		free((char *)(uintptr_t)sought->nodes[i].path);
	free(sought->nodes);
	free(sought->entries);
}

static int sought_fill(const struct uses *uses, struct sought *sought)
{
	*sought = (struct sought){
		.nodes = calloc(uses->nodes.count, sizeof(*sought->nodes)),
		.entries = calloc(uses->nodes.count, sizeof(*sought->entries)),
	};
	if (!sought->nodes || !sought->entries)
		return -ENOMEM;
	sought->files.nodes = sought->nodes;
	for (unsigned int i = 0; i < uses->nodes.count; i++) {
		const struct nodes_entry *entry = &uses->nodes.entries[i];
		unsigned int n = sought->files.node_count;
		char path[SYSFS_PATH];

		if (entry->is_used || entry->is_volume ||
		    sysfs_path(path, "%s/%s", uses->ctx->dev, entry->name))
			continue;
		sought->nodes[n].type = entry->type;
		sought->nodes[n].number = entry->number;
		sought->nodes[n].path = strdup(path);
		if (!sought->nodes[n].path)
			return -ENOMEM;
		sought->entries[n] = i;
		sought->files.node_count++;
	}
	return 0;
}

static void uses_add_holders_of(struct uses *uses, const struct sought *sought,
				unsigned int node)
{
	const struct open_files *files = &sought->files;
	struct nodes_entry *entry = &uses->nodes.entries[sought->entries[node]];

	for (unsigned int i = 0; i < files->count; i++) {
		if (files->matches[i].node != (int)node)
			continue;
		if (!entry->is_used)
			uses_add(uses, "/dev/%s is open:", entry->name);
		entry->is_used = true;
		open_files_add_evidence(uses->ctx, sought->nodes[node].path,
					files->matches[i].pid);
	}
}

void uses_add_holders(struct uses *uses)
{
	struct sought sought;

	if (!uses->nodes.count)
		return;
	if (!sought_fill(uses, &sought)) {
		struct open_files *files = &sought.files;

		if (files->node_count)
			open_files_find(uses->ctx, files);
		for (unsigned int i = 0; i < files->node_count; i++)
			uses_add_holders_of(uses, &sought, i);
		if (files->limit)
			unknown_add(
				uses->unknown,
				"%s to know whether a process has one of "
				"its %u nodes open, such as /dev/%s",
				files->limit, files->node_count,
				uses->nodes.entries[sought.entries[0]].name);
	}
	sought_free(&sought);
}

void uses_for_places(struct uses *uses, enum places_kind kind,
		     void (*each)(struct uses *uses, const struct place *place))
{
	const struct places *places;
	unsigned int i, end;

	if (places_get(uses->ctx, kind, &places))
		return;
	for (i = places_below(places, uses->path, &end); i < end; i++)
		each(uses, &places->entries[i]);
	places_put(uses->ctx, places);
}
