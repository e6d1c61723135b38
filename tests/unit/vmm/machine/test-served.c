// SPDX-License-Identifier: MIT
// A machine whose device has a server, which is lost while the guest runs: the
// device reads as ones, leaves where it can, and the guest runs on.
#include <errno.h>
#include <fcntl.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/pci_regs.h>

#include <lend/client.h>
#include <lend/context.h>

#include "faults.h"
#include "life.h"
#include "scripted-kvm.h"
#include "offered.h"
#include "vmm/machine/internal.h"
#include "vmm/machine/plug.h"
#include "vmm/pci/root-port.h"
#include "vmm/pci/topology.h"

#define PATIENCE 300 /* seconds, for all */
#define PORT     2   /* in slot 5 */

#define ADDRESS PCI_PORTS_ADDRESS
#define DATA    (PCI_PORTS_ADDRESS + 4)

/* Registers of the device on the root bus, of the port, and of the device below
 * that. */
#define DEVICE(at) (1u << 31 | LIFE_SLOT << 11 | (at))
#define SLOT(at)   (1u << 31 | 5u << 11 | (at))
#define BELOW(at)  (1u << 31 | 2u << 16 | (at))

#define PORTS  0xc000u     /* of BAR 0 */
#define MEMORY 0x40000000u /* of BAR 1 */
#define BUSES  0x00020200u
#define DRIVEN                                                                 \
	(PCI_EXP_SLTCTL_ABPE | PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_HPIE |     \
	 PCI_EXP_SLTCTL_DLLSCE | PCI_EXP_SLTCTL_PWR_IND_ON)
#define STATUS(value) ((value) >> 16)

int __real_lend_device_open_socket(struct lend_iommu *iommu, int fd,
				   const char *name,
				   const struct lend_device_options *options,
				   struct lend_device **device);
int __wrap_lend_device_open_socket(struct lend_iommu *iommu, int fd,
				   const char *name,
				   const struct lend_device_options *options,
				   struct lend_device **device);

static struct {
	struct life life;
	struct offered *offered;
	char path[32];
	void (*act)(struct offered *offered); /* what the server does */
	sem_t failed, deleted;
	unsigned int slots[4], noted;
	unsigned int accesses;
	bool has_shrunk;
} test;

/* The scripted kernel is to close it. */
int __wrap_lend_device_open_socket(struct lend_iommu *iommu, int fd,
				   const char *name,
				   const struct lend_device_options *options,
				   struct lend_device **device)
{
	fake_fd_give(test.life.fake, fd);
	return __real_lend_device_open_socket(iommu, fd, name, options, device);
}

static void offered_event(void *opaque, const struct plug_event *event)
{
	(void)opaque;
	if (event->kind == PLUG_FAILED)
		sem_post(&test.failed);
	if (event->kind == PLUG_DELETED)
		sem_post(&test.deleted);
}

static const struct plug_watcher watcher = {.event = offered_event};

/* It may be awaited again. */
static void offered_await(sem_t *event)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += 60;
	while (sem_timedwait(event, &until))
		if (errno != EINTR)
			fail_msg("the machine notices nothing");
	sem_post(event);
}

static void await_failure(void)
{
	offered_await(&test.failed);
}

static void await_removal(void)
{
	offered_await(&test.deleted);
}

static void note_slots(void)
{
	test.slots[test.noted++ % 4] = scripted_kvm_slots();
}

static void note_slots_left(void)
{
	await_failure();
	note_slots();
}

static void have_it_act(void)
{
	test.act(test.offered);
}

static void have_it_act_and_await(void)
{
	have_it_act();
	await_removal();
}

static void end_the_run(void)
{
	kill(getpid(), SIGTERM);
}

/* The device is on the root bus, and cannot leave. */
static const struct scripted_step root_steps[] = {
	{ADDRESS, 4, DEVICE(PCI_BASE_ADDRESS_0), .is_first = true},
	{DATA, 4, .value = PORTS},
	{ADDRESS, 4, .value = DEVICE(PCI_BASE_ADDRESS_1)},
	{DATA, 4, .value = MEMORY},
	{ADDRESS, 4, .value = DEVICE(PCI_COMMAND), .before = note_slots},
	{DATA, 2, .value = PCI_COMMAND_IO | PCI_COMMAND_MEMORY},
	{PORTS, 4, .is_read = true, .before = note_slots},
	{ADDRESS, 4, .value = DEVICE(PCI_VENDOR_ID)},
	{DATA, 4, .is_read = true},
	{PORTS, 4, .is_read = true, .before = have_it_act},
	{DATA, 4, .is_read = true, .before = note_slots_left},
	{ADDRESS, 4, .value = DEVICE(PCI_COMMAND)},
	{DATA, 4, .is_read = true},
	/* A driver that sees nothing amiss. */
	{ADDRESS, 4, .value = DEVICE(PCI_BASE_ADDRESS_1)},
	{DATA, 4, .value = MEMORY},
	{ADDRESS, 4, .value = DEVICE(PCI_COMMAND)},
	{DATA, 2, .value = PCI_COMMAND_IO | PCI_COMMAND_MEMORY},
	{PORTS, 4, .is_read = true, .before = note_slots},
	{DATA, 1, .is_read = true},
	{DATA, 2, .value = 0, .before = end_the_run},
};

/* The device is below a port, whose driver it has. */
static const struct scripted_step port_steps[] = {
	{ADDRESS, 4, SLOT(PCI_PRIMARY_BUS), .is_first = true},
	{DATA, 4, .value = BUSES},
	{ADDRESS, 4, .value = SLOT(ROOT_PORT_EXP + PCI_EXP_SLTCTL)},
	{DATA, 2, .value = DRIVEN},
	{DATA, 4, .is_read = true},
	{ADDRESS, 4, .value = BELOW(PCI_VENDOR_ID)},
	{DATA, 4, .is_read = true},
	{DATA, 4, .is_read = true, .before = have_it_act_and_await},
	{ADDRESS, 4, .value = SLOT(ROOT_PORT_EXP + PCI_EXP_SLTCTL)},
	{DATA, 4, .is_read = true},
	{ADDRESS, 4, .value = SLOT(ROOT_PORT_EXP + PCI_EXP_LNKCTL)},
	{DATA, 4, .is_read = true},
	{DATA, 2, .value = 0, .before = end_the_run},
};

/* The driver comes later. */
static const struct scripted_step late_steps[] = {
	{ADDRESS, 4, SLOT(PCI_PRIMARY_BUS), .is_first = true},
	{DATA, 4, .value = BUSES},
	{ADDRESS, 4, .value = BELOW(PCI_VENDOR_ID), .before = have_it_act},
	{DATA, 4, .is_read = true, .before = await_failure},
	{ADDRESS, 4, .value = SLOT(ROOT_PORT_EXP + PCI_EXP_SLTCTL)},
	{DATA, 4, .is_read = true},
	{DATA, 2, .value = DRIVEN},
	{DATA, 4, .is_read = true, .before = await_removal},
	{DATA, 2, .value = 0, .before = end_the_run},
};

#define STEPS(steps) (steps), sizeof(steps) / sizeof((steps)[0])

/* Runs a guest whose server does @act. */
static void offered_machine(void (*act)(struct offered *offered), int seals,
			    const struct scripted_step *steps, size_t count)
{
	const struct offered_options options = {test.path, seals};
	struct life *life = &test.life;
	struct lend_ctx *ctx;
	char why[128] = "";

	test.offered = offered_open(&options);
	test.act = act;
	test.noted = 0;
	sem_init(&test.failed, 0, 0);
	sem_init(&test.deleted, 0, 0);
	assert_int_equal(fake_ctx_new(life->fake, &ctx), 0);
	scripted_kvm_begin(steps, count);
	faults_begin(0, 0);
	assert_int_equal(life_begin(life, ctx), 0);
	machine_watch_plug(life->machine, &watcher);
	assert_int_equal(machine_run(life->machine), MACHINE_END_SIGNAL);
	assert_int_equal(scripted_kvm_steps(), count);
	life_end(life);
	faults_end();
	assert_int_equal(faults_mappings(), 0);
	lend_ctx_unref(ctx);
	if (!fake_is_idle(life->fake, why, sizeof(why)))
		fail_msg("left over: %s", why);
	test.accesses = offered_accesses(test.offered);
	offered_close(test.offered);
	unlink(test.path);
	sem_destroy(&test.failed);
	sem_destroy(&test.deleted);
}

/* With BAR 1 mapped, if it is. */
static void assert_reads_as_ones(unsigned int mapped)
{
	assert_int_equal(scripted_kvm_value(6), OFFERED_VALUE);
	assert_int_equal(scripted_kvm_value(8), OFFERED_ID);
	assert_int_equal(scripted_kvm_value(9), UINT32_MAX);
	assert_int_equal(scripted_kvm_value(10), UINT32_MAX);
	assert_int_equal(scripted_kvm_value(12), UINT32_MAX);
	assert_int_equal(scripted_kvm_value(17), UINT32_MAX);
	assert_int_equal(scripted_kvm_value(18), UINT8_MAX);
	assert_int_equal(test.noted, 4);
	assert_int_equal(test.slots[1], test.slots[0] + mapped);
	assert_int_equal(test.slots[2], test.slots[0]);
	assert_int_equal(test.slots[3], test.slots[0]);
}

static void a_dead_server_leaves_ones(void **state)
{
	(void)state;
	offered_machine(offered_die, F_SEAL_SHRINK, STEPS(root_steps));
	assert_reads_as_ones(1);
}

static void garbage_is_the_end_of_a_server(void **state)
{
	(void)state;
	offered_machine(offered_send_garbage, F_SEAL_SHRINK, STEPS(root_steps));
	assert_reads_as_ones(1);
}

/* The guest waits for its reply. */
static void fall_silent(struct offered *offered)
{
	const struct machine *machine = test.life.machine;

	offered_fall_silent(offered);
	offered_be_impatient(machine->lent[0]);
}

static void a_silent_server_is_given_up(void **state)
{
	(void)state;
	offered_machine(fall_silent, F_SEAL_SHRINK, STEPS(root_steps));
	assert_reads_as_ones(1);
}

/* In place of the slots after the loss. */
static void answer_late(void)
{
	note_slots_left();
	offered_answer_late(test.offered);
	for (unsigned int i = 0; offered_has_client(test.offered); i++)
		assert_true(i < 1000);
}

static void a_late_answer_changes_nothing(void **state)
{
	struct scripted_step steps[sizeof(root_steps) / sizeof(root_steps[0])];

	(void)state;
	memcpy(steps, root_steps, sizeof(steps));
	steps[10].before = answer_late;
	offered_machine(fall_silent, F_SEAL_SHRINK, STEPS(steps));
	assert_reads_as_ones(1);
}

static void shrink_file(struct offered *offered)
{
	test.has_shrunk = offered_shrink(offered);
	if (!test.has_shrunk)
		offered_die(offered);
}

/* What cannot shrink is mapped, and does not. */
static void a_sealed_file_stays(void **state)
{
	(void)state;
	offered_machine(shrink_file, F_SEAL_SHRINK, STEPS(root_steps));
	assert_false(test.has_shrunk);
	assert_reads_as_ones(1);
}

/* Another one is never mapped: the guest does not notice. */
static void a_file_that_shrinks_was_not_mapped(void **state)
{
	struct scripted_step steps[sizeof(root_steps) / sizeof(root_steps[0])];

	(void)state;
	memcpy(steps, root_steps, sizeof(steps));
	steps[10].before = note_slots;
	offered_machine(shrink_file, 0, STEPS(steps));
	assert_true(test.has_shrunk);
	assert_int_equal(scripted_kvm_value(9), OFFERED_VALUE);
	assert_int_equal(scripted_kvm_value(10), OFFERED_ID);
	assert_int_equal(scripted_kvm_value(17), OFFERED_VALUE);
	assert_int_equal(test.accesses, 3);
	assert_int_equal(test.slots[1], test.slots[0]);
	assert_int_equal(test.slots[3], test.slots[0]);
}

static void assert_slot_is_empty(uint32_t control_and_status)
{
	uint32_t status = STATUS(control_and_status);

	assert_false(status & PCI_EXP_SLTSTA_PDS);
	assert_true(status & PCI_EXP_SLTSTA_PDC);
	assert_true(status & PCI_EXP_SLTSTA_DLLSC);
}

static void a_dead_server_is_a_surprise_removal(void **state)
{
	(void)state;
	offered_machine(offered_die, F_SEAL_SHRINK, STEPS(port_steps));
	assert_true(STATUS(scripted_kvm_value(4)) & PCI_EXP_SLTSTA_PDS);
	assert_int_equal(scripted_kvm_value(6), OFFERED_ID);
	assert_int_equal(scripted_kvm_value(7), UINT32_MAX);
	assert_slot_is_empty(scripted_kvm_value(9));
	assert_false(STATUS(scripted_kvm_value(11)) & PCI_EXP_LNKSTA_DLLLA);
}

static void a_driver_that_comes_later_finds_the_slot_empty(void **state)
{
	(void)state;
	offered_machine(offered_die, F_SEAL_SHRINK, STEPS(late_steps));
	assert_int_equal(scripted_kvm_value(3), UINT32_MAX);
	assert_true(STATUS(scripted_kvm_value(5)) & PCI_EXP_SLTSTA_PDS);
	assert_slot_is_empty(scripted_kvm_value(7));
}

static int offered_setup(void **state)
{
	*state = &test.life;
	alarm(PATIENCE);
	if (life_open(&test.life))
		return -1;
	snprintf(test.path, sizeof(test.path), "/tmp/lend-served-%ld",
		 (long)getpid());
	test.life.socket = test.path;
	return 0;
}

static int offered_setup_port(void **state)
{
	static struct pci_port_config ports[] = {
		{"one", {0, 4, 0}, 1, 1, false},
		{"two", {0, 5, 0}, 2, 2, true},
	};
	static const struct topology topology = {ports, 2};
	int err = offered_setup(state);

	test.life.topology = &topology;
	test.life.port = PORT;
	return err;
}

static int offered_teardown(void **state)
{
	life_close(*state);
	alarm(0);
	return 0;
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, offered_setup, offered_teardown)
#define TEST_PORT(f)                                                           \
	cmocka_unit_test_setup_teardown(f, offered_setup_port, offered_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_dead_server_leaves_ones),
		TEST(garbage_is_the_end_of_a_server),
		TEST(a_silent_server_is_given_up),
		TEST(a_late_answer_changes_nothing),
		TEST(a_sealed_file_stays),
		TEST(a_file_that_shrinks_was_not_mapped),
		TEST_PORT(a_dead_server_is_a_surprise_removal),
		TEST_PORT(a_driver_that_comes_later_finds_the_slot_empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
