// SPDX-License-Identifier: MIT
// Virtual functions: invalid numbers, and the state after a failure.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "tests/unit/lib/address/machine.h"

#define NIC "sys/devices/pci0000:00/0000:02:00.0/"

/* Each virtual function is checked, so their number must be bounded. */
static void sriov_numbers_are_bounded(void **state)
{
	static const char *const cases[][2] = {
		{"2147483647\n", "7\n"},
		{"8\n", "7\n"},
		{"0\n", "65536\n"},
	};
	struct machine *m = *state;
	unsigned int count = 7, total = 9;

	fake_add_pci(m->fake, "0000:02:00.0", "igb", 14);
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lend_address *a;

		fake_file(m->fake, NIC "sriov_numvfs", cases[i][0]);
		fake_file(m->fake, NIC "sriov_totalvfs", cases[i][1]);
		a = machine_find(m, "02:00.0");
		assert_int_equal(lend_sriov_get(a, &count, &total), -EBADMSG);
		assert_true(count == 7 && total == 9);
		assert_int_equal(m->error->code, LEND_ERROR_DEVICE);
		assert_int_equal(lend_sriov_set(a, 1), -EBADMSG);
		lend_address_unref(a);
	}
}

/* All functions are removed before others are made. */
static void a_failure_reports_removed_functions(void **state)
{
	struct machine *m = *state;
	unsigned int failures = 0, reported = 0;
	struct lend_address *a;
	bool is_reached = true;

	fake_add_pci(m->fake, "0000:02:00.0", "igb", 14);
	fake_file(m->fake, NIC "sriov_totalvfs", "7\n");
	a = machine_find(m, "02:00.0");
	for (unsigned int at = 1; is_reached; at++) {
		int err;

		fake_file(m->fake, NIC "sriov_numvfs", "2\n");
		m->fake->fault = FAKE_FAIL_ONCE;
		m->fake->calls = 0;
		m->fake->fault_at = at;
		err = lend_sriov_set(a, 5);
		m->fake->fault_at = 0;
		is_reached = m->fake->calls >= at;
		failures += !!err;
		reported +=
			err &&
			strstr(m->error->evidence,
			       "its 2 previous virtual functions are removed");
	}
	assert_true(failures > reported);
	assert_true(reported);
	lend_address_unref(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(sriov_numbers_are_bounded),
		MACHINE_TEST(a_failure_reports_removed_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
