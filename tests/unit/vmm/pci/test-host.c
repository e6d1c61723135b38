// SPDX-License-Identifier: MIT
// Guest config accesses reach the right function: width, alignment and bus
// number.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/base/bus.h"
#include "vmm/irq/irq.h"
#include "vmm/pci/host.h"
#include "vmm/x86/pci-ports.h"

#define ECAM 0xfea00000

/* Two root ports in one slot, a third alone. */
static const struct pci_port_config ports[] = {
	{"one", {0, 2, 0}, 1, 1, false},
	{"two", {0, 2, 1}, 2, 2, false},
	{"three", {0, 7, 0}, 3, 3, false},
};

enum { ONE = 1, TWO, THREE };

struct machine_part {
	struct lend_ctx *ctx;
	struct bus mmio, pio;
	struct pci_ports pci_ports;
	struct pci_host host;
	unsigned int reads, writes, resets;
	unsigned int offset, size;
	uint32_t value;
};

static uint32_t part_read(void *opaque, unsigned int offset, unsigned int size)
{
	struct machine_part *p = opaque;

	p->reads++;
	assert_true(size == 1 || size == 2 || size == 4);
	assert_int_equal(offset % size, 0);
	assert_true(offset + size <= 4096);
	return 0x11223344;
}

static void part_write(void *opaque, unsigned int offset, unsigned int size,
		       uint32_t value)
{
	struct machine_part *p = opaque;

	p->writes++;
	p->offset = offset;
	p->value = value;
	p->size = size;
}

static void part_reset(void *opaque)
{
	struct machine_part *p = opaque;

	p->resets++;
}

static const struct pci_function_ops ops = {
	.config_read = part_read,
	.config_write = part_write,
	.reset = part_reset,
};

static int pci_host_setup(void **state)
{
	static struct machine_part part;
	int err;

	part = (struct machine_part){0};
	err = lend_ctx_new(NULL, &part.ctx);
	bus_init(&part.mmio);
	bus_init(&part.pio);
	*state = &part;
	if (!err)
		err = pci_ports_init(&part.pci_ports, &part.host, &part.pio);
	return err ? err
		   : pci_host_init(&part.host, part.ctx, &part.mmio,
				   (struct range){ECAM, 4 * PCI_HOST_BUS_SIZE},
				   ports, sizeof(ports) / sizeof(ports[0]));
}

static int pci_host_teardown(void **state)
{
	struct machine_part *p = *state;

	pci_host_destroy(&p->host);
	bus_destroy(&p->mmio);
	bus_destroy(&p->pio);
	lend_ctx_unref(p->ctx);
	return 0;
}

static int pci_host_add_function(struct machine_part *p, struct pci_place place)
{
	return pci_host_add(&p->host, "it", place, &ops, p);
}

/* The ECAM offset of a register. */
static uint64_t ecam_at(unsigned int bus, unsigned int slot,
			unsigned int function, unsigned int offset)
{
	return ECAM + (bus << 20 | slot << 15 | function << 12 | offset);
}

static uint64_t ecam_get(struct bus *bus, uint64_t addr, unsigned int size)
{
	uint64_t value = 0;

	bus_read(bus, addr, &value, size);
	return value;
}

static void ecam_put(struct bus *bus, uint64_t addr, uint64_t value,
		     unsigned int size)
{
	bus_write(bus, addr, &value, size);
}

static void the_bridge_is_at_zero(void **state)
{
	struct machine_part *p = *state;

	assert_int_equal(ecam_get(&p->mmio, ECAM, 4), 0x00081b36);
	assert_int_equal(ecam_get(&p->mmio, ECAM + 0x0b, 1), 0x06);
	ecam_put(&p->pio, 0xcf8, 0x80000008, 4);
	assert_int_equal(ecam_get(&p->pio, 0xcfc, 4), 0x06000000);
	assert_int_equal(ecam_get(&p->mmio, ecam_at(0, 1, 0, 0), 4),
			 0xffffffff);
}

static void every_width_and_alignment_by_ecam(void **state)
{
	struct machine_part *p = *state;
	uint64_t base = ecam_at(0, 3, 0, 0);

	assert_int_equal(pci_host_add_function(p, pci_place(0, 3, 0)), 0);
	for (unsigned int offset = 0; offset < 4096; offset++) {
		for (unsigned int size = 1; size <= 8; size *= 2) {
			bool good = size <= 4 && offset % size == 0;

			p->reads = p->writes = 0;
			ecam_get(&p->mmio, base + offset, size);
			ecam_put(&p->mmio, base + offset, 0xa5, size);
			assert_int_equal(p->reads, good);
			assert_int_equal(p->writes, good);
		}
	}
	/* the last byte of this function and the first of the next */
	assert_int_equal(ecam_get(&p->mmio, base + 4095, 2), 0xffff);
}

static void the_ports_accept_the_accesses_of_hardware(void **state)
{
	struct machine_part *p = *state;
	struct pci_place place = {.slot = 3};
	unsigned int devfn = pci_place_devfn(place);

	assert_int_equal(pci_host_add_function(p, place), 0);
	ecam_put(&p->pio, 0xcf8, 0x80000000u | devfn << 8 | 0x40, 4);
	ecam_put(&p->pio, 0xcfe, 0xbeef, 2);
	assert_int_equal(p->offset, 0x42);
	assert_int_equal(p->value, 0xbeef);
	assert_int_equal(p->size, 2);
	ecam_put(&p->pio, 0xcf8, 0x99, 1); /* a byte does not reach the latch */
	assert_int_equal(ecam_get(&p->pio, 0xcf8, 4),
			 0x80000000u | devfn << 8 | 0x40);
	ecam_put(&p->pio, 0xcf8, 0x80010000u | devfn << 8, 4);
	assert_int_equal(ecam_get(&p->pio, 0xcfc, 4), 0xffffffff); /* bus 1 */
	ecam_put(&p->pio, 0xcf8, devfn << 8, 4);
	assert_int_equal(ecam_get(&p->pio, 0xcfc, 4),
			 0xffffffff); /* disabled */
	assert_int_equal(p->reads, 0);
	assert_int_equal(ecam_get(&p->pio, 0xcfd, 4),
			 0xffffffff); /* straddles */
}

static void a_place_has_one_owner(void **state)
{
	struct machine_part *p = *state;

	assert_int_equal(pci_host_add_function(p, pci_place(0, 5, 0)), 0);
	assert_int_equal(pci_host_add_function(p, pci_place(0, 5, 0)), -EBUSY);
	assert_true(context_says(p->ctx, "in use by it"));
	assert_int_equal(pci_host_add_function(p, pci_place(0, 0, 0)), -EBUSY);
	assert_true(context_says(p->ctx, "host bridge"));
	assert_int_equal(pci_host_add_function(p, pci_place(0, 2, 1)), -EBUSY);
	assert_true(context_says(p->ctx, "in use by two"));
	pci_host_remove(&p->host, pci_place(0, 5, 0));
	assert_int_equal(pci_host_add_function(p, pci_place(0, 5, 0)), 0);
	assert_int_equal(pci_host_add_function(p, pci_place(ONE, 0, 7)), 0);
	assert_int_equal(pci_host_add_function(p, pci_place(ONE, 0, 7)),
			 -EBUSY);
	assert_int_equal(pci_host_add_function(p, pci_place(ONE, 1, 0)),
			 -EINVAL);
	assert_int_equal(pci_host_add_function(p, pci_place(THREE + 1, 0, 0)),
			 -EINVAL);
	assert_int_equal(pci_host_add_function(p, pci_place(0, 32, 0)),
			 -EINVAL);
	pci_host_remove(&p->host, pci_place(0, 32, 0));
	pci_host_remove(&p->host, pci_place(200, 0, 0));
}

static void several_functions_show_in_function_0(void **state)
{
	struct machine_part *p = *state;

	pci_host_add_function(p, pci_place(0, 4, 1));
	pci_host_add_function(p, pci_place(0, 4, 0));
	pci_host_add_function(p, pci_place(0, 5, 0));
	assert_int_equal(ecam_get(&p->mmio, ecam_at(0, 4, 0, 0x0e), 1), 0xc4);
	assert_int_equal(ecam_get(&p->mmio, ecam_at(0, 4, 0, 0x0c), 4),
			 0x11a23344);
	assert_int_equal(ecam_get(&p->mmio, ecam_at(0, 5, 0, 0x0e), 1), 0x44);
	assert_int_equal(ecam_get(&p->mmio, ecam_at(0, 2, 0, 0x0e), 1), 0x81);
	assert_int_equal(ecam_get(&p->mmio, ecam_at(0, 7, 0, 0x0e), 1), 0x01);
}

static void pins_spread_over_eight_lines(void **state)
{
	struct machine_part *p = *state;
	const struct pci_host *host = &p->host;

	assert_int_equal(pci_host_gsi(host, pci_place(0, 1, 0), 1), 17);
	assert_int_equal(pci_host_gsi(host, pci_place(0, 1, 7), 4), 20);
	assert_int_equal(pci_host_gsi(host, pci_place(0, 7, 0), 2), 16);
	for (unsigned int slot = 0; slot < 32; slot++)
		for (unsigned int pin = 1; pin <= 4; pin++)
			assert_in_range(
				pci_host_gsi(host, pci_place(0, slot, 0), pin),
				16, 23);
}

static void pins_below_a_port_are_those_of_its_slot(void **state)
{
	struct machine_part *p = *state;

	for (unsigned int pin = 1; pin <= 4; pin++) {
		assert_int_equal(
			pci_host_gsi(&p->host, pci_place(TWO, 0, 5), pin),
			pci_host_gsi(&p->host, pci_place(0, 2, 0), pin));
		assert_int_equal(
			pci_host_gsi(&p->host, pci_place(THREE, 0, 0), pin),
			pci_host_gsi(&p->host, pci_place(0, 7, 0), pin));
	}
}

/* Primary 0, secondary and subordinate as given. */
static void port_number_buses(struct machine_part *p, unsigned int port,
			      unsigned int secondary, unsigned int subordinate)
{
	struct pci_place place = ports[port - 1].place;

	ecam_put(&p->mmio, ecam_at(0, place.slot, place.function, 0x18),
		 secondary << 8 | subordinate << 16, 4);
}

/* Whether a function answers at slot 0 of the bus, by ECAM and by ports. */
static bool function_answers(struct machine_part *p, unsigned int bus)
{
	bool by_ecam =
		ecam_get(&p->mmio, ecam_at(bus, 0, 0, 0), 4) == 0x11223344;
	bool by_port;

	ecam_put(&p->pio, 0xcf8, 0x80000000u | bus << 16, 4);
	by_port = ecam_get(&p->pio, 0xcfc, 4) == 0x11223344;
	if (bus < 4)
		assert_int_equal(by_ecam, by_port);
	return by_port;
}

static void buses_follow_the_numbers(void **state)
{
	struct machine_part *p = *state;

	assert_int_equal(pci_host_add_function(p, pci_place(ONE, 0, 0)), 0);
	for (unsigned int bus = 1; bus < 256; bus++)
		assert_false(function_answers(p, bus));
	port_number_buses(p, ONE, 3, 3);
	for (unsigned int bus = 1; bus < 256; bus++)
		assert_int_equal(function_answers(p, bus), bus == 3);
	assert_int_equal(pci_host_requester(&p->host, pci_place(ONE, 0, 5)),
			 3 << 8 | 5);
	assert_int_equal(pci_host_requester(&p->host, pci_place(0, 4, 1)),
			 4 << 3 | 1);
	/* There is one slot with one function. */
	assert_int_equal(ecam_get(&p->mmio, ecam_at(3, 0, 1, 0), 4),
			 0xffffffff);
	assert_int_equal(ecam_get(&p->mmio, ecam_at(3, 1, 0, 0), 4),
			 0xffffffff);
	assert_int_equal(ecam_get(&p->mmio, ecam_at(3, 31, 7, 0), 4),
			 0xffffffff);
	/* While a guest scans for more bridges, the range is large. */
	port_number_buses(p, ONE, 2, 255);
	assert_true(function_answers(p, 2));
	assert_false(function_answers(p, 3));
	/* A bus number beyond the ECAM window. */
	port_number_buses(p, ONE, 255, 255);
	assert_true(function_answers(p, 255));
	port_number_buses(p, ONE, 0, 0);
	for (unsigned int bus = 1; bus < 256; bus++)
		assert_false(function_answers(p, bus));
}

static void bad_bus_numbers_reach_no_function(void **state)
{
	struct machine_part *p = *state;

	assert_int_equal(pci_host_add_function(p, pci_place(ONE, 0, 0)), 0);
	assert_int_equal(pci_host_add_function(p, pci_place(TWO, 0, 0)), 0);
	port_number_buses(p, ONE, 2, 1); /* the subordinate one is lower */
	assert_false(function_answers(p, 1) || function_answers(p, 2));
	port_number_buses(p, ONE, 0, 255); /* the root bus's own number */
	assert_int_equal(ecam_get(&p->mmio, ecam_at(0, 0, 0, 0), 4),
			 0x00081b36);
	/* All ones, as from a missing register. */
	ecam_put(&p->mmio, ecam_at(0, 2, 0, 0x18), 0xffffffff, 4);
	assert_int_equal(ecam_get(&p->mmio, ecam_at(0, 2, 0, 0x18), 4),
			 0x00ffffff);
	assert_true(function_answers(p, 255));
	assert_false(function_answers(p, 254));
	/* Equal numbers, then one range inside the other: the first answers. */
	port_number_buses(p, ONE, 2, 3);
	port_number_buses(p, TWO, 2, 2);
	assert_true(function_answers(p, 2));
	assert_false(function_answers(p, 3));
	port_number_buses(p, ONE, 1, 3);
	assert_true(function_answers(p, 1) && function_answers(p, 2));
	/* One byte at a time. */
	ecam_put(&p->mmio, ecam_at(0, 2, 0, 0x19), 3, 1);
	assert_true(function_answers(p, 3));
	ecam_put(&p->mmio, ecam_at(0, 2, 0, 0x1a), 2, 1);
	assert_false(function_answers(p, 3));
	assert_true(function_answers(p, 2));
}

static void the_first_of_two_equal_ports_answers(void **state)
{
	struct machine_part *p = *state;

	assert_int_equal(pci_host_add_function(p, pci_place(THREE, 0, 0)), 0);
	port_number_buses(p, THREE, 2, 2);
	assert_true(function_answers(p, 2));
	port_number_buses(p, ONE, 2, 2); /* with no function below it */
	assert_false(function_answers(p, 2));
}

static void a_bus_reset_reaches_all_below_it_once(void **state)
{
	struct machine_part *p = *state;
	uint64_t control = ecam_at(0, 2, 0, 0x3e);

	pci_host_add_function(p, pci_place(ONE, 0, 0));
	pci_host_add_function(p, pci_place(ONE, 0, 3));
	pci_host_add_function(p, pci_place(TWO, 0, 0));
	ecam_put(&p->mmio, control, 0x43, 2);
	assert_int_equal(p->resets, 2);
	ecam_put(&p->mmio, control, 0x43, 2);
	assert_int_equal(p->resets, 2);
	ecam_put(&p->mmio, control, 0x03, 2);
	assert_int_equal(ecam_get(&p->mmio, control, 2), 0x03);
	ecam_put(&p->mmio, control, 0x40, 1);
	assert_int_equal(p->resets, 4);
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, pci_host_setup, pci_host_teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_bridge_is_at_zero),
		TEST(every_width_and_alignment_by_ecam),
		TEST(the_ports_accept_the_accesses_of_hardware),
		TEST(a_place_has_one_owner),
		TEST(several_functions_show_in_function_0),
		TEST(pins_spread_over_eight_lines),
		TEST(pins_below_a_port_are_those_of_its_slot),
		TEST(buses_follow_the_numbers),
		TEST(bad_bus_numbers_reach_no_function),
		TEST(the_first_of_two_equal_ports_answers),
		TEST(a_bus_reset_reaches_all_below_it_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
