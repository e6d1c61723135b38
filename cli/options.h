/* SPDX-License-Identifier: MIT */
/* Parses the options of commands by tables. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/command.h"

/*
 * An option, spelled -name or --name; with an argument -name VALUE, --name
 * VALUE or --name=VALUE. set() gets the opaque of cli_parse() and the value,
 * NULL for an option without one; it returns 0, or -errno with a record, or
 * -ECANCELED with cli->help_shown set after it has printed a list of its own.
 */
struct cli_option {
	const char *name;
	const char *argument; /* the value's name in help; NULL for none */
	const char *help;
	int (*set)(struct cli *cli, void *opaque, const char *value);
	size_t flag; /* if set is NULL: offset in opaque of a bool to set */
};

/* The syntax of a command. All commands have -h, -v and --json. */
struct cli_syntax {
	const char *operands; /* such as "DEVICE..."; NULL if it takes none */
	const char *about;    /* help's text, without a last newline */
	const struct cli_option *options;
	unsigned int count;
	bool is_qemus; /* help spells options with one dash, as QEMU does */
	/*
	 * Called for an option that is not listed; @next is the argument after
	 * it, or NULL. Sets *@taken to the number of arguments that it takes
	 * after its name. Returns 0, -ENOENT if it is unknown, or another
	 * -errno with a record. NULL if all options are listed.
	 */
	int (*unlisted)(struct cli *cli, void *opaque, const char *name,
			const char *next, int *taken);
	/*
	 * Called with the record of an argument that was refused. Returns 0 to
	 * go on with the next argument, or -errno. NULL if the first refusal
	 * ends cli_parse().
	 */
	int (*refused)(struct cli *cli, void *opaque);
};

/*
 * Calls set() for each option, in order, and moves the operands to the front,
 * from argv[1] on. Returns the number of operands; -errno with a record if
 * set() fails, an option is unknown (the nearest is named), a value is missing,
 * or an operand is not expected; -ECANCELED after -h, with help on stdout and
 * cli->help_shown set.
 */
int cli_parse(struct cli *cli, const struct cli_syntax *syntax, void *opaque,
	      int argc, char **argv);

/* Records wrong usage of a command as LEND_ERROR_ARGUMENT, with a reference to
 * its help. Returns -EINVAL. */
int cli_refuse(struct cli *cli, const char *command, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
