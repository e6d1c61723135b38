// SPDX-License-Identifier: MIT
// A run ends while RAM is still being mapped for DMA, and a vCPU waits for
// that.
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/context.h>
#include <lend/error.h>

#include "faults.h"
#include "life.h"
#include "scripted-kvm.h"

#define PATIENCE 300 /* seconds, for all */

/* The guest uses its device before RAM is mapped. */
static const struct scripted_step steps[] = {
	{PCI_PORTS_ADDRESS, 4, LIFE_COMMAND, .is_first = true},
	{PCI_PORTS_ADDRESS + 4, 2, .value = LIFE_ENABLED},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static int ending_setup(void **state)
{
	static struct life life;

	alarm(PATIENCE);
	*state = &life;
	return life_open(&life);
}

static int ending_teardown(void **state)
{
	life_close(*state);
	alarm(0);
	return 0;
}

static void ending_terminate(void)
{
	kill(getpid(), SIGTERM);
}

/* Returns how a run ended whose RAM was not mapped by then. */
static int ending_run(struct life *life, void (*held)(void), bool others_fail)
{
	struct lend_ctx *ctx;
	int end;

	assert_int_equal(fake_ctx_new(life->fake, &ctx), 0);
	scripted_kvm_begin(steps, STEPS);
	if (others_fail)
		scripted_kvm_fail_others();
	seam_hold_maps(held);
	faults_begin(0, 0);
	assert_int_equal(life_begin(life, ctx), 0);
	end = machine_run(life->machine);
	assert_true(seam_release_maps());
	life_end(life);
	faults_end();
	assert_int_equal(faults_mappings(), 0);
	lend_ctx_unref(ctx);
	return end;
}

static void a_signal_ends_the_run(void **state)
{
	assert_int_equal(ending_run(*state, ending_terminate, false),
			 MACHINE_END_SIGNAL);
}

static void a_vcpu_that_fails_ends_the_run(void **state)
{
	assert_int_equal(ending_run(*state, NULL, true), -EIO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_ends_the_run),
		cmocka_unit_test(a_vcpu_that_fails_ends_the_run),
	};

	return cmocka_run_group_tests(tests, ending_setup, ending_teardown);
}
