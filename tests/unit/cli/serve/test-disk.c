// SPDX-License-Identifier: MIT
// lend disk as a command: what it refuses, and how its service ends.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/report.h"
#include "tests/unit/cli/serve/visit.h"

#define SIZE 65536

struct disk_test {
	struct cli cli;
	char image[32];
	char log[4096];
};

static void disk_test_log(void *opaque, enum lend_log_level level,
			  const char *text)
{
	struct disk_test *test = opaque;
	size_t length = strlen(test->log);

	(void)level;
	snprintf(test->log + length, sizeof(test->log) - length, "%s\n", text);
}

static int disk_test_setup(void **state)
{
	static struct disk_test test;
	struct lend_ctx_options options = {.size = sizeof(options),
					   .log = disk_test_log,
					   .log_opaque = &test};
	int fd;

	test = (struct disk_test){.image = "/tmp/lend-disk-XXXXXX"};
	*state = &test;
	fd = mkstemp(test.image);
	if (fd < 0 || ftruncate(fd, SIZE))
		return -1;
	close(fd);
	return lend_ctx_new(&options, &test.cli.ctx);
}

static int disk_test_teardown(void **state)
{
	struct disk_test *test = *state;

	unlink(test->image);
	lend_ctx_unref(test->cli.ctx);
	return 0;
}

/* "lend disk" with words separated by '|'; "IMAGE" is the image's path. */
static int disk_test_run(struct disk_test *test, const char *line)
{
	char text[256], command[] = "disk", *rest = text, *argv[16] = {command};
	int argc = 1;

	snprintf(text, sizeof(text), "%s", line);
	while (*text && rest && argc < 15) {
		argv[argc] = strsep(&rest, "|");
		if (!strcmp(argv[argc], "IMAGE"))
			argv[argc] = test->image;
		argc++;
	}
	return cmd_disk(&test->cli, argc, argv);
}

static void assert_disk_refused(struct disk_test *test, const char *line,
				const char *what)
{
	const struct lend_error *e = lend_ctx_error(test->cli.ctx);

	assert_true(disk_test_run(test, line) < 0);
	if (!strstr(e->what, what))
		fail_msg("%s: %s", line, e->what);
}

static void wrong_lines_of_disk_are_refused(void **state)
{
	assert_disk_refused(*state, "", "a disk has one file");
	assert_disk_refused(*state, "IMAGE|IMAGE", "a disk has one file");
	assert_disk_refused(*state, "-socket||IMAGE",
			    "-socket: the path is empty");
	assert_disk_refused(*state, "-sandbox|perhaps|IMAGE", "-sandbox");
	assert_disk_refused(*state, "-runas|nobody-of-that-name|IMAGE",
			    "-runas");
	assert_disk_refused(*state, "IMAGE", "no socket given");
	assert_disk_refused(*state, "/tmp", "/tmp");
	assert_disk_refused(*state, "/nowhere/image", "/nowhere/image");
}

static void a_serial_number_is_visible_ascii(void **state)
{
	assert_disk_refused(*state, "-serial||IMAGE", "-serial: use 1 to 20");
	assert_disk_refused(*state, "-serial|a b|IMAGE",
			    "-serial: use 1 to 20");
	assert_disk_refused(*state, "-serial|\xc3\xa4|IMAGE",
			    "-serial: use 1 to 20");
	assert_disk_refused(*state, "-serial|123456789012345678901|IMAGE",
			    "-serial: use 1 to 20");
}

static void a_disk_ends_by_a_signal(void **state)
{
	struct visit visit = {.then = visit_terminate};
	struct disk_test *test = *state;
	char name[32] = "";

	visit_begin();
	visit_start(&visit);
	assert_int_equal(disk_test_run(test,
				       "-sandbox|off|-name|files|-readonly|"
				       "-serial|12345678901234567890|"
				       "IMAGE"),
			 0);
	visit_join(&visit);
	assert_true(visit.is_answered);
	assert_true(visit_was_terminated());
	prctl(PR_GET_NAME, name);
	assert_string_equal(name, "files");
	assert_non_null(
		strstr(test->log, "128 blocks of 512 bytes, read-only"));
	visit_end();
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, disk_test_setup, disk_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(wrong_lines_of_disk_are_refused),
		TEST(a_serial_number_is_visible_ascii),
		TEST(a_disk_ends_by_a_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
