// SPDX-License-Identifier: MIT
// A device comes and goes again and again while the machine runs, and leaves
// nothing behind.
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
	unsigned int first; /* descriptors, after the first cycle */
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
	watch_remove(&machine->watch, &cycles.turn);
	kill(getpid(), SIGTERM);
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

static void a_hundred_cycles_leave_nothing(void **state)
{
	struct life *life = *state;
	struct machine *machine;
	struct lend_ctx *ctx;
	int event = eventfd(1, EFD_CLOEXEC);

	assert_int_equal(fake_ctx_new(life->fake, &ctx), 0);
	scripted_kvm_begin(steps, 1);
	faults_begin(0, 0);
	assert_int_equal(life_begin(life, ctx), 0);
	machine = life->machine;
	machine_watch_plug(machine, &cycles_watcher);
	cycles.turn = (struct watch_item){event, cycles_turn, machine};
	assert_int_equal(watch_add(&machine->watch, &cycles.turn), 0);
	assert_int_equal(machine_run(machine), MACHINE_END_SIGNAL);
	if (cycles.err)
		fail_msg("cycle %u: %s", cycles.done,
			 lend_ctx_error(ctx)->what);
	assert_int_equal(cycles.deleted, CYCLES);
	assert_int_equal(machine->device_count, 0);
	assert_int_equal(entries_count("/proc/self/fd"), cycles.first);
	life_end(life);
	faults_end();
	assert_int_equal(faults_mappings(), 0);
	lend_ctx_unref(ctx);
	close(event);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hundred_cycles_leave_nothing),
	};

	return cmocka_run_group_tests(tests, cycles_setup, cycles_teardown);
}
