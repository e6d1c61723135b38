// SPDX-License-Identifier: MIT
// Places on the guest's PCI buses: as requested, else the first free slot, else
// below new root ports.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "tests/unit/vmm/pci/assert-place.h"
#include "vmm/pci/topology.h"

#define MANY 300

#define DEVICE                                                                 \
	{                                                                      \
		.name = "device", .text = "vfio-pci", .slot = -1               \
	}
#define PORT(ident)                                                            \
	{                                                                      \
		.name = (ident), .text = "pcie-root-port,id=" ident,           \
		.id = (ident), .is_port = true, .slot = -1, .number = -1,      \
		.link = -1                                                     \
	}

/* Plan and free; the places stay in the wishes. Returns the number of ports. */
static unsigned int expect_planned(struct lend_ctx *ctx,
				   struct topology_wish *wishes, size_t count)
{
	struct topology t;
	unsigned int ports;

	if (topology_plan(&t, ctx, wishes, count))
		fail_msg("%s", lend_ctx_error(ctx)->what);
	ports = t.count;
	topology_free(&t);
	return ports;
}

static void expect_refused(struct lend_ctx *ctx, struct topology_wish *wishes,
			   size_t count, int err, const char *words)
{
	struct topology t;

	assert_int_equal(topology_plan(&t, ctx, wishes, count), err);
	if (!context_says(ctx, words))
		fail_msg("%s: %s", words, lend_ctx_error(ctx)->what);
	topology_free(&t);
}

static void devices_take_the_free_slots_in_their_order(void **state)
{
	struct topology_wish w[] = {DEVICE, DEVICE, PORT("rp"), DEVICE, DEVICE};

	w[3].slot = 2;
	w[4].bus = TOPOLOGY_ROOT;
	assert_int_equal(expect_planned(*state, w, 5), 1);
	assert_place(w[0].place, 0, 1, 0);
	assert_place(w[1].place, 0, 3, 0);
	assert_place(w[2].place, 0, 4, 0);
	assert_place(w[3].place, 0, 2, 0);
	assert_place(w[4].place, 0, 5, 0);
}

static void a_device_that_names_a_port_goes_below_it(void **state)
{
	struct topology_wish w[] = {DEVICE, PORT("a"), DEVICE, PORT("b"),
				    DEVICE};
	struct topology t;

	w[0].bus = "b";
	w[2].bus = "b";
	w[2].slot = 0;
	w[2].function = 3;
	w[3].slot = 9;
	w[3].number = 77;
	w[4].bus = "a";
	assert_int_equal(topology_plan(&t, *state, w, 5), 0);
	assert_place(w[0].place, 2, 0, 0);
	assert_place(w[2].place, 2, 0, 3);
	assert_place(w[4].place, 1, 0, 0);
	assert_int_equal(t.count, 2);
	assert_place(t.ports[0].place, 0, 1, 0);
	assert_int_equal(t.ports[0].slot, 1);
	assert_place(t.ports[1].place, 0, 9, 0);
	assert_int_equal(t.ports[1].slot, 77);
	assert_string_equal(t.ports[1].name, "b");
	topology_free(&t);
}

/* Every device has its own place, below an existing port. */
static void check_all(struct lend_ctx *ctx, size_t count, unsigned int ports)
{
	static struct topology_wish w[MANY];
	bool taken[PCI_HOST_PORTS + 1][PCI_HOST_FUNCTIONS] = {{false}};
	struct topology t;
	size_t below = 0;

	for (size_t i = 0; i < count; i++)
		w[i] = (struct topology_wish)DEVICE;
	assert_int_equal(topology_plan(&t, ctx, w, count), 0);
	assert_int_equal(t.count, ports);
	for (unsigned int i = 0; i < t.count; i++) {
		unsigned int devfn = pci_place_devfn(t.ports[i].place);

		assert_int_equal(t.ports[i].place.port, 0);
		assert_in_range(devfn, 8, PCI_HOST_FUNCTIONS - 1);
		assert_false(taken[0][devfn]);
		taken[0][devfn] = true;
		assert_true(taken[0][devfn & ~7u]);
		assert_int_equal(t.ports[i].slot, i + 1);
	}
	for (size_t i = 0; i < count; i++) {
		unsigned int port = w[i].place.port;
		unsigned int devfn = pci_place_devfn(w[i].place);

		assert_true(port <= t.count);
		assert_false(taken[port][devfn]);
		taken[port][devfn] = true;
		below += port != 0;
	}
	assert_int_equal(below, ports);
	topology_free(&t);
}

static void ports_are_added_when_slots_run_out(void **state)
{
	check_all(*state, 0, 0);
	check_all(*state, 31, 0);
	check_all(*state, 32, 2);
	check_all(*state, 38, 8);
	check_all(*state, 39, 10);
	check_all(*state, 64, 64 - 26);
	check_all(*state, 200, 200 - 6);
	check_all(*state, 248, 248);
}

/* Eight share a slot, behind all that name none. */
static void spare_ports_share_slots(void **state)
{
	struct topology_wish w[] = {
		PORT("s1"), PORT("s2"), PORT("s3"), PORT("s4"),
		PORT("s5"), PORT("s6"), PORT("s7"), PORT("s8"),
		PORT("s9"), DEVICE,     DEVICE,
	};

	for (int i = 0; i < 9; i++)
		w[i].is_spare = w[i].pluggable = true;
	w[10].bus = "s9";
	assert_int_equal(expect_planned(*state, w, 11), 9);
	assert_place(w[9].place, 0, 1, 0);
	assert_place(w[0].place, 0, 2, 0);
	assert_place(w[7].place, 0, 2, 7);
	assert_place(w[8].place, 0, 3, 0);
	assert_place(w[10].place, 9, 0, 0);
}

static void spare_ports_leave_room(void **state)
{
	struct topology_wish w[MANY];
	size_t count = 0;

	while (count < 241) {
		w[count] = (struct topology_wish)PORT("s");
		w[count].id = NULL;
		w[count++].is_spare = true;
	}
	assert_int_equal(expect_planned(*state, w, count), 241);
	assert_place(w[240].place, 0, 31, 0);
	w[count++] = (struct topology_wish)DEVICE;
	expect_refused(*state, w, count, -ENOSPC, "no free PCI slots");
}

static void running_out_of_slots_is_reported(void **state)
{
	static struct topology_wish w[MANY];

	for (size_t i = 0; i < MANY; i++)
		w[i] = (struct topology_wish)DEVICE;
	expect_refused(*state, w, 249, -ENOSPC,
		       "no free PCI slots in the guest for 249 devices");
	assert_true(context_says(*state, "31 slots left"));
	assert_true(context_says(*state, "addr=SLOT.0"));
	/* Devices that name the root bus cannot go below a port. */
	for (size_t i = 0; i < 32; i++)
		w[i].bus = TOPOLOGY_ROOT;
	expect_refused(*state, w, 32, -ENOSPC,
		       "no free PCI slots in the guest for 32 devices");
	assert_int_equal(expect_planned(*state, w, 31), 0);
	/* They leave no room for others. */
	expect_refused(*state, &w[1], 32, -ENOSPC,
		       "no free PCI slots in the guest for 32 devices");
	w[0].bus = NULL;
	assert_int_equal(expect_planned(*state, w, 31), 0);
	for (size_t i = 20; i < MANY; i++)
		w[i].bus = NULL;
	/* 19 slots for those, 12 slots with 8 ports each for the others. */
	assert_int_equal(expect_planned(*state, &w[1], 19 + 96), 96);
	expect_refused(*state, &w[1], 19 + 97, -ENOSPC, "no free PCI slots");
}

static void several_devices_share_a_slot(void **state)
{
	static struct topology_wish w[MANY];

	for (size_t i = 0; i < 31 * 8; i++) {
		w[i] = (struct topology_wish)DEVICE;
		w[i].slot = 1 + (int)i / 8;
		w[i].function = (int)i % 8;
	}
	assert_int_equal(expect_planned(*state, w, 31 * 8), 0);
	w[31 * 8] = (struct topology_wish)DEVICE;
	expect_refused(*state, w, 31 * 8 + 1, -ENOSPC, "0 slots left");
}

static void impossible_places_are_refused(void **state)
{
	struct topology_wish w[] = {PORT("rp"), DEVICE, DEVICE};

	w[1].bus = "rp";
	w[1].slot = 1;
	expect_refused(*state, w, 2, -EINVAL, "root port rp has only slot 0");
	w[1].slot = 0;
	w[1].function = 1;
	expect_refused(*state, w, 2, -EINVAL, "bus=rp,addr=0.0");
	w[1].function = 0;
	w[2].bus = "rp";
	expect_refused(*state, w, 3, -EINVAL, "a root port has one slot");
	w[2].bus = "pr";
	expect_refused(*state, w, 3, -EINVAL, "rp is the nearest");
	expect_refused(*state, w, 3, -EINVAL,
		       "present: bus=pcie.0\npresent: bus=rp");
	w[2].bus = "zzzzzzzz";
	expect_refused(*state, w, 3, -EINVAL, "pcie-root-port,id=zzzzzzzz");
	w[2].bus = "pci.5";
	expect_refused(*state, w, 3, -EINVAL, "present: bus=pcie.0");
	w[2].bus = "dev";
	w[1].id = "dev";
	expect_refused(*state, w, 3, -EINVAL, "not a root port");
	w[2].bus = TOPOLOGY_ROOT;
	w[2].slot = 0;
	expect_refused(*state, w, 3, -EINVAL, "host bridge");
	w[2].slot = 4;
	w[2].function = 2;
	expect_refused(*state, w, 3, -EINVAL, "addr=4.0");
	w[2].function = 0;
	w[1].bus = NULL;
	w[1].slot = 4;
	expect_refused(*state, w, 3, -EINVAL, "addr=4.0 is in use by device");
	w[2].bus = NULL;
	w[2].slot = 5;
	w[2].id = "rp";
	expect_refused(*state, w, 3, -EINVAL, "id= is used twice");
	w[2].id = "pcie.0";
	expect_refused(*state, w, 3, -EINVAL, "reserved for the root bus");
}

static void ports_do_not_nest(void **state)
{
	struct topology_wish w[] = {PORT("a"), PORT("b")};

	w[1].bus = "a";
	expect_refused(*state, w, 2, -EINVAL, "must be on the root bus");
	w[1].bus = "b";
	expect_refused(*state, w, 2, -EINVAL, "must be on the root bus");
	w[1].bus = NULL;
	w[0].number = w[1].number = 5;
	expect_refused(*state, w, 2, -EINVAL,
		       "chassis= and slot= are the same");
	w[1].chassis = 1;
	assert_int_equal(expect_planned(*state, w, 2), 2);
}

static void the_number_of_ports_is_limited(void **state)
{
	static struct topology_wish w[MANY];

	for (size_t i = 0; i < MANY; i++) {
		w[i] = (struct topology_wish)PORT("");
		w[i].id = NULL;
		w[i].slot = 1 + (int)i / 8 % 31;
		w[i].function = (int)i % 8;
	}
	assert_int_equal(expect_planned(*state, w, PCI_HOST_PORTS),
			 PCI_HOST_PORTS);
	expect_refused(*state, w, PCI_HOST_PORTS + 1, -EINVAL,
		       "248 root ports");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_take_the_free_slots_in_their_order),
		cmocka_unit_test(a_device_that_names_a_port_goes_below_it),
		cmocka_unit_test(ports_are_added_when_slots_run_out),
		cmocka_unit_test(spare_ports_share_slots),
		cmocka_unit_test(spare_ports_leave_room),
		cmocka_unit_test(running_out_of_slots_is_reported),
		cmocka_unit_test(several_devices_share_a_slot),
		cmocka_unit_test(impossible_places_are_refused),
		cmocka_unit_test(ports_do_not_nest),
		cmocka_unit_test(the_number_of_ports_is_limited),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
