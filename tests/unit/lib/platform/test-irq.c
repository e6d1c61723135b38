// SPDX-License-Identifier: MIT
// Triggers of a device's interrupts, by the bindings of the controllers and
// through nexus nodes.

#include "board.h"

#define EDGE    LEND_TRIGGER_EDGE
#define LEVEL   LEND_TRIGGER_LEVEL
#define UNKNOWN LEND_TRIGGER_UNKNOWN

static int irqs_setup(void **state)
{
	return board_setup_tree(state, "irqs.dtb");
}

/* Compares the triggers of all interrupts, as many as @count. */
static void irq_expect(struct machine *m, const char *device,
		       const enum lend_trigger *triggers, unsigned int count)
{
	struct lend_platform *p;

	assert_int_equal(board_find(m, device, &p), 0);
	assert_int_equal(lend_platform_irq_count(p), count);
	for (unsigned int i = 0; i < count; i++)
		if (lend_platform_irq(p, i)->trigger != triggers[i])
			fail_msg("%s: interrupt %u: %d", device, i,
				 lend_platform_irq(p, i)->trigger);
	lend_platform_free(p);
}

#define EXPECT(m, device, ...)                                                 \
	irq_expect(m, device, (const enum lend_trigger[]){__VA_ARGS__},        \
		   sizeof((const enum lend_trigger[]){__VA_ARGS__}) /          \
			   sizeof(enum lend_trigger))

static void triggers_follow_the_binding(void **state)
{
	EXPECT(*state, "gic@100", LEVEL, EDGE, LEVEL);
	EXPECT(*state, "many@200", LEVEL, EDGE, EDGE, LEVEL, LEVEL);
	EXPECT(*state, "unknown@300", UNKNOWN, UNKNOWN);
}

static void triggers_are_found_through_nexus_nodes(void **state)
{
	EXPECT(*state, "through@110", EDGE, LEVEL, EDGE);
	EXPECT(*state, "twice@210", EDGE);
	EXPECT(*state, "private@400", EDGE);
	board_add_device_at(*state, "inner@510", "/soc/bus@500/inner@510");
	EXPECT(*state, "inner@510", LEVEL);
}

/* Without an entry, in a loop, and by a disabled controller. */
static void unmapped_triggers_are_unknown(void **state)
{
	struct machine *m = *state;

	EXPECT(m, "unmapped@310", UNKNOWN, UNKNOWN, UNKNOWN);
	EXPECT(m, "disabled@120", UNKNOWN);
	/* A mask that is too short for the map. */
	board_property(m, BOARD_BASE "/nexus/interrupt-map-mask", "\0\0\xff\0",
		       4);
	EXPECT(m, "through@110", UNKNOWN, UNKNOWN, UNKNOWN);
	fake_remove(m->fake, BOARD_BASE "/nexus/interrupt-map-mask");
	EXPECT(m, "through@110", UNKNOWN, UNKNOWN, UNKNOWN);
	/* A map that ends within an entry. */
	board_property(m, BOARD_BASE "/soc/bus@500/interrupt-map",
		       "\0\0\0\0\0\0\0\1\0\0\0\1\0\0\0\0", 16);
	board_add_device_at(m, "inner@510", "/soc/bus@500/inner@510");
	EXPECT(m, "inner@510", UNKNOWN);
	board_property(m, BOARD_BASE "/nexus/#address-cells",
		       "\xff\xff\xff\xff", 4);
	EXPECT(m, "through@110", UNKNOWN, UNKNOWN, UNKNOWN);
}

static void unknown_triggers_name_the_controller(void **state)
{
	struct machine *m = *state;
	struct lend_platform *p;

	assert_int_equal(board_find(m, "unknown@300", &p), 0);
	board_expect_error(m, lend_platform_prepare(p, NULL), -ENODATA,
			   LEND_ERROR_DEVICE, "interrupt 0",
			   "2 cells by the binding of brcm,bcm2836-armctrl-ic, "
			   "/interrupt-controller@5000",
			   "bind it to VFIO");
	lend_platform_free(p);
	assert_int_equal(board_find(m, "unmapped@310", &p), 0);
	board_expect_error(m, lend_platform_prepare(p, NULL), -ENODATA,
			   LEND_ERROR_DEVICE, "interrupt 0",
			   "1 cell by the binding of its controller, /nexus",
			   "bind it to VFIO");
	lend_platform_free(p);
}

#define IRQ_TEST(f)                                                            \
	cmocka_unit_test_setup_teardown(f, irqs_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IRQ_TEST(triggers_follow_the_binding),
		IRQ_TEST(triggers_are_found_through_nexus_nodes),
		IRQ_TEST(unmapped_triggers_are_unknown),
		IRQ_TEST(unknown_triggers_name_the_controller),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
