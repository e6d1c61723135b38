// SPDX-License-Identifier: MIT
// A device comes and goes again and again while the machine runs, and leaves
// nothing behind, whichever call fails as it comes.
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/context.h>
#include <lend/error.h>

#include "faults.h"
#include "life.h"
#include "scripted-kvm.h"
#include "seam.h"
#include "tests/unit/fake/entries.h"
#include "vmm/machine/internal.h"
#include "vmm/machine/plug.h"
#include "vmm/pci/topology.h"

#define PATIENCE 300 /* seconds, for all */
#define CYCLES   100
#define PORT     2

/* A guest that does nothing: its write reaches no device. */
static const struct scripted_step steps[] = {
	{PCI_PORTS_ADDRESS, 4, LIFE_COMMAND, .is_first = true},
};

static struct {
	struct life life;
	struct watch_item turn;
	unsigned int done, deleted;
	unsigned int first;   /* descriptors, after the first cycle */
	unsigned int fail_at; /* of a plug's calls */
	unsigned int refused;
	bool is_over;
	int err;
} cycles;

static void cycles_event(void *opaque, const struct plug_event *event)
{
	(void)opaque;
	assert_string_equal(event->id, LIFE_ID);
	cycles.deleted += event->kind == PLUG_DELETED;
}

static const struct plug_watcher cycles_watcher = {.event = cycles_event};

static int cycles_plug(struct machine *machine)
{
	const struct plug_request request = {
		.device = &cycles.life.device,
		.id = LIFE_ID,
		.bus = cycles.done & 1 ? NULL : "two",
		.place = &cycles.life.function.place,
	};

	return machine_plug(machine, &request);
}

static void cycles_end(struct machine *machine)
{
	watch_remove(&machine->watch, &cycles.turn);
	kill(getpid(), SIGTERM);
}

/* RAM is not mapped before the plug is over, and does not fail. Returns the
 * number of its calls. */
static unsigned int cycles_plug_failing(struct machine *machine)
{
	struct fake_kernel *fake = cycles.life.fake;
	unsigned int before = fake->calls, calls;

	seam_hold_maps(NULL);
	fake->fail_error = EIO;
	fake->fail_at = before + cycles.fail_at;
	cycles.err = cycles_plug(machine);
	fake->fail_at = 0;
	calls = fake->calls - before;
	assert_true(seam_release_maps());
	return calls;
}

/* In the main loop: each call of a plug fails in turn. */
static void cycles_fail(void *opaque)
{
	struct machine *machine = opaque;

	if (machine_plug_state(machine, LIFE_ID) != PLUG_NONE &&
	    machine_unplug(machine, LIFE_ID, true))
		return; /* RAM is being mapped */
	if (cycles.is_over) {
		cycles_end(machine);
		return;
	}
	cycles.fail_at++;
	cycles.is_over = cycles_plug_failing(machine) < cycles.fail_at;
	if (!cycles.err)
		return;
	cycles.refused++;
	assert_int_equal(machine->device_count, 0);
	faults_enter();
	if (cycles.refused == 1)
		cycles.first = entries_count("/proc/self/fd");
	assert_int_equal(entries_count("/proc/self/fd"), cycles.first);
	faults_leave();
}

/* In the main loop, until nothing is left to do. */
static void cycles_turn(void *opaque)
{
	struct machine *machine = opaque;
	int err = machine_unplug(machine, LIFE_ID, true);

	if (err == -EAGAIN) /* RAM is being mapped */
		return;
	faults_enter();
	if (!err && cycles.done++ == 1)
		cycles.first = entries_count("/proc/self/fd");
	faults_leave();
	if (!err && cycles.done < CYCLES)
		err = cycles_plug(machine);
	if (!err && cycles.done < CYCLES)
		return;
	cycles.err = err;
	cycles_end(machine);
}

static int cycles_setup(void **state)
{
	static struct pci_port_config ports[] = {
		{"one", {0, 4, 0}, 1, 1, false},
		{"two", {0, 5, 0}, 2, 2, true},
	};
	static const struct topology topology = {ports, 2};

	alarm(PATIENCE);
	*state = &cycles.life;
	if (life_open(&cycles.life))
		return -1;
	cycles.life.topology = &topology;
	cycles.life.port = PORT;
	/* It opens the device by its path. */
	cycles.life.is_free = true;
	return 0;
}

static int cycles_teardown(void **state)
{
	life_close(*state);
	alarm(0);
	return 0;
}

static void cycles_run(struct life *life, void (*turn)(void *opaque))
{
	struct machine *machine;
	struct lend_ctx *ctx;
	int event = eventfd(1, EFD_CLOEXEC);

	assert_int_equal(fake_ctx_new(life->fake, &ctx), 0);
	scripted_kvm_begin(steps, 1);
	faults_begin(0, 0);
	assert_int_equal(life_begin(life, ctx), 0);
	machine = life->machine;
	machine_watch_plug(machine, &cycles_watcher);
	cycles.turn = (struct watch_item){event, turn, machine};
	assert_int_equal(watch_add(&machine->watch, &cycles.turn), 0);
	assert_int_equal(machine_run(machine), MACHINE_END_SIGNAL);
	if (cycles.err)
		fail_msg("cycle %u: %s", cycles.done,
			 lend_ctx_error(ctx)->what);
	assert_int_equal(machine->device_count, 0);
	assert_int_equal(entries_count("/proc/self/fd"), cycles.first);
	life_end(life);
	faults_end();
	assert_int_equal(faults_mappings(), 0);
	lend_ctx_unref(ctx);
	close(event);
}

static void a_hundred_cycles_leave_nothing(void **state)
{
	cycles.done = cycles.deleted = 0;
	cycles_run(*state, cycles_turn);
	assert_int_equal(cycles.deleted, CYCLES);
}

static void a_plug_that_fails_leaves_nothing(void **state)
{
	cycles_run(*state, cycles_fail);
	assert_true(cycles.refused > 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hundred_cycles_leave_nothing),
		cmocka_unit_test(a_plug_that_fails_leaves_nothing),
	};

	return cmocka_run_group_tests(tests, cycles_setup, cycles_teardown);
}
