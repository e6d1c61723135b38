/* SPDX-License-Identifier: MIT */
/* The fixture of the tests on a fake sysfs: a machine and a context in it. */
#ifndef TESTS_UNIT_LIB_ADDRESS_MACHINE_H
#define TESTS_UNIT_LIB_ADDRESS_MACHINE_H

#include <lend/lend.h>

#include "tests/unit/fake/fake-sysfs.h"

struct machine {
	struct fake_sysfs *fake;
	struct lend_ctx *ctx;
	const struct lend_error *error; /* of ctx */
	char log[4096];                 /* messages, each with a newline */
};

/* For cmocka: *state is the machine. */
int machine_setup(void **state);
int machine_teardown(void **state);

/* Replaces the context by a new one. */
void machine_new_ctx(struct machine *machine);

/* Finds a device that exists. */
struct lend_address *machine_find(struct machine *machine, const char *name);

#define MACHINE_TEST(f)                                                        \
	cmocka_unit_test_setup_teardown(f, machine_setup, machine_teardown)

#endif
