// SPDX-License-Identifier: MIT
// Parses -name: the guest's name, which becomes that of the process.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lend/error.h>

#include "cli/no-memory.h"
#include "cli/run/name.h"
#include "cli/run/words.h"

struct name_parts {
	struct lend_ctx *ctx;
	char *guest;
	char *process;
};

static int name_set_part(void *opaque, const char *name, const char *value)
{
	struct name_parts *parts = opaque;
	char **part = NULL;

	if (!strcmp(name, "guest"))
		part = &parts->guest;
	else if (!strcmp(name, "process"))
		part = &parts->process;
	else if (!strcmp(name, "debug-threads"))
		return 0; /* threads have names of their own anyway */
	if (!part || !value) {
		lend_error_set(parts->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       part ? "-name: no value for '%s'"
				    : "-name: unknown property '%s'",
			       name);
		return lend_error_remedy(parts->ctx,
					 "use -name NAME; a comma in a name is "
					 "',,'");
	}
	free(*part);
	*part = strdup(value);
	return *part ? 0 : cli_no_memory(parts->ctx);
}

int run_name_parse(struct lend_ctx *ctx, const char *text, char **name)
{
	struct name_parts parts = {.ctx = ctx};
	int err = run_words_each(ctx, "-name", text, "guest", name_set_part,
				 &parts);
	char **used = parts.process ? &parts.process : &parts.guest;

	if (!err && *used) {
		free(*name);
		*name = *used;
		*used = NULL;
	}
	free(parts.guest);
	free(parts.process);
	return err;
}
