/* SPDX-License-Identifier: MIT */
/* Options of commands, as tables. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/command.h"

/*
 * An option, spelled -name or --name; with an argument -name VALUE, --name
 * VALUE or --name=VALUE. set() gets the opaque of cli_parse() and the value,
 * NULL for an option without one; it returns 0, or -errno with a record.
 */
struct cli_option {
	const char *name;
	const char *argument; /* what help calls the value; NULL for none */
	const char *help;
	int (*set)(struct cli *cli, void *opaque, const char *value);
	size_t flag; /* where set is NULL: a bool to set, bytes into opaque */
};

/* What a command takes. -h and -v belong to every command. */
struct cli_syntax {
	const char *operands; /* as in "DEVICE..."; NULL where it takes none */
	const char *about;    /* help's text, without a last newline */
	const struct cli_option *options;
	unsigned int count;
	bool is_qemus; /* help spells options with one dash, as QEMU does */
	/*
	 * Asked about an option that is not listed; next is the argument after
	 * it, or NULL. Returns how many arguments it takes after its name,
	 * -ENOENT where it is unknown, or another -errno with a record. NULL
	 * where all options are listed.
	 */
	int (*unlisted)(struct cli *cli, const char *name, const char *next);
};

/*
 * Calls set() for each option, in order, and moves the operands to argv[1] and
 * on. Returns how many operands there are; -errno with a record for what set()
 * refuses, an unknown option (the nearest is named), a missing value, or an
 * operand where none is taken; -ECANCELED after -h, with help on stdout and
 * cli->help_shown set.
 */
int cli_parse(struct cli *cli, const struct cli_syntax *syntax, void *opaque,
	      int argc, char **argv);

/* Records wrong usage of a command: LEND_ERROR_ARGUMENT, and where to read the
 * right one. Returns -EINVAL. */
int cli_refuse(struct cli *cli, const char *command, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
