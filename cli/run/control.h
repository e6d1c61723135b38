/* SPDX-License-Identifier: MIT */
/* Parses -qmp, and finds the path of a control socket by the name of the run.
 */
#ifndef CLI_RUN_CONTROL_H
#define CLI_RUN_CONTROL_H

#include <stdbool.h>

#include "cli/runtime.h"
#include "vmm/machine/machine.h"

struct lend_ctx;

/* The control socket of a run. */
struct run_control {
	char *path;   /* or NULL */
	bool is_auto; /* it is found by the run's name */
};

/* Parses unix:PATH[,server=on][,wait=off], auto or none. Returns 0, or -errno
 * with a record; run_control_free() is due. */
int run_control_parse(struct run_control *control, struct lend_ctx *ctx,
		      const char *text);
bool run_control_is_given(const struct run_control *control);
void run_control_free(struct run_control *control);

/*
 * Fill in the machine's part: @name is that of -name or NULL. For a path that
 * is found by name, creates its directory. Returns 0, or a recorded error.
 */
int run_control_configure(struct machine_control *machine, struct lend_ctx *ctx,
			  struct run_control *control, const char *name);

#endif
