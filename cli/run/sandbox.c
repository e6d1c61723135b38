// SPDX-License-Identifier: MIT
// Parses -sandbox.

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include <lend/error.h>
#include <lend/text.h>

#include "cli/run/keys.h"
#include "cli/run/sandbox.h"
#include "cli/run/words.h"
#include "vmm/sandbox/sandbox.h"

#define SWITCH "on|off"

/* QEMU's other properties choose what its filter denies. Here it allows nothing
 * of that in any case. */
static const char *const properties[][2] = {
	{"enable", SWITCH},
	{"report", SWITCH},
	{"obsolete", "allow|deny"},
	{"elevateprivileges", "allow|deny|children"},
	{"spawn", "allow|deny"},
	{"resourcecontrol", "allow|deny"},
};

#define PROPERTIES (sizeof(properties) / sizeof(properties[0]))

struct sandbox_words {
	struct lend_ctx *ctx;
	struct sandbox_options *options;
};

static int sandbox_refuse_name(struct lend_ctx *ctx, const char *name)
{
	const char *names[PROPERTIES], *nearest;

	for (size_t i = 0; i < PROPERTIES; i++)
		names[i] = properties[i][0];
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-sandbox: unknown property '%s'", name);
	nearest = lend_nearest(name, names, PROPERTIES);
	return lend_error_remedy(
		ctx, nearest ? "%s= is the nearest" : "use -sandbox on",
		nearest);
}

static int sandbox_refuse_value(struct lend_ctx *ctx, const char *name,
				const char *value, const char *values)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "-sandbox %s=%s: unknown value", name, value);
	return lend_error_remedy(ctx, "use one of %s", values);
}

static int sandbox_set_property(void *opaque, const char *name,
				const char *value)
{
	struct sandbox_words *words = opaque;
	const char *text = value ? value : "on"; /* as QEMU */
	bool is_on = !strcmp(text, "on");
	size_t i = 0;

	while (i < PROPERTIES && strcmp(properties[i][0], name))
		i++;
	if (i == PROPERTIES)
		return sandbox_refuse_name(words->ctx, name);
	if (!run_keys_is_listed(properties[i][1], text))
		return sandbox_refuse_value(words->ctx, name, text,
					    properties[i][1]);
	if (!strcmp(name, "enable"))
		words->options->mode = is_on ? SANDBOX_ON : SANDBOX_OFF;
	if (!strcmp(name, "report"))
		words->options->report = is_on;
	return 0;
}

int run_sandbox_parse(struct lend_ctx *ctx, const char *text,
		      struct sandbox_options *options)
{
	struct sandbox_words words = {ctx, options};

	*options = (struct sandbox_options){0};
	return run_words_each(ctx, "-sandbox", text, "enable",
			      sandbox_set_property, &words);
}
