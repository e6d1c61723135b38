// SPDX-License-Identifier: MIT
// The devices of a slot leave a machine together, in order, and each is
// reported; a request of the host ends the run where they cannot leave.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/device.h>
#include <lend/error.h>

#include "tests/unit/vmm/context.h"
#include "vmm/machine/internal.h"
#include "vmm/machine/plug.h"
#include "vmm/pci/topology.h"

#define DEVICES 4
#define PORT    2 /* of the second and the fourth device */

struct lend_device *__wrap_lend_device_unref(struct lend_device *device);
struct slot_view __wrap_hotplug_look(struct pci_host *host, unsigned int port);
void __wrap_hotplug_empty(struct pci_host *host, unsigned int port);
void __wrap_hotplug_press(struct pci_host *host, unsigned int port);
void __wrap_recall_device(struct recall *recall, const char *device,
			  const char *why, unsigned int seconds);
void __wrap_machine_fail(struct machine *machine, int err);

/* What happens, one letter each: Stop, Empty, Destroy, Close, Report. */
static struct {
	char events[64];
	struct machine machine;
	struct machine_config config;
	struct machine_device devices[DEVICES];
	struct machine_device *list[DEVICES];
	struct lend_device *lent[DEVICES];
	struct slot_view view;
	unsigned int presses, recalls;
	const char *why;
	struct plug_event last;
	int failed;
} plug_test;

static void plug_test_note(char what)
{
	size_t at = strlen(plug_test.events);

	assert_true(at + 1 < sizeof(plug_test.events));
	plug_test.events[at] = what;
}

struct lend_device *__wrap_lend_device_unref(struct lend_device *device)
{
	if (device)
		plug_test_note('C');
	return NULL;
}

struct slot_view __wrap_hotplug_look(struct pci_host *host, unsigned int port)
{
	(void)host;
	return port == PORT ? plug_test.view : (struct slot_view){0};
}

void __wrap_hotplug_empty(struct pci_host *host, unsigned int port)
{
	assert_ptr_equal(host, &plug_test.machine.pci);
	assert_int_equal(port, PORT);
	plug_test_note('E');
}

void __wrap_hotplug_press(struct pci_host *host, unsigned int port)
{
	(void)host;
	assert_int_equal(port, PORT);
	plug_test.presses++;
}

void __wrap_recall_device(struct recall *recall, const char *device,
			  const char *why, unsigned int seconds)
{
	(void)device;
	(void)seconds;
	recall->is_on = true;
	plug_test.recalls++;
	plug_test.why = why;
}

void __wrap_machine_fail(struct machine *machine, int err)
{
	assert_ptr_equal(machine, &plug_test.machine);
	plug_test.failed = err;
}

/* By then nobody finds it in the machine. */
static void plug_test_stop(struct machine_device *device,
			   struct machine *machine)
{
	for (size_t i = 0; i < machine->device_count; i++)
		assert_ptr_not_equal(machine->devices[i], device);
	plug_test_note('S');
}

static void plug_test_destroy(struct machine_device *device)
{
	(void)device;
	plug_test_note('D');
}

static const struct machine_device_ops plug_test_ops = {
	.stop = plug_test_stop,
	.destroy = plug_test_destroy,
};

static void plug_test_event(void *opaque, const struct plug_event *event)
{
	assert_ptr_equal(opaque, &plug_test);
	plug_test.last = *event;
	if (event->kind == PLUG_DELETED)
		assert_int_equal(
			machine_plug_state(&plug_test.machine, event->id),
			PLUG_NONE);
	plug_test_note('R');
}

static const struct plug_watcher plug_test_watcher = {
	.event = plug_test_event,
	.opaque = &plug_test,
};

static int plug_setup(void **state)
{
	static const char *const names[DEVICES] = {"a", "b", "c", "d"};
	static struct pci_port_config ports[] = {
		{"rp1", {0, 1, 0}, 1, 1, false},
		{"rp2", {0, 2, 0}, 2, 2, true},
	};
	static const struct topology topology = {ports, 2};
	struct machine *machine = &plug_test.machine;

	memset(&plug_test, 0, sizeof(plug_test));
	if (context_setup(state))
		return -1;
	machine->ctx = *state;
	machine->config = &plug_test.config;
	machine->up = true;
	machine->devices = plug_test.list;
	machine->lent = plug_test.lent;
	machine->device_count = DEVICES;
	plug_test.config.topology = &topology;
	plug_test.config.unplug_timeout = 30;
	for (unsigned int i = 0; i < DEVICES; i++) {
		plug_test.devices[i] = (struct machine_device){
			.ops = &plug_test_ops,
			.started = true,
			.port = i & 1 ? PORT : 0,
			.name = names[i],
			.id = i ? names[i] : NULL,
		};
		plug_test.list[i] = &plug_test.devices[i];
		/* Never looked into. */
		plug_test.lent[i] = (struct lend_device *)&plug_test.devices[i];
	}
	plug_test.view = (struct slot_view){
		.is_pluggable = true,
		.is_full = true,
		.has_driver = true,
		.is_on = true,
	};
	machine_watch_plug(machine, &plug_test_watcher);
	return watch_open(&machine->watch, machine->ctx) ||
	       machine_open_plug(machine);
}

static int plug_teardown(void **state)
{
	unplug_close(&plug_test.machine.unplug);
	watch_close(&plug_test.machine.watch);
	return context_teardown(state);
}

static void two_are_left(void)
{
	assert_int_equal(plug_test.machine.device_count, 2);
	assert_ptr_equal(plug_test.list[0], &plug_test.devices[0]);
	assert_ptr_equal(plug_test.list[1], &plug_test.devices[2]);
	assert_ptr_equal(plug_test.lent[1],
			 (struct lend_device *)&plug_test.devices[2]);
	assert_null(plug_test.lent[2]);
	assert_null(plug_test.lent[3]);
}

static void a_slot_leaves_as_a_whole(void **state)
{
	struct machine *machine = &plug_test.machine;

	(void)state;
	assert_int_equal(machine_plug_state(machine, "b"), PLUG_PLUGGED);
	machine_recall(machine, PORT, "b");
	assert_int_equal(plug_test.presses, 1);
	assert_int_equal(machine_plug_state(machine, "b"), PLUG_UNPLUGGING);
	assert_int_equal(machine_plug_state(machine, "d"), PLUG_UNPLUGGING);
	assert_int_equal(machine_plug_state(machine, "c"), PLUG_PLUGGED);
	assert_string_equal(plug_test.events, "RR");
	assert_int_equal(plug_test.last.kind, PLUG_REQUESTED);
	unplug_news(&machine->unplug, PORT, SLOT_RELEASED);
	/* Closed before it is reported. */
	assert_string_equal(plug_test.events, "RRSSEDCDCRR");
	assert_int_equal(plug_test.last.kind, PLUG_DELETED);
	assert_string_equal(plug_test.last.id, "d");
	assert_string_equal(plug_test.last.device, "d");
	two_are_left();
	assert_int_equal(plug_test.recalls, 0);
}

static void a_user_unplugs(void **state)
{
	struct machine *machine = &plug_test.machine;

	assert_int_equal(machine_unplug(machine, "d", false), 0);
	assert_int_equal(plug_test.presses, 1);
	assert_int_equal(machine_unplug(machine, "b", false), -EBUSY);
	assert_true(context_says(*state, "already"));
	assert_string_equal(plug_test.events, "");
	assert_int_equal(machine_unplug(machine, "b", true), 0);
	assert_string_equal(plug_test.events, "SSEDCDCRR");
	two_are_left();
	assert_int_equal(machine_unplug(machine, "b", true), -ENODEV);
	assert_int_equal(machine_unplug(machine, "b", false), -ENODEV);
	assert_true(context_says(*state, "no device"));
}

/* Nothing but the end of the mapping wakes the main loop. */
static void a_user_unplugs_while_ram_is_mapped(void **state)
{
	struct machine *machine = &plug_test.machine;
	uint64_t woken;

	(void)state;
	machine->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	machine->dma.is_pending = true;
	assert_int_equal(machine_unplug(machine, "b", false), 0);
	machine_turn_plug(machine);
	assert_int_equal(plug_test.presses, 0);
	machine->dma.is_pending = false;
	machine_on_mapped(machine);
	assert_int_equal(read(machine->wake_fd, &woken, sizeof(woken)),
			 sizeof(woken));
	machine_turn_plug(machine);
	assert_int_equal(plug_test.presses, 1);
	close(machine->wake_fd);
}

static void what_stays_is_named(void **state)
{
	struct machine *machine = &plug_test.machine;

	assert_int_equal(machine_unplug(machine, "c", false), -EOPNOTSUPP);
	assert_true(context_says(*state, "root bus"));
	assert_int_equal(machine_unplug(machine, "c", true), -EOPNOTSUPP);
	assert_true(context_says(*state, "no hot plug"));
	machine->dma.is_pending = true;
	assert_int_equal(machine_unplug(machine, "b", true), -EAGAIN);
	assert_string_equal(plug_test.events, "");
	assert_int_equal(machine->device_count, DEVICES);
}

static void a_device_on_the_root_bus_ends_the_run(void **state)
{
	struct machine *machine = &plug_test.machine;

	(void)state;
	machine_recall(machine, 0, "c");
	assert_int_equal(plug_test.recalls, 1);
	assert_non_null(strstr(plug_test.why, "root bus"));
	/* Others need not leave any more. */
	machine_recall(machine, PORT, "b");
	assert_int_equal(plug_test.recalls, 2);
	assert_int_equal(plug_test.presses, 0);
	assert_string_equal(plug_test.events, "");
}

static void plug_test_break(struct lend_ctx *ctx, unsigned int port)
{
	lend_error_set(ctx, LEND_ERROR_DEVICE, EIO, "b", "it failed");
	lend_error_evidence(ctx, "one line");
	lend_error_evidence(ctx, "and another");
	machine_lose(&plug_test.machine, port, "b");
}

static void a_device_that_fails_may_leave_alone(void **state)
{
	plug_test.config.detach_on_error = true;
	plug_test_break(*state, PORT);
	assert_int_equal(plug_test.failed, 0);
	assert_string_equal(plug_test.events, "RRSSEDCDCRR");
	two_are_left();
	plug_test_break(*state, 0);
	assert_int_equal(plug_test.failed, -EIO);
	assert_true(context_says(*state, "root bus"));
	assert_true(context_says(*state, "is stopped"));
}

/* The guest, which had no device before, runs on. */
static void without_ram_plugged_devices_leave(void **state)
{
	struct machine *machine = &plug_test.machine;

	plug_test.list[0] = &plug_test.devices[1];
	plug_test.list[1] = &plug_test.devices[3];
	machine->device_count = 2;
	machine_turn_plug(machine);
	assert_string_equal(plug_test.events, "");
	machine_on_plug_fail(machine, lend_error_set(*state, LEND_ERROR_MEMLOCK,
						     ENOMEM, NULL, "no RAM"));
	lend_error_set(*state, LEND_ERROR_SYSTEM, EIO, NULL, "another");
	machine_turn_plug(machine);
	assert_string_equal(plug_test.events, "RRSSEDCDCRR");
	assert_int_equal(plug_test.last.kind, PLUG_DELETED);
	assert_true(context_says(*state, "no RAM"));
	assert_int_equal(machine->device_count, 0);
	assert_int_equal(plug_test.failed, 0);
	assert_null(machine->plug_record);
	machine_turn_plug(machine);
	assert_string_equal(plug_test.events, "RRSSEDCDCRR");
}

static void a_device_that_fails_ends_the_run(void **state)
{
	plug_test_break(*state, PORT);
	assert_int_equal(plug_test.failed, -EIO);
	assert_false(context_says(*state, "cannot leave"));
	plug_test.config.detach_on_error = true;
	plug_test.view.has_driver = false;
	plug_test_break(*state, PORT);
	assert_true(context_says(*state, "no driver"));
	plug_test.view.has_driver = true;
	plug_test.machine.dma.is_pending = true;
	plug_test_break(*state, PORT);
	assert_true(context_says(*state, "RAM is being mapped"));
	assert_string_equal(plug_test.events, "");
}

/* Its devices were stopped with all others. */
static void a_guest_that_resets_loses_it(void **state)
{
	struct machine *machine = &plug_test.machine;

	(void)state;
	machine_recall(machine, PORT, "b");
	for (unsigned int i = 0; i < DEVICES; i++)
		plug_test.devices[i].started = false;
	machine->up = false;
	unplug_end_all(&machine->unplug);
	assert_string_equal(plug_test.events, "RRDCDCRR");
	two_are_left();
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, plug_setup, plug_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_slot_leaves_as_a_whole),
		TEST(a_user_unplugs),
		TEST(a_user_unplugs_while_ram_is_mapped),
		TEST(what_stays_is_named),
		TEST(a_device_on_the_root_bus_ends_the_run),
		TEST(a_device_that_fails_may_leave_alone),
		TEST(without_ram_plugged_devices_leave),
		TEST(a_device_that_fails_ends_the_run),
		TEST(a_guest_that_resets_loses_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
