// SPDX-License-Identifier: MIT
// Reads which VFIO drivers the running kernel has for which PCI devices, from
// the lists of depmod.

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/host/variant-aliases.h"

/* modules.alias of a distribution has less than two MiB. */
enum { LIST_MAX = 8 << 20 };

/* The lines that were found. */
struct alias_text {
	char *text;
	size_t length;
	bool is_full; /* there was not enough memory */
};

/* The name is a part of paths later, and an argument of modprobe. */
static bool alias_is_module(const char *module)
{
	if (!isalnum((unsigned char)*module) || strlen(module) >= SYSFS_NAME)
		return false;
	for (const char *c = module; *c; c++)
		if (!isalnum((unsigned char)*c) && *c != '_' && *c != '-')
			return false;
	return true;
}

static void alias_add(struct alias_text *text, const char *alias,
		      const char *module)
{
	const char *pattern = alias + strlen(VARIANT_PREFIX);
	size_t size = strlen(pattern) + strlen(module) + sizeof(" \n");
	char *longer;

	if (strncmp(alias, VARIANT_PREFIX, strlen(VARIANT_PREFIX)) != 0 ||
	    strpbrk(pattern, " \n") || !alias_is_module(module))
		return;
	longer = realloc(text->text, text->length + size);
	text->is_full |= !longer;
	if (!longer)
		return;
	text->text = longer;
	text->length += (size_t)snprintf(longer + text->length, size, "%s %s\n",
					 pattern, module);
}

/* A line "alias PATTERN MODULE". */
static void alias_parse_line(struct alias_text *text, char *line)
{
	char *word = strsep(&line, " "), *alias = strsep(&line, " ");

	if (line && !strcmp(word, "alias"))
		alias_add(text, alias, line);
}

/* A string "MODULE.alias=PATTERN" of modules.builtin.modinfo. */
static void alias_parse_string(struct alias_text *text, char *string)
{
	char *module = strsep(&string, ".");
	static const char key[] = "alias=";

	if (string && !strncmp(string, key, strlen(key)))
		alias_add(text, string + strlen(key), module);
}

/* Hands on the parts of a list, each ended by @end, that have the prefix. */
static void alias_read_list(struct lend_ctx *ctx, struct alias_text *text,
			    const char *path, char end,
			    void (*parse)(struct alias_text *text, char *part))
{
	char *list = malloc(LIST_MAX + 1), *last, *stop;
	int length;

	text->is_full |= !list;
	if (!list)
		return;
	length = sysfs_read_bytes(ctx, path, list, LIST_MAX);
	stop = list + (length < 0 ? 0 : length);
	*stop = '\0';
	for (char *at = list; at < stop; at = last + 1) {
		last = memchr(at, end, (size_t)(stop - at));
		last = last ? last : stop;
		*last = '\0';
		/* Most parts are about other drivers. */
		if (strstr(at, VARIANT_PREFIX))
			parse(text, at);
	}
	free(list);
}

/* Returns the running kernel's aliases for free(), or NULL. */
static char *alias_collect(struct lend_ctx *ctx)
{
	char path[SYSFS_PATH], release[SYSFS_NAME];
	struct alias_text text = {.text = strdup("")};

	text.is_full = !text.text;
	if (procfs_read(ctx, "sys/kernel/osrelease", release, sizeof(release)) >
	    0) {
		release[strcspn(release, "\n")] = '\0';
		if (!sysfs_path(path, "%s/%s/modules.alias", ctx->modules,
				release))
			alias_read_list(ctx, &text, path, '\n',
					alias_parse_line);
		if (!sysfs_path(path, "%s/%s/modules.builtin.modinfo",
				ctx->modules, release))
			alias_read_list(ctx, &text, path, '\0',
					alias_parse_string);
	}
	if (!text.is_full)
		return text.text;
	free(text.text);
	return NULL;
}

const char *variant_aliases(struct lend_ctx *ctx)
{
	char *known = atomic_load(&ctx->aliases), *read;

	if (known)
		return known;
	read = alias_collect(ctx);
	/* Another thread may have been faster. */
	if (read &&
	    !atomic_compare_exchange_strong(&ctx->aliases, &known, read)) {
		free(read);
		return known;
	}
	return read;
}
