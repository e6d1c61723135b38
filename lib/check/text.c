// SPDX-License-Identifier: MIT
// Tables of procfs, line by line.

#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/text.h"

/* What follows is cut off. */
enum { TEXT_MAX = 1 << 20 };

char *text_read_proc(struct lend_ctx *ctx, const char *name)
{
	char path[SYSFS_PATH];
	char *text = malloc(TEXT_MAX + 1);
	int length = -1;

	if (text && !sysfs_path(path, "%s/%s", ctx->proc, name))
		length = sysfs_read_bytes(ctx, path, text, TEXT_MAX);
	if (length < 0) {
		free(text);
		return NULL;
	}
	text[length] = '\0';
	return text;
}

char *text_next_line(char **rest)
{
	char *line = *rest;
	size_t length = strcspn(line, "\n");

	if (!*line)
		return NULL;
	*rest = line + length + (line[length] == '\n');
	line[length] = '\0';
	return line;
}
