// SPDX-License-Identifier: MIT
// Reading procfs: the start of a file, or a whole table line by line.

#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"

/* The rest of a longer file is ignored. */
enum { TEXT_MAX = 1 << 20 };

int procfs_read(struct lend_ctx *ctx, const char *name, char *text, size_t size)
{
	char path[SYSFS_PATH];
	int length = sysfs_path(path, "%s/%s", ctx->proc, name);

	if (!length)
		length = sysfs_read_bytes(ctx, path, text, size - 1);
	text[length < 0 ? 0 : length] = '\0';
	return length;
}

char *procfs_read_all(struct lend_ctx *ctx, const char *name)
{
	char *text = malloc(TEXT_MAX + 1);

	if (text && procfs_read(ctx, name, text, TEXT_MAX + 1) < 0) {
		free(text);
		return NULL;
	}
	return text;
}

char *procfs_next_line(char **rest)
{
	char *line = *rest;
	size_t length = strcspn(line, "\n");

	if (!*line)
		return NULL;
	*rest = line + length + (line[length] == '\n');
	line[length] = '\0';
	return line;
}
