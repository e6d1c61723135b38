// SPDX-License-Identifier: MIT
// Parses -qmp, and finds the path of a control socket by the name of the run.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lend/lend.h>

#include "cli/no-memory.h"
#include "cli/run/control.h"
#include "cli/run/words.h"

#define UNIX "unix:"

struct control_words {
	struct lend_ctx *ctx;
	struct run_control *control;
};

static int control_refuse(struct lend_ctx *ctx, const char *what,
			  const char *why)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL, "-qmp: %s: %s",
		       what, why);
	return lend_error_remedy(ctx, "use -qmp unix:PATH,server=on,wait=off, "
				      "or -qmp auto");
}

static int control_set_address(struct control_words *words, const char *text)
{
	struct run_control *control = words->control;

	if (!strcmp(text, "none"))
		return 0;
	control->is_auto = !strcmp(text, "auto");
	if (control->is_auto)
		return 0;
	if (strncmp(text, UNIX, strlen(UNIX)) || !text[strlen(UNIX)])
		return control_refuse(words->ctx, text,
				      "the control socket is a Unix socket");
	control->path = strdup(text + strlen(UNIX));
	return control->path ? 0 : cli_no_memory(words->ctx);
}

/* QEMU's older words are those without a value. */
static int control_set_property(void *opaque, const char *name,
				const char *value)
{
	struct control_words *words = opaque;
	bool is_on = !value || !strcmp(value, "on");

	if (!strcmp(name, "address"))
		return value ? control_set_address(words, value)
			     : control_refuse(words->ctx, "address",
					      "no value");
	if (!strcmp(name, "server"))
		return is_on ? 0
			     : control_refuse(words->ctx, "server=off",
					      "lend run connects to no socket, "
					      "but listens");
	if (!strcmp(name, "nowait") && !value)
		return 0;
	if (!strcmp(name, "wait"))
		return !is_on ? 0
			      : control_refuse(words->ctx, "wait=on",
					       "the guest starts at once");
	return control_refuse(words->ctx, name, "unknown property");
}

int run_control_parse(struct run_control *control, struct lend_ctx *ctx,
		      const char *text)
{
	struct control_words words = {ctx, control};

	run_control_free(control);
	return run_words_each(ctx, "-qmp", text, "address",
			      control_set_property, &words);
}

bool run_control_is_given(const struct run_control *control)
{
	return control->path || control->is_auto;
}

void run_control_free(struct run_control *control)
{
	free(control->path);
	*control = (struct run_control){0};
}

/* Without a name, it is that of the process's number. */
static int control_find_path(struct run_control *control, struct lend_ctx *ctx,
			     const char *name)
{
	struct runtime_path directory, path;
	char number[16];
	int err = runtime_directory(ctx, &directory);

	snprintf(number, sizeof(number), "%d", (int)getpid());
	if (!err)
		err = runtime_socket(ctx, &directory, name ? name : number,
				     &path);
	if (!err)
		err = runtime_make(ctx, &directory);
	if (err)
		return err;
	control->path = strdup(path.text);
	return control->path ? 0 : cli_no_memory(ctx);
}

int run_control_configure(struct machine_control *machine, struct lend_ctx *ctx,
			  struct run_control *control, const char *name)
{
	int err = control->is_auto ? control_find_path(control, ctx, name) : 0;

	*machine = (struct machine_control){
		.path = control->path,
		.name = name,
		.notify_socket = getenv("NOTIFY_SOCKET"),
	};
	return err;
}
