/* SPDX-License-Identifier: MIT */
/* The interface between main() and the commands of `lend`. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>

#include <lend/lend.h>

struct cli {
	struct lend_ctx *ctx;
	const char *etc;      /* the host's configuration; NULL for /etc */
	const char *proc;     /* procfs; NULL for /proc */
	const char *run;      /* its state until the next boot; NULL for /run */
	unsigned int verbose; /* number of -v */
	bool json;            /* print one JSON document to stdout */
	bool terminal;        /* stdout is one: print the table's header */
	bool watched;         /* stderr is one: print progress */
	bool failed;          /* the command succeeded, but its answer is no */
	bool no_device;       /* it failed: a named device does not exist */
	/* Gets a copy of each warning, from any thread; or NULL. */
	void (*warn)(void *opaque, const char *text);
	void *warn_opaque;
	bool help_shown; /* by cli_parse(): success, nothing to do */
};

/*
 * A command gets its own name in argv[0]. It returns 0, or -errno with the
 * failure in the context's record, which main() prints; the exit status is then
 * CLI_USAGE for LEND_ERROR_ARGUMENT, CLI_NO_DEVICE if the command says so, and
 * CLI_FAILURE for all else.
 */
struct command {
	const char *name;
	const char *help; /* one line */
	int (*run)(struct cli *cli, int argc, char **argv);
	bool has_header; /* prints a table with a header on a terminal */
};

enum cli_status {
	CLI_OK = 0,
	CLI_FAILURE = 1,
	CLI_USAGE = 2,
	CLI_NO_DEVICE = 3, /* of lend check alone */
};

int cmd_bind(struct cli *cli, int argc, char **argv);
int cmd_cdi(struct cli *cli, int argc, char **argv);
int cmd_check(struct cli *cli, int argc, char **argv);
int cmd_ctl(struct cli *cli, int argc, char **argv);
int cmd_disk(struct cli *cli, int argc, char **argv);
int cmd_dt(struct cli *cli, int argc, char **argv);
int cmd_exec(struct cli *cli, int argc, char **argv);
int cmd_list(struct cli *cli, int argc, char **argv);
int cmd_mdev(struct cli *cli, int argc, char **argv);
int cmd_report(struct cli *cli, int argc, char **argv);
int cmd_reset(struct cli *cli, int argc, char **argv);
int cmd_restore(struct cli *cli, int argc, char **argv);
int cmd_run(struct cli *cli, int argc, char **argv);
int cmd_serve(struct cli *cli, int argc, char **argv);
int cmd_show(struct cli *cli, int argc, char **argv);
int cmd_sriov(struct cli *cli, int argc, char **argv);
int cmd_stat(struct cli *cli, int argc, char **argv);
int cmd_udev(struct cli *cli, int argc, char **argv);

#endif
