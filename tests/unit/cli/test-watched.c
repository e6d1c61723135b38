// SPDX-License-Identifier: MIT
// Who watches a terminal sees what a command waits for; the kernel that is slow
// is a script.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "cli/report.h"
#include "lib/base/apart.h"
#include "tests/unit/lib/address/machine.h"
#include "watched.h"

#define NIC    "0000:00:05.0"
#define DEVICE "/sys/devices/pci0000:00/" NIC

static struct watched watched;

/* What is slow: files whose path ends with it. */
static const char *slow;

static ssize_t (*fast)(const struct kernel *k, const struct apart_job *job);

static ssize_t watched_test_apart(const struct kernel *k,
				  const struct apart_job *job)
{
	size_t length = strlen(job->path), end = slow ? strlen(slow) : 0;

	if (end && length >= end && !strcmp(job->path + length - end, slow) &&
	    job->slow && job->seconds > APART_SLOW)
		job->slow(job->opaque);
	return fast(k, job);
}

static int watched_test_setup(void **state)
{
	struct machine *m;
	int err = machine_setup(state);

	m = *state;
	watched = (struct watched){0};
	slow = NULL;
	fast = m->fake->kernel.apart;
	m->fake->kernel.apart = watched_test_apart;
	fake_add_driver(m->fake, "vfio-pci");
	fake_add_pci(m->fake, NIC, "e1000e", 1);
	fake_file(m->fake, DEVICE "/reset_method", "flr bus\n");
	fake_file(m->fake, DEVICE "/reset", "");
	lend_ctx_unref(m->ctx);
	m->ctx = fake_sysfs_ctx(m->fake, report_log, &watched.cli);
	watched.cli.ctx = m->ctx;
	return err;
}

/* "lend NAME" for the NIC, on a terminal or not. */
static void watched_test_run(int (*run)(struct cli *cli, int argc, char **argv),
			     const char *name, bool terminal)
{
	char command[16], device[] = NIC;
	char *argv[] = {command, device, NULL};
	int err;

	snprintf(command, sizeof(command), "%s", name);
	watched_begin(&watched, terminal);
	err = run(&watched.cli, 2, argv);
	watched_end(&watched);
	if (err)
		fail_msg("lend %s: %s", name,
			 lend_ctx_error(watched.cli.ctx)->what);
}

/* One line, which names the file, and ends with a newline. */
static void assert_waited(const char *words, const char *file)
{
	const char *end = strchr(watched.text, '\n');

	if (strncmp(watched.text, words, strlen(words)) || !end || end[1] ||
	    !strstr(watched.text, file))
		fail_msg("not \"%s ... %s\":\n%s", words, file, watched.text);
}

static void a_slow_bind_and_restore_are_shown(void **state)
{
	(void)state;
	slow = NIC "/driver/unbind";
	watched_test_run(cmd_bind, "bind", true);
	assert_waited("lend: waiting up to 30 s for the kernel to carry out "
		      "'" NIC "' in ",
		      NIC "/driver/unbind\n");
	slow = NIC "/driver/unbind";
	watched_test_run(cmd_restore, "restore", true);
	assert_waited("lend: waiting up to 30 s for the kernel to carry out "
		      "'" NIC "' in ",
		      NIC "/driver/unbind\n");
}

static void a_slow_reset_is_shown(void **state)
{
	(void)state;
	slow = NIC "/reset";
	watched_test_run(cmd_reset, "reset", true);
	assert_waited("lend: waiting up to ", NIC "/reset\n");
}

static void another_command_is_shown(void **state)
{
	struct machine *m = *state;

	m->fake->locked = 30;
	watched_test_run(cmd_bind, "bind", true);
	assert_waited("lend: waiting up to 8 s for another command of lend, "
		      "which has locked ",
		      "/state/lock\n");
}

static void what_is_fast_is_not_shown(void **state)
{
	struct machine *m = *state;

	m->fake->locked = 10;
	watched_test_run(cmd_bind, "bind", true);
	assert_string_equal(watched.text, "");
	watched_test_run(cmd_reset, "reset", true);
	assert_string_equal(watched.text, "");
	watched_test_run(cmd_restore, "restore", true);
	assert_string_equal(watched.text, "");
}

/* A log file has no reader who waits. */
static void other_files_get_it_on_request(void **state)
{
	(void)state;
	slow = NIC "/reset";
	watched_test_run(cmd_reset, "reset", false);
	assert_string_equal(watched.text, "");
	watched.cli.verbose = 3;
	watched_test_run(cmd_reset, "reset", false);
	assert_non_null(strstr(watched.text, "lend: waiting up to "));
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, watched_test_setup, machine_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_slow_bind_and_restore_are_shown),
		TEST(a_slow_reset_is_shown),
		TEST(another_command_is_shown),
		TEST(what_is_fast_is_not_shown),
		TEST(other_files_get_it_on_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
