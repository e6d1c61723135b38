// SPDX-License-Identifier: MIT
// The mounts of this mount namespace and of those that processes are in.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/address/open-files.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/survey.h"
#include "lib/check/mounts.h"
#include "lib/check/spaces.h"

/* The mounts of a namespace, as procfs shows them. */
struct mounts_text {
	char pid[16]; /* of a process in it; "" for this one */
	char *text;
};

struct mounts_texts {
	struct mounts_text *entries;
	unsigned int count;
	struct lend_ctx *ctx; /* while they are read */
};

static void mounts_free(void *data)
{
	struct mounts_texts *texts = data;

	for (unsigned int i = 0; i < texts->count; i++)
		free(texts->entries[i].text);
	free(texts->entries);
	free(texts);
}

static void mounts_read(struct mounts_texts *texts, const char *pid)
{
	struct mounts_text *entry, *grown;
	char file[32];

	grown = reallocarray(texts->entries, texts->count + 1UL,
			     sizeof(*grown));
	if (!grown)
		return;
	texts->entries = grown;
	entry = &grown[texts->count];
	snprintf(file, sizeof(file), "%.16s/mountinfo", pid ? pid : "self");
	snprintf(entry->pid, sizeof(entry->pid), "%s", pid ? pid : "");
	entry->text = procfs_read_all(texts->ctx, file);
	texts->count += entry->text != NULL;
}

static void mounts_read_space(void *opaque, const char *pid, const char *space)
{
	(void)space;
	mounts_read(opaque, pid);
}

/* Calls each for the lines of a namespace, which stay as they are. */
static void mounts_parse(const struct mounts_text *entry,
			 void (*each)(void *opaque, const struct mount *mount),
			 void *opaque)
{
	struct mount mount = {.pid = entry->pid[0] ? entry->pid : NULL};
	char *text = strdup(entry->text);
	char *rest = text, *line;

	while (text && (line = procfs_next_line(&rest))) {
		const char *dash = strstr(line, " - ");

		mount.source[0] = '\0';
		if (dash &&
		    sscanf(line, "%*s %*s %31s %63s %255s", mount.number,
			   mount.root, mount.where) == 3 &&
		    sscanf(dash, " - %63s %255s", mount.type, mount.source) > 0)
			each(opaque, &mount);
	}
	free(text);
}

void mounts_visit(struct lend_ctx *ctx,
		  void (*each)(void *opaque, const struct mount *mount),
		  void *opaque)
{
	struct mounts_texts *texts = survey_find(ctx, SURVEY_MOUNTS);

	if (!texts) {
		texts = calloc(1, sizeof(*texts));
		if (!texts)
			return;
		texts->ctx = ctx;
		mounts_read(texts, NULL);
		spaces_visit(ctx, "mnt", mounts_read_space, texts);
	}
	for (unsigned int i = 0; i < texts->count; i++)
		mounts_parse(&texts->entries[i], each, opaque);
	survey_keep(ctx, SURVEY_MOUNTS, texts, mounts_free);
}

void mounts_describe(struct lend_ctx *ctx, const struct mount *mount,
		     char *text, size_t size)
{
	char process[OPEN_PROCESS];

	if (!mount->pid) {
		snprintf(text, size, "on %s", mount->where);
		return;
	}
	open_files_describe(ctx, mount->pid, process);
	snprintf(text, size, "on %s in the mount namespace of %s", mount->where,
		 process);
}
