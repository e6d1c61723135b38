// SPDX-License-Identifier: MIT
// Guest accesses to config space: what reaches a function, and what not.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bus.h"
#include "context.h"
#include "irq.h"
#include "pci-host.h"

#define ECAM 0xfea00000

struct machine_part {
	struct lend_ctx *ctx;
	struct bus mmio, pio;
	struct pci_host host;
	unsigned reads, writes;
	unsigned offset, size;
	uint32_t value;
};

static uint32_t part_read(void *opaque, unsigned offset, unsigned size)
{
	struct machine_part *p = opaque;

	p->reads++;
	assert_true(size == 1 || size == 2 || size == 4);
	assert_int_equal(offset % size, 0);
	assert_true(offset + size <= 4096);
	return 0x11223344;
}

static void part_write(void *opaque, unsigned offset, uint32_t value,
		       unsigned size)
{
	struct machine_part *p = opaque;

	p->writes++;
	p->offset = offset;
	p->value = value;
	p->size = size;
}

static const struct pci_function_ops ops = {part_read, part_write};

static int setup(void **state)
{
	static struct machine_part part;
	int err;

	part = (struct machine_part){0};
	err = lend_ctx_new(NULL, &part.ctx);
	bus_init(&part.mmio);
	bus_init(&part.pio);
	*state = &part;
	return err ? err
		   : pci_host_init(&part.host, part.ctx, &part.mmio, &part.pio,
				   (struct range){ECAM, PCI_HOST_ECAM_SIZE});
}

static int teardown(void **state)
{
	struct machine_part *p = *state;

	pci_host_destroy(&p->host);
	bus_destroy(&p->mmio);
	bus_destroy(&p->pio);
	lend_ctx_unref(p->ctx);
	return 0;
}

static int add(struct machine_part *p, int slot, int function)
{
	return pci_host_add(&p->host, "it", (struct pci_slot){slot, function},
			    &ops, p);
}

static uint64_t get(struct bus *bus, uint64_t addr, unsigned size)
{
	uint64_t value = 0;

	bus_read(bus, addr, &value, size);
	return value;
}

static void put(struct bus *bus, uint64_t addr, uint64_t value, unsigned size)
{
	bus_write(bus, addr, &value, size);
}

static void the_bridge_is_at_zero(void **state)
{
	struct machine_part *p = *state;

	assert_int_equal(get(&p->mmio, ECAM, 4), 0x00081b36);
	assert_int_equal(get(&p->mmio, ECAM + 0x0b, 1), 0x06);
	put(&p->pio, 0xcf8, 0x80000008, 4);
	assert_int_equal(get(&p->pio, 0xcfc, 4), 0x06000000);
	assert_int_equal(get(&p->mmio, ECAM + (1 << 15), 4), 0xffffffff);
}

static void every_width_and_alignment_by_ecam(void **state)
{
	struct machine_part *p = *state;
	uint64_t base = ECAM + ((uint64_t)add(p, 3, 0) << 12);

	for (unsigned offset = 0; offset < 4096; offset++) {
		for (unsigned size = 1; size <= 8; size *= 2) {
			bool good = size <= 4 && offset % size == 0;

			p->reads = p->writes = 0;
			get(&p->mmio, base + offset, size);
			put(&p->mmio, base + offset, 0xa5, size);
			assert_int_equal(p->reads, good);
			assert_int_equal(p->writes, good);
		}
	}
	/* the last byte of this function and the first of the next */
	assert_int_equal(get(&p->mmio, base + 4095, 2), 0xffff);
}

static void the_ports_take_what_hardware_takes(void **state)
{
	struct machine_part *p = *state;
	int devfn = add(p, 3, 0);

	put(&p->pio, 0xcf8, 0x80000000u | (unsigned)devfn << 8 | 0x40, 4);
	put(&p->pio, 0xcfe, 0xbeef, 2);
	assert_int_equal(p->offset, 0x42);
	assert_int_equal(p->value, 0xbeef);
	assert_int_equal(p->size, 2);
	put(&p->pio, 0xcf8, 0x99, 1); /* a byte does not reach the latch */
	assert_int_equal(get(&p->pio, 0xcf8, 4),
			 0x80000000u | (unsigned)devfn << 8 | 0x40);
	put(&p->pio, 0xcf8, 0x80010000u | (unsigned)devfn << 8, 4);
	assert_int_equal(get(&p->pio, 0xcfc, 4), 0xffffffff); /* bus 1 */
	put(&p->pio, 0xcf8, (unsigned)devfn << 8, 4);
	assert_int_equal(get(&p->pio, 0xcfc, 4), 0xffffffff); /* disabled */
	assert_int_equal(p->reads, 0);
	assert_int_equal(get(&p->pio, 0xcfd, 4), 0xffffffff); /* straddles */
}

static void slots_are_given_out_once(void **state)
{
	struct machine_part *p = *state;

	assert_int_equal(add(p, -1, 0), 1 << 3);
	assert_int_equal(add(p, 5, 0), 5 << 3);
	assert_int_equal(add(p, -1, 0), 2 << 3);
	assert_int_equal(add(p, 5, 0), -EBUSY);
	assert_true(context_says(p->ctx, "taken by it"));
	assert_int_equal(add(p, 0, 0), -EBUSY);
	assert_true(context_says(p->ctx, "host bridge"));
	assert_int_equal(add(p, 32, 0), -EINVAL);
	assert_int_equal(add(p, 6, 8), -EINVAL);
	pci_host_remove(&p->host, 5 << 3);
	assert_int_equal(add(p, 5, 0), 5 << 3);
	for (int i = 0; i < 28; i++)
		assert_true(add(p, -1, 0) > 0);
	assert_int_equal(add(p, -1, 0), -ENOSPC);
}

static void several_functions_show_in_function_0(void **state)
{
	struct machine_part *p = *state;

	add(p, 4, 1);
	assert_int_equal(pci_host_check(&p->host), -EINVAL);
	assert_true(context_says(p->ctx, "04 has no function 0"));
	add(p, 4, 0);
	assert_int_equal(pci_host_check(&p->host), 0);
	add(p, 5, 0);
	assert_int_equal(get(&p->mmio, ECAM + (4 << 15) + 0x0e, 1), 0xc4);
	assert_int_equal(get(&p->mmio, ECAM + (4 << 15) + 0x0c, 4), 0x11a23344);
	assert_int_equal(get(&p->mmio, ECAM + (5 << 15) + 0x0e, 1), 0x44);
}

static void pins_spread_over_eight_lines(void **state)
{
	(void)state;
	assert_int_equal(pci_host_gsi(1 << 3, 1), 17);
	assert_int_equal(pci_host_gsi(1 << 3 | 7, 4), 20);
	assert_int_equal(pci_host_gsi(7 << 3, 2), 16);
	for (unsigned slot = 0; slot < 32; slot++)
		for (unsigned pin = 1; pin <= 4; pin++)
			assert_in_range(pci_host_gsi((int)slot << 3, pin), 16,
					23);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_bridge_is_at_zero),
		TEST(every_width_and_alignment_by_ecam),
		TEST(the_ports_take_what_hardware_takes),
		TEST(slots_are_given_out_once),
		TEST(several_functions_show_in_function_0),
		TEST(pins_spread_over_eight_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
