// SPDX-License-Identifier: MIT
// Parsing of options: each spelling, each kind of wrong usage, and the operands
// that remain.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "cli/options.h"

struct seen {
	char text[256];
};

static void options_test_note(struct seen *seen, const char *name,
			      const char *value)
{
	size_t used = strlen(seen->text);

	snprintf(seen->text + used, sizeof(seen->text) - used, "%s=%s;", name,
		 value ? value : "");
}

static int set_m(struct cli *cli, void *opaque, const char *value)
{
	(void)cli;
	options_test_note(opaque, "m", value);
	return 0;
}

static int set_quick(struct cli *cli, void *opaque, const char *value)
{
	(void)cli;
	assert_null(value);
	options_test_note(opaque, "quick", NULL);
	return 0;
}

static int set_bad(struct cli *cli, void *opaque, const char *value)
{
	(void)opaque;
	return cli_refuse(cli, "test", "'%s' is bad", value);
}

static const struct cli_option options[] = {
	{.name = "m", .argument = "SIZE", .help = "memory", .set = set_m},
	{.name = "quick", .help = "be quick", .set = set_quick},
	{.name = "bad", .argument = "X", .help = "fails", .set = set_bad},
};

static const struct cli_syntax with_operands = {
	.operands = "DEVICE...",
	.about = "A test.",
	.options = options,
	.count = 3,
};

static const struct cli_syntax without_operands = {
	.about = "A test.",
	.options = options,
	.count = 3,
};

enum { ARGUMENTS_MAX = 8 };

/* Parses the words of line; seen receives the operands too. */
static int options_test_parse(struct cli *cli, const struct cli_syntax *syntax,
			      const char *line, struct seen *seen)
{
	char words[256], *rest = words;
	char *argv[ARGUMENTS_MAX + 1] = {NULL};
	int argc = 0, operands;

	memset(seen, 0, sizeof(*seen));
	snprintf(words, sizeof(words), "test %s", line);
	for (char *word; (word = strsep(&rest, " ")) && argc < ARGUMENTS_MAX;)
		if (*word)
			argv[argc++] = word;
	operands = cli_parse(cli, syntax, seen, argc, argv);
	for (int i = 1; i <= operands; i++)
		options_test_note(seen, "operand", argv[i]);
	return operands;
}

static int options_test_setup(void **state)
{
	static struct cli cli;

	memset(&cli, 0, sizeof(cli));
	*state = &cli;
	return lend_ctx_new(NULL, &cli.ctx);
}

static int options_test_teardown(void **state)
{
	lend_ctx_unref(((struct cli *)*state)->ctx);
	return 0;
}

static void options_take_every_spelling(void **state)
{
	static const struct {
		const char *line, *seen;
		int operands;
	} cases[] = {
		{"", "", 0},
		{"-m 5", "m=5;", 0},
		{"--m 5", "m=5;", 0},
		{"--m=5", "m=5;", 0},
		{"--m=", "m=;", 0},
		{"--m=a=b", "m=a=b;", 0},
		{"-m -quick", "m=-quick;", 0},
		{"-quick --quick", "quick=;quick=;", 0},
		{"a -quick b", "quick=;operand=a;operand=b;", 2},
		{"a -- -quick --", "operand=a;operand=-quick;operand=--;", 3},
		{"-", "operand=-;", 1},
		{"-m 1 x -m 2", "m=1;m=2;operand=x;", 1},
	};
	struct seen seen;

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(options_test_parse(*state, &with_operands,
						    cases[i].line, &seen),
				 cases[i].operands);
		assert_string_equal(seen.text, cases[i].seen);
	}
}

static void options_report_wrong_usage(void **state)
{
	static const struct {
		const char *line, *what, *remedy;
	} cases[] = {
		{"-m", "test: option '-m' requires a value", "lend test -h"},
		{"-m=5", "test: unknown option '-m=5'", ""},
		{"--quick=1", "test: option '--quick=1' takes no value", ""},
		{"-qiuck", "test: unknown option '-qiuck'", "-quick is"},
		{"--qiuck", "test: unknown option '--qiuck'", "-quick is"},
		{"---quick", "test: unknown option '---quick'", "-quick is"},
		{"-bad x", "test: 'x' is bad", "lend test -h"},
		{"word", "test: unexpected argument 'word'", "lend test -h"},
	};
	struct cli *cli = *state;
	const struct lend_error *e = lend_ctx_error(cli->ctx);
	struct seen seen;

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(options_test_parse(cli, &without_operands,
						    cases[i].line, &seen),
				 -EINVAL);
		assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
		assert_string_equal(e->what, cases[i].what);
		assert_non_null(strstr(e->remedy, cases[i].remedy));
	}
}

static void options_count_v_and_stop_at_help(void **state)
{
	struct cli *cli = *state;
	struct seen seen;

	assert_int_equal(options_test_parse(cli, &with_operands,
					    "-v a --verbose", &seen),
			 1);
	assert_int_equal(cli->verbose, 2);
	assert_false(cli->help_shown);
	assert_int_equal(
		options_test_parse(cli, &with_operands, "-h -m", &seen),
		-ECANCELED);
	assert_true(cli->help_shown);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, options_test_setup,                 \
					options_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(options_take_every_spelling),
		TEST(options_report_wrong_usage),
		TEST(options_count_v_and_stop_at_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
