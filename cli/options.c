// SPDX-License-Identifier: MIT
// Parses the options of commands by tables.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"

/* More options than any command has, for the nearest match. */
enum { NAMES_MAX = 64 };

static int be_verbose(struct cli *cli, void *opaque, const char *value)
{
	(void)opaque;
	(void)value;
	cli->verbose++;
	return 0;
}

static int be_very_verbose(struct cli *cli, void *opaque, const char *value)
{
	be_verbose(cli, opaque, value);
	return be_verbose(cli, opaque, value);
}

static int want_json(struct cli *cli, void *opaque, const char *value)
{
	(void)opaque;
	(void)value;
	cli->json = true;
	return 0;
}

static int want_help(struct cli *cli, void *opaque, const char *value)
{
	(void)cli;
	(void)opaque;
	(void)value;
	return -ECANCELED;
}

static const struct cli_option common[] = {
	{.name = "v",
	 .help = "report what is chosen and why; twice for more",
	 .set = be_verbose},
	{.name = "vv", .set = be_very_verbose},
	{.name = "verbose", .set = be_verbose},
	{.name = "json",
	 .help = "print a JSON document instead of text",
	 .set = want_json},
	{.name = "h", .help = "show this help", .set = want_help},
	{.name = "help", .set = want_help},
};

enum { COMMON = sizeof(common) / sizeof(common[0]) };

static void print_option(const struct cli_option *option, bool is_qemus)
{
	char left[40];

	if (!option->help)
		return;
	snprintf(left, sizeof(left), "%s%s %s",
		 is_qemus || !option->name[1] ? "-" : "--", option->name,
		 option->argument ? option->argument : "");
	printf("  %-23s %s\n", left, option->help);
}

static void options_print_help(const struct cli_syntax *syntax,
			       const char *command)
{
	printf("usage: lend %s [OPTION]...%s%s\n\n%s\n\n", command,
	       syntax->operands ? " " : "",
	       syntax->operands ? syntax->operands : "", syntax->about);
	for (unsigned int i = 0; i < syntax->count; i++)
		print_option(&syntax->options[i], syntax->is_qemus);
	for (unsigned int i = 0; i < COMMON; i++)
		print_option(&common[i], syntax->is_qemus);
}

static const struct cli_option *options_find(const struct cli_option *options,
					     unsigned int count,
					     const char *name, size_t length)
{
	for (unsigned int i = 0; i < count; i++)
		if (strlen(options[i].name) == length &&
		    !memcmp(options[i].name, name, length))
			return &options[i];
	return NULL;
}

int cli_refuse(struct cli *cli, const char *command, const char *fmt, ...)
{
	char what[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL, "%s: %s",
		       command, what);
	return lend_error_remedy(cli->ctx, "lend %s -h shows its usage",
				 command);
}

static int refuse_unknown(struct cli *cli, const struct cli_syntax *syntax,
			  const char *command, const char *typed,
			  const char *name)
{
	const char *names[NAMES_MAX];
	unsigned int count = 0;
	const char *nearest;

	for (unsigned int i = 0; i < syntax->count && count < NAMES_MAX; i++)
		names[count++] = syntax->options[i].name;
	for (unsigned int i = 0; i < COMMON && count < NAMES_MAX; i++)
		names[count++] = common[i].name;
	nearest = lend_nearest(name, names, count);
	if (!nearest)
		return cli_refuse(cli, command, "unknown option '%s'", typed);
	lend_error_set(cli->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "%s: unknown option '%s'", command, typed);
	return lend_error_remedy(cli->ctx,
				 "-%s is the nearest option; lend %s -h lists "
				 "them all",
				 nearest, command);
}

/* Takes an option that is in no table; moves *i to its last argument. */
static int take_unlisted(struct cli *cli, const struct cli_syntax *syntax,
			 void *opaque, char **argv, int *i)
{
	char *typed = argv[*i], *next = argv[*i + 1];
	const char *name = typed + 1 + (typed[1] == '-');
	int taken = 0, err = -ENOENT;

	if (syntax->unlisted)
		err = syntax->unlisted(cli, opaque, name, next, &taken);
	if (err == -ENOENT) {
		/* The next argument is probably its value, and no further
		 * fault. */
		taken = syntax->refused && next && *next != '-';
		err = refuse_unknown(cli, syntax, argv[0], typed, name);
	}
	*i += taken;
	return err;
}

/* Takes the option at argv[*i]; moves *i to its last argument. */
static int options_take(struct cli *cli, const struct cli_syntax *syntax,
			void *opaque, char **argv, int *i)
{
	const char *typed = argv[*i];
	bool two_dashes = typed[1] == '-';
	const char *name = typed + 1 + two_dashes;
	size_t length = two_dashes ? strcspn(name, "=") : strlen(name);
	const char *value = name[length] ? name + length + 1 : NULL;
	const struct cli_option *option;

	option = options_find(syntax->options, syntax->count, name, length);
	if (!option)
		option = options_find(common, COMMON, name, length);
	if (!option)
		return take_unlisted(cli, syntax, opaque, argv, i);
	if (value && !option->argument)
		return cli_refuse(cli, argv[0], "option '%s' takes no value",
				  typed);
	if (!value && option->argument) {
		value = argv[*i + 1];
		if (!value)
			return cli_refuse(cli, argv[0],
					  "option '%s' requires a value",
					  typed);
		++*i;
	}
	if (!option->set) {
		*(bool *)((char *)opaque + option->flag) = true;
		return 0;
	}
	return option->set(cli, opaque, value);
}

int cli_parse(struct cli *cli, const struct cli_syntax *syntax, void *opaque,
	      int argc, char **argv)
{
	bool only_operands = false;
	int operands = 0;

	for (int i = 1; i < argc; i++) {
		int err = 0;

		if (!only_operands && !strcmp(argv[i], "--"))
			only_operands = true;
		else if (!only_operands && argv[i][0] == '-' && argv[i][1])
			err = options_take(cli, syntax, opaque, argv, &i);
		else if (syntax->operands)
			argv[++operands] = argv[i];
		else
			err = cli_refuse(cli, argv[0],
					 "unexpected argument '%s'", argv[i]);
		if (err == -ECANCELED) {
			if (!cli->help_shown)
				options_print_help(syntax, argv[0]);
			cli->help_shown = true;
			return err;
		}
		if (err < 0 && syntax->refused)
			err = syntax->refused(cli, opaque);
		if (err < 0)
			return err;
	}
	return operands;
}
