// SPDX-License-Identifier: MIT
// The fixture of the tests on a fake sysfs: a machine and a context in it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "machine.h"

static void machine_keep_log(void *opaque, enum lend_log_level level,
			     const char *text)
{
	struct machine *machine = opaque;
	size_t used = strlen(machine->log);

	if (level == LEND_LOG_WARNING || level == LEND_LOG_PROGRESS)
		snprintf(machine->log + used, sizeof(machine->log) - used,
			 "%s\n", text);
}

void machine_new_ctx(struct machine *machine)
{
	lend_ctx_unref(machine->ctx);
	machine->ctx = fake_sysfs_ctx(machine->fake, machine_keep_log, machine);
	machine->error = lend_ctx_error(machine->ctx);
	machine->log[0] = '\0';
}

int machine_setup(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));

	assert_non_null(machine);
	machine->fake = fake_sysfs_new();
	machine_new_ctx(machine);
	*state = machine;
	return 0;
}

int machine_teardown(void **state)
{
	struct machine *machine = *state;

	lend_ctx_unref(machine->ctx);
	fake_sysfs_free(machine->fake);
	free(machine);
	return 0;
}

struct lend_address *machine_find(struct machine *machine, const char *name)
{
	struct lend_address *address;

	assert_int_equal(lend_address_find(machine->ctx, name, &address), 0);
	return address;
}
