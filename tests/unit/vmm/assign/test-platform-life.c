// SPDX-License-Identifier: MIT
// A lent platform device in the machine, from its creation to its end: what it
// needs, what its node gets, resets, and that a failure leaves nothing. liblend
// is a table.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include <lend/lend.h>

#include "platform-device.h"
#include "plugged.h"
#include "vmm/assign/open.h"
#include "vmm/assign/platform-parts.h"
#include "vmm/assign/platform.h"

#define WINDOW    0x10000000
#define LINE      40
#define PHANDLE   5
#define TREE_SIZE 4096

/* Which of liblend's functions fails, and what they were asked for. */
enum {
	PLATFORM_NONE,
	PLATFORM_NEW,
	PLATFORM_PREPARE,
	PLATFORM_ARRANGE,
	PLATFORM_WRITE
};

static struct {
	int fails, err;
	enum lend_trigger trigger;
	int references, platforms; /* that are left */
	bool has_reset;
	unsigned int resets, lines;
	int reset_err;
	uint64_t addresses[REGIONS];
	uint32_t spis[IRQS];
	int fd; /* that was opened */
	const char *name;
} board;

static int board_fail(int what)
{
	return board.fails == what ? -board.err : 0;
}

int lend_platform_new(const struct lend_address *address,
		      const struct lend_device *device,
		      struct lend_platform **platform)
{
	(void)address;
	(void)device;
	if (board_fail(PLATFORM_NEW))
		return -board.err;
	board.platforms++;
	*platform = (struct lend_platform *)&board;
	return 0;
}

void lend_platform_free(struct lend_platform *platform)
{
	board.platforms -= platform != NULL;
}

int lend_platform_prepare(struct lend_platform *platform,
			  const struct lend_platform_options *options)
{
	(void)platform;
	(void)options;
	return board_fail(PLATFORM_PREPARE);
}

unsigned int lend_platform_region_count(const struct lend_platform *platform)
{
	(void)platform;
	return REGIONS;
}

unsigned int lend_platform_irq_count(const struct lend_platform *platform)
{
	(void)platform;
	return IRQS;
}

const struct lend_platform_irq *
lend_platform_irq(const struct lend_platform *platform, unsigned int index)
{
	static struct lend_platform_irq irq;

	(void)platform;
	(void)index;
	irq.trigger = board.trigger;
	return &irq;
}

int lend_platform_arrange(const struct lend_platform *platform, uint64_t base,
			  uint64_t *addresses, uint64_t *end)
{
	(void)platform;
	(void)base;
	memset(addresses, 0, REGIONS * sizeof(*addresses));
	*end = 0;
	return board_fail(PLATFORM_ARRANGE);
}

int lend_platform_write(const struct lend_platform *platform,
			const struct lend_platform_place *place, void *fdt,
			int bus)
{
	int node = fdt_add_subnode(fdt, bus, "device");

	(void)platform;
	memcpy(board.addresses, place->addresses, sizeof(board.addresses));
	memcpy(board.spis, place->spis, sizeof(board.spis));
	assert_int_equal(fdt_setprop_u32(fdt, node, "phandle", PHANDLE + 2), 0);
	return board_fail(PLATFORM_WRITE);
}

struct lend_device *lend_device_ref(struct lend_device *device)
{
	board.references++;
	return device;
}

struct lend_device *lend_device_unref(struct lend_device *device)
{
	board.references--;
	(void)device;
	return NULL;
}

bool lend_device_can_reset(const struct lend_device *device)
{
	(void)device;
	return board.has_reset;
}

int lend_device_reset(struct lend_device *device)
{
	(void)device;
	board.resets++;
	return -board.reset_err;
}

/* On x86 a machine has no such lines. */
int __wrap_irq_line_take(struct irq *irq, unsigned int count);

int __wrap_irq_line_take(struct irq *irq, unsigned int count)
{
	irq->lines_taken += count;
	return irq->lines_taken > board.lines ? -ENOSPC : LINE;
}

int __wrap_assign_open(struct machine *machine, const struct assign_open *how,
		       struct lend_device **device);

int __wrap_assign_open(struct machine *machine, const struct assign_open *how,
		       struct lend_device **device)
{
	(void)machine;
	board.fd = how->fd;
	board.name = how->name;
	*device = NULL;
	return 0;
}

struct platform_life {
	struct machine machine;
	struct machine_device *device;
	struct assign_platform_config config;
	unsigned int warnings;
};

static int platform_life_setup(void **state)
{
	static struct platform_life life;

	plugged_open(&life.machine, &life.warnings);
	memset(&platform_device, 0, sizeof(platform_device));
	for (unsigned int i = 0; i < IRQS; i++)
		platform_device.irqs[i] =
			(struct lend_irq){1, LEND_IRQ_EVENTFD};
	memset(&board, 0, sizeof(board));
	board.has_reset = true;
	board.lines = IRQS;
	board.err = EIO;
	life.machine.layout.platform = (struct range){WINDOW, 0x80000};
	life.device = NULL;
	life.config = (struct assign_platform_config){
		.fd = 9,
		.name = "1000.dev",
	};
	*state = &life;
	return 0;
}

static int platform_life_teardown(void **state)
{
	struct platform_life *life = *state;

	if (life->device)
		life->device->ops->destroy(life->device);
	assert_int_equal(board.references, 0);
	assert_int_equal(board.platforms, 0);
	plugged_close(&life->machine);
	return 0;
}

static void platform_life_create(struct platform_life *life)
{
	assert_int_equal(assign_platform_create(&life->machine, &life->config,
						NULL, &life->device),
			 0);
	life->machine.devices = &life->device;
	life->machine.device_count = 1;
}

static int platform_life_start(struct platform_life *life)
{
	return life->device->ops->start(life->device, &life->machine);
}

static void platform_life_stop(struct platform_life *life)
{
	life->device->ops->stop(life->device, &life->machine);
}

static int platform_life_describe(struct platform_life *life, uint32_t *phandle)
{
	static char fdt[TREE_SIZE];
	struct machine_tree tree = {
		.fdt = fdt,
		.bus = "/platform",
		.phandle = *phandle,
	};
	int err;

	assert_int_equal(fdt_create_empty_tree(fdt, sizeof(fdt)), 0);
	assert_true(fdt_add_subnode(fdt, 0, "platform") > 0);
	err = life->device->ops->describe(life->device, &life->machine, &tree);
	*phandle = tree.phandle;
	return err;
}

static void the_node_has_the_guests_numbers(void **state)
{
	struct platform_life *life = *state;
	uint32_t phandle = PHANDLE;

	platform_life_create(life);
	assert_true(life->machine.need.platform >= 0x40000);
	assert_int_equal(platform_life_start(life), 0);
	assert_int_equal(kvm.irqfds, IRQS);
	assert_int_equal(platform_life_describe(life, &phandle), 0);
	assert_int_equal(board.addresses[0], WINDOW);
	assert_int_equal(board.addresses[1], WINDOW + 0x20000);
	assert_int_equal(board.addresses[2], WINDOW + 0x10000);
	for (unsigned int i = 0; i < IRQS; i++)
		assert_int_equal(board.spis[i], LINE + i);
	/* The next device's are beyond the node's own. */
	assert_int_equal(phandle, PHANDLE + 3);
	platform_life_stop(life);
	assert_int_equal(kvm.slot.memory_size, 0);
	assert_int_equal(platform_device.disables, IRQS);
}

static void a_node_that_does_not_fit_is_named(void **state)
{
	struct platform_life *life = *state;
	uint32_t phandle = PHANDLE;

	platform_life_create(life);
	assert_int_equal(platform_life_start(life), 0);
	board.fails = PLATFORM_WRITE;
	assert_int_equal(platform_life_describe(life, &phandle), -EIO);
	assert_int_equal(phandle, PHANDLE);
	board.err = ENOSPC;
	assert_int_equal(platform_life_describe(life, &phandle), -ENOSPC);
	assert_non_null(strstr(lend_ctx_error(life->machine.ctx)->what,
			       "does not fit the guest's device tree"));
	platform_life_stop(life);
}

/* It may start again, as after the guest's reset. */
static void a_start_that_fails_takes_all_back(void **state)
{
	struct platform_life *life = *state;

	platform_life_create(life);
	board.lines = IRQS - 1;
	assert_int_equal(platform_life_start(life), -ENOSPC);
	assert_int_equal(kvm.slot.memory_size, 0);
	assert_int_equal(
		lend_kvm_claim(life->machine.kvm, WINDOW, 0x80000, "RAM", NULL),
		0);
	lend_kvm_release(life->machine.kvm, WINDOW);
	board.lines = IRQS;
	life->machine.irq.lines_taken = 0;
	assert_int_equal(platform_life_start(life), 0);
	platform_life_stop(life);
}

static void a_creation_that_fails_leaves_nothing(void **state)
{
	struct platform_life *life = *state;

	for (int i = PLATFORM_NEW; i <= PLATFORM_ARRANGE; i++) {
		board.fails = i;
		assert_int_equal(assign_platform_create(&life->machine,
							&life->config, NULL,
							&life->device),
				 -EIO);
		assert_int_equal(board.references, 0);
		assert_int_equal(board.platforms, 0);
	}
	assert_null(life->device);
}

static void each_guest_finds_the_device_reset(void **state)
{
	struct platform_life *life = *state;

	platform_life_create(life);
	assert_int_equal(life->warnings, 0);
	life->device->ops->reset(&life->machine);
	assert_int_equal(board.resets, 1);
	assert_int_equal(life->warnings, 0);
	board.reset_err = EIO;
	life->device->ops->reset(&life->machine);
	assert_int_equal(board.resets, 2);
	assert_int_equal(life->warnings, 1);
}

static void a_device_without_reset_is_reported_once(void **state)
{
	struct platform_life *life = *state;

	board.has_reset = false;
	platform_life_create(life);
	assert_int_equal(life->warnings, 1);
	life->device->ops->reset(&life->machine);
	assert_int_equal(board.resets, 0);
	assert_int_equal(life->warnings, 1);
}

/* From the host's tree alone, which may not have the triggers. */
static void a_plan_has_the_regions(void **state)
{
	struct platform_life *life = *state;
	struct machine *machine = &life->machine;

	board.fails = PLATFORM_PREPARE;
	assert_int_equal(assign_platform_measure(machine, &life->config), -EIO);
	board.err = ENODATA;
	board.trigger = LEND_TRIGGER_EDGE;
	assert_int_equal(assign_platform_measure(machine, &life->config),
			 -ENODATA);
	assert_int_equal(machine->need.platform, 0);
	board.trigger = LEND_TRIGGER_UNKNOWN;
	life->config.node.keep_addresses = true;
	assert_int_equal(assign_platform_measure(machine, &life->config), 0);
	assert_int_equal(machine->need.platform, 0);
	life->config.node.keep_addresses = false;
	assert_int_equal(assign_platform_measure(machine, &life->config), 0);
	assert_int_not_equal(machine->need.platform, 0);
	board.fails = PLATFORM_NEW;
	assert_int_equal(assign_platform_measure(machine, &life->config),
			 -ENODATA);
}

static void a_descriptor_is_opened_by_its_name(void **state)
{
	struct platform_life *life = *state;
	struct lend_device *lent;

	assert_int_equal(
		assign_platform_open(&life->machine, &life->config, &lent), 0);
	assert_int_equal(board.fd, 9);
	assert_string_equal(board.name, "1000.dev");
}

#define TEST(t)                                                                \
	cmocka_unit_test_setup_teardown(t, platform_life_setup,                \
					platform_life_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_node_has_the_guests_numbers),
		TEST(a_node_that_does_not_fit_is_named),
		TEST(a_start_that_fails_takes_all_back),
		TEST(a_creation_that_fails_leaves_nothing),
		TEST(each_guest_finds_the_device_reset),
		TEST(a_device_without_reset_is_reported_once),
		TEST(a_plan_has_the_regions),
		TEST(a_descriptor_is_opened_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
