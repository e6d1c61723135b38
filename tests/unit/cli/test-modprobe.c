// SPDX-License-Identifier: MIT
// Which modules are loaded for devices, and what becomes of a program that is
// missing, fails, or is waited for in vain.

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "cli/modprobe.h"
#include "tests/unit/fake/fake-sysfs.h"

#define CHILD     4242
#define PLATFORM  "fff51000.ethernet"
#define DIRECTORY "sys/devices/platform/" PLATFORM

/* The programs that ran, and how the last one ends. */
static struct {
	char lines[256];
	int spawn_err;
	int status;
	unsigned int interruptions;
	int wait_err;
	char log[512];
} ran;

int __wrap_posix_spawn(pid_t *pid, const char *path,
		       const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const *argv,
		       char *const *env);
pid_t __wrap_waitpid(pid_t pid, int *status, int options);

int __wrap_posix_spawn(pid_t *pid, const char *path,
		       const posix_spawn_file_actions_t *actions,
		       const posix_spawnattr_t *attributes, char *const *argv,
		       char *const *env)
{
	size_t used = strlen(ran.lines);

	(void)actions;
	(void)attributes;
	/* Root's environment may be another's. */
	assert_string_equal(env[0], "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	assert_null(env[1]);
	used += (size_t)snprintf(ran.lines + used, sizeof(ran.lines) - used,
				 "%s", path);
	for (unsigned int i = 1; argv[i]; i++)
		used += (size_t)snprintf(ran.lines + used,
					 sizeof(ran.lines) - used, " %s",
					 argv[i]);
	snprintf(ran.lines + used, sizeof(ran.lines) - used, "\n");
	*pid = CHILD;
	return ran.spawn_err;
}

pid_t __wrap_waitpid(pid_t pid, int *status, int options)
{
	assert_int_equal(pid, CHILD);
	assert_int_equal(options, 0);
	errno = ran.interruptions ? EINTR : ran.wait_err;
	if (ran.interruptions) {
		ran.interruptions--;
		return -1;
	}
	*status = ran.status;
	return ran.wait_err ? -1 : pid;
}

static void modprobe_test_log(void *opaque, enum lend_log_level level,
			      const char *text)
{
	size_t used = strlen(ran.log);

	(void)opaque;
	if (level == LEND_LOG_INFO)
		snprintf(ran.log + used, sizeof(ran.log) - used, "%s\n", text);
}

struct modprobe_test {
	struct fake_sysfs *fake;
	struct cli cli;
	struct devices devices;
};

static void modprobe_test_add_platform(struct fake_sysfs *fake)
{
	fake_file(fake, DIRECTORY "/uevent", "");
	fake_link(fake, DIRECTORY "/of_node",
		  "sys/firmware/devicetree/base/soc/ethernet@fff51000");
	fake_link(fake, DIRECTORY "/subsystem", "sys/bus/platform");
	fake_link(fake, "sys/bus/platform/devices/" PLATFORM, DIRECTORY);
}

static int modprobe_test_setup(void **state)
{
	static struct modprobe_test t;

	memset(&ran, 0, sizeof(ran));
	t = (struct modprobe_test){.fake = fake_sysfs_new()};
	t.cli.ctx = fake_sysfs_ctx(t.fake, modprobe_test_log, NULL);
	fake_add_pci(t.fake, "0000:00:05.0", "e1000e", 4);
	fake_add_pci(t.fake, "0000:00:06.0", "nvme", 5);
	modprobe_test_add_platform(t.fake);
	*state = &t;
	return 0;
}

static int modprobe_test_teardown(void **state)
{
	struct modprobe_test *t = *state;

	devices_free(&t->devices);
	lend_ctx_unref(t->cli.ctx);
	fake_sysfs_free(t->fake);
	return 0;
}

static void modprobe_test_find(struct modprobe_test *t, unsigned int count)
{
	static char pci[] = "0000:00:05.0", other[] = "0000:00:06.0",
		    platform[] = PLATFORM;
	char *const names[] = {pci, other, platform};

	assert_int_equal(devices_find(t->cli.ctx, names, count, &t->devices),
			 0);
}

static void each_bus_has_its_module(void **state)
{
	struct modprobe_test *t = *state;

	modprobe_test_find(t, 3);
	assert_int_equal(modprobe_for(&t->cli, &t->devices, NULL), 0);
	assert_string_equal(ran.lines, "/sbin/modprobe -q -b -- vfio-pci\n"
				       "/sbin/modprobe -q -b -- "
				       "vfio-platform\n");
	assert_non_null(strstr(ran.log, "modprobe vfio-platform: loaded"));
}

static void no_module_is_loaded_for_others(void **state)
{
	struct modprobe_test *t = *state;

	assert_int_equal(modprobe_for(&t->cli, &t->devices, NULL), 0);
	assert_string_equal(ran.lines, "");
	modprobe_test_find(t, 2);
	assert_int_equal(modprobe_for(&t->cli, &t->devices, NULL), 0);
	assert_string_equal(ran.lines, "/sbin/modprobe -q -b -- vfio-pci\n");
}

/* The record is that of the bind, which is reported. */
static void modprobe_test_expect_failure(struct modprobe_test *t, int err,
					 const char *why)
{
	ran.lines[0] = ran.log[0] = '\0';
	lend_error_set(t->cli.ctx, LEND_ERROR_NO_VFIO, ENOENT, NULL, "before");
	assert_int_equal(modprobe_for(&t->cli, &t->devices, NULL), -err);
	assert_string_equal(ran.lines, "/sbin/modprobe -q -b -- vfio-pci\n");
	assert_non_null(strstr(ran.log, why));
	assert_null(strstr(ran.log, "loaded"));
	assert_string_equal(lend_ctx_error(t->cli.ctx)->what, "before");
}

static void the_first_failure_ends_it(void **state)
{
	struct modprobe_test *t = *state;

	modprobe_test_find(t, 3);
	ran.status = 1 << 8;
	modprobe_test_expect_failure(t, ENOENT, "/sbin/modprobe: failed");
	ran.status = SIGKILL;
	modprobe_test_expect_failure(t, ENOENT, "/sbin/modprobe: failed");
	ran.status = 0;
	ran.wait_err = ECHILD;
	modprobe_test_expect_failure(t, ECHILD, "");
	ran.spawn_err = EACCES;
	modprobe_test_expect_failure(t, EACCES,
				     "/sbin/modprobe: Permission denied");
}

static void an_interrupted_wait_goes_on(void **state)
{
	struct modprobe_test *t = *state;

	modprobe_test_find(t, 1);
	ran.interruptions = 2;
	assert_int_equal(modprobe_for(&t->cli, &t->devices, NULL), 0);
	assert_int_equal(ran.interruptions, 0);
}

#define TEST(t)                                                                \
	cmocka_unit_test_setup_teardown(t, modprobe_test_setup,                \
					modprobe_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_bus_has_its_module),
		TEST(no_module_is_loaded_for_others),
		TEST(the_first_failure_ends_it),
		TEST(an_interrupted_wait_goes_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
