// SPDX-License-Identifier: MIT
// Binding and restoring when one call fails, when all fail from one on, or when
// the process ends there: either nothing is changed, or lend_restore() can
// repair it from a record.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/fake/fake-drivers.h"
#include "tests/unit/lib/address/machine.h"

/* More calls than any test makes; a sweep ends at the first that is not
 * reached. */
enum { CALLS_MAX = 2000 };

static const struct {
	const char *name, *driver, *override;
} devices[] = {
	{"0000:00:05.0", "e1000e", ""},
	{"0000:00:06.0", "nvme", "nvme"},
	{"0000:00:07.0", "", ""},
};

enum { DEVICES = sizeof(devices) / sizeof(devices[0]) };

static int faults_bind_all(struct machine *m)
{
	struct lend_address *a[DEVICES] = {NULL};
	int err = 0;

	for (unsigned int i = 0; i < DEVICES && !err; i++)
		err = lend_address_find(m->ctx, devices[i].name, &a[i]);
	if (!err)
		err = lend_bind(m->ctx, a, DEVICES, NULL);
	for (unsigned int i = 0; i < DEVICES; i++)
		lend_address_unref(a[i]);
	return err;
}

static int faults_restore_all(struct machine *m)
{
	return lend_restore(m->ctx, NULL, 0, NULL);
}

static int faults_setup(void **result)
{
	void *state;
	struct machine *m;

	machine_setup(&state);
	m = state;
	fake_add_driver(m->fake, "vfio-pci");
	for (unsigned int i = 0; i < DEVICES; i++)
		fake_add_pci(m->fake, devices[i].name,
			     devices[i].driver[0] ? devices[i].driver : NULL,
			     (int)i + 1);
	fake_file(m->fake, "sys/bus/pci/devices/0000:00:06.0/driver_override",
		  "nvme\n");
	*result = m;
	return 0;
}

static bool is_untouched(struct machine *m, unsigned int i)
{
	char driver[64], override[64];

	fake_driver(m->fake, devices[i].name, driver);
	fake_override(m->fake, devices[i].name, override);
	return !strcmp(driver, devices[i].driver) &&
	       !strcmp(override, devices[i].override);
}

static bool is_recorded(struct machine *m, unsigned int i)
{
	char path[64];

	snprintf(path, sizeof(path), "state/%s.pci", devices[i].name);
	return fake_exists(m->fake, path);
}

static bool is_lent(struct machine *m, unsigned int i)
{
	char driver[64];

	fake_driver(m->fake, devices[i].name, driver);
	return !strcmp(driver, "vfio-pci");
}

/* A restore brings all devices back after any failure, so that the machine is
 * in its first state for the next call to fail. */
static void check_repair(struct machine *m, unsigned int call)
{
	for (unsigned int i = 0; i < DEVICES; i++)
		if (!is_untouched(m, i) && !is_recorded(m, i))
			fail_msg("call %u: %s changed, no record", call,
				 devices[i].name);
	machine_new_ctx(m);
	if (faults_restore_all(m))
		fail_msg("call %u: restore: %s", call, m->error->what);
	for (unsigned int i = 0; i < DEVICES; i++)
		if (!is_untouched(m, i) || is_recorded(m, i))
			fail_msg("call %u: %s is not back", call,
				 devices[i].name);
}

/* Fails call number call of what. Returns whether it was reached. */
static bool fail_at(struct machine *m, int (*what)(struct machine *m),
		    enum fake_fault fault, unsigned int call, int *err)
{
	m->fake->calls = 0;
	m->fake->fault = fault;
	m->fake->fault_at = call;
	*err = what(m);
	m->fake->fault_at = 0;
	assert_int_equal(fake_drivers_open_count(m->fake), 0);
	return m->fake->calls >= call;
}

/* Ends a child process before call number call of what. */
static bool crash_at(struct machine *m, int (*what)(struct machine *m),
		     unsigned int call)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child) {
		m->fake->calls = 0;
		m->fake->fault = FAKE_CRASH;
		m->fake->fault_at = call;
		what(m);
		_exit(1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return !WEXITSTATUS(status);
}

static void sweep_bind(struct machine *m, enum fake_fault fault)
{
	bool goes_on = true;

	for (unsigned int call = 1; goes_on; call++) {
		int err;

		assert_true(call < CALLS_MAX);
		goes_on = fail_at(m, faults_bind_all, fault, call, &err);
		for (unsigned int i = 0; i < DEVICES; i++) {
			if (!err)
				assert_true(is_lent(m, i));
			else if (fault == FAKE_FAIL_ONCE)
				assert_false(is_lent(m, i));
			else if (!is_untouched(m, i))
				assert_non_null(
					strstr(m->error->evidence,
					       "could not be restored"));
		}
		check_repair(m, call);
	}
}

static void sweep_restore(struct machine *m, enum fake_fault fault)
{
	bool goes_on = true;

	for (unsigned int call = 1; goes_on; call++) {
		int err;

		assert_true(call < CALLS_MAX);
		assert_int_equal(faults_bind_all(m), 0);
		goes_on = fail_at(m, faults_restore_all, fault, call, &err);
		for (unsigned int i = 0; i < DEVICES && !err; i++)
			assert_true(is_untouched(m, i));
		check_repair(m, call);
	}
}

static void bind_undoes_a_failed_call(void **state)
{
	sweep_bind(*state, FAKE_FAIL_ONCE);
}

static void bind_leaves_records_if_all_calls_fail(void **state)
{
	sweep_bind(*state, FAKE_FAIL_ON);
}

static void restore_can_be_repeated_after_a_failed_call(void **state)
{
	sweep_restore(*state, FAKE_FAIL_ONCE);
}

static void restore_leaves_records_if_all_calls_fail(void **state)
{
	sweep_restore(*state, FAKE_FAIL_ON);
}

/* Ends the process at each call of what in turn; then binds all devices again
 * if binds_again. */
static void crash_everywhere(struct machine *m, bool is_bound,
			     int (*what)(struct machine *m), bool binds_again)
{
	bool goes_on = true;

	for (unsigned int call = 1; goes_on; call++) {
		assert_true(call < CALLS_MAX);
		if (is_bound)
			assert_int_equal(faults_bind_all(m), 0);
		goes_on = crash_at(m, what, call);
		if (binds_again)
			assert_int_equal(faults_bind_all(m), 0);
		for (unsigned int i = 0; binds_again && i < DEVICES; i++)
			assert_true(is_lent(m, i));
		check_repair(m, call);
	}
}

static void restore_repairs_a_crash_of_bind(void **state)
{
	crash_everywhere(*state, false, faults_bind_all, false);
}

static void restore_repairs_a_crash_of_restore(void **state)
{
	crash_everywhere(*state, true, faults_restore_all, false);
}

/* The second bind must not record the first one's half-done state. */
static void bind_after_a_crash_keeps_the_first_record(void **state)
{
	crash_everywhere(*state, false, faults_bind_all, true);
}

static void bind_after_a_crash_of_restore_keeps_the_record(void **state)
{
	crash_everywhere(*state, true, faults_restore_all, true);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, faults_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bind_undoes_a_failed_call),
		TEST(bind_leaves_records_if_all_calls_fail),
		TEST(restore_can_be_repeated_after_a_failed_call),
		TEST(restore_leaves_records_if_all_calls_fail),
		TEST(restore_repairs_a_crash_of_bind),
		TEST(restore_repairs_a_crash_of_restore),
		TEST(bind_after_a_crash_keeps_the_first_record),
		TEST(bind_after_a_crash_of_restore_keeps_the_record),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
