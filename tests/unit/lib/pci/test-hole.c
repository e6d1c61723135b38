// SPDX-License-Identifier: MIT
// Registers that the kernel takes for an MSI-X table are the guest's if the
// capability is invalid and therefore hidden.

#include <string.h>

#include "function.h"

/* As Atheros AR928x has it: one vector, its table and its pending bits both at
 * the start of BAR 0. */
static void ar928x_make(struct function *f)
{
	uint8_t *config = f->host->regions[LEND_PCI_REGION_CONFIG].bytes;

	image_put(config, 0xb2, 2, 0);
	image_put(config, 0xb4, 4, 0);
	image_put(config, 0xb8, 4, 0);
	fake_region_set(f->host, 0, 0x10000,
			VFIO_REGION_INFO_FLAG_READ |
				VFIO_REGION_INFO_FLAG_WRITE |
				VFIO_REGION_INFO_FLAG_MMAP);
	fake_irq_set(f->host, LEND_PCI_IRQ_MSIX, 1, VFIO_IRQ_INFO_EVENTFD);
	for (unsigned int i = 0; i < 32; i++)
		f->host->regions[0].bytes[i] = (uint8_t)(0xa0 + i);
}

static uint64_t hole_test_get(struct function *f, unsigned int at,
			      unsigned int size)
{
	uint64_t value = 0;

	lend_pci_bar_read(f->pci, 0, at, &value, size);
	return value;
}

static void the_whole_bar_is_mapped(void **state)
{
	struct function *f = *state;

	ar928x_make(f);
	assert_int_equal(function_open(f, NULL), 0);
	assert_int_equal(cfg_get(f, 0x71, 1), 0xc0); /* past 0xb0 */
	assert_string_equal(f->warning,
			    "0000:02:00.0: capability 0x11 at 0xb0 hidden: its "
			    "table and pending bits overlap");
	assert_int_equal(f->warnings, 1);
	f->asked[0] = '\0';
	place_all(f);
	assert_non_null(strstr(f->asked, "map 0 c0000000+10000; "));
	/* Users of the device alone never see the table. */
	assert_int_equal(lend_device_region(f->device, 0)->areas[0].offset,
			 0x1000);
}

/* Of every size and alignment, also across the end of the hole. */
static void trapped_accesses_reach_the_registers(void **state)
{
	static const struct lend_pci_options trapped = {
		.size = sizeof(trapped),
		.no_mmap = true,
	};
	struct function *f = *state;
	const uint64_t value = 0x1122334455667788;
	uint8_t *bytes;

	ar928x_make(f);
	bytes = f->host->regions[0].bytes;
	assert_int_equal(function_open(f, &trapped), 0);
	place_all(f);
	for (unsigned int size = 1; size <= 8; size++)
		for (unsigned int at = 0; at < 20; at++) {
			uint64_t want = 0;

			memcpy(&want, bytes + at, size);
			assert_int_equal(hole_test_get(f, at, size), want);
			lend_pci_bar_write(f->pci, 0, at, &value, size);
			assert_memory_equal(bytes + at, &value, size);
			lend_pci_bar_write(f->pci, 0, at, &want, size);
			assert_memory_equal(bytes + at, &want, size);
		}
}

/* An access would raise SIGBUS then. */
static void what_does_not_decode_is_not_touched(void **state)
{
	const uint32_t value = 0;
	struct function *f = *state;
	uint8_t *config = f->host->regions[LEND_PCI_REGION_CONFIG].bytes;

	ar928x_make(f);
	assert_int_equal(function_open(f, NULL), 0);
	assert_int_equal(hole_test_get(f, 0, 4), 0xffffffff);
	place_all(f);
	assert_int_equal(hole_test_get(f, 0, 4), 0xa3a2a1a0);
	cfg_put(f, 0x04, 2, 0x0005);
	assert_int_equal(hole_test_get(f, 0, 4), 0xffffffff);
	lend_pci_bar_write(f->pci, 0, 0, &value, 4);
	assert_int_equal(f->host->regions[0].bytes[0], 0xa0);
	cfg_put(f, 0x04, 2, 0x0007);
	assert_int_equal(hole_test_get(f, 0, 4), 0xa3a2a1a0);
	config[0x04] = 0x05; /* the device, whatever the guest wrote */
	assert_int_equal(hole_test_get(f, 0, 4), 0xffffffff);
}

static void what_cannot_be_reached_is_reported(void **state)
{
	struct function *f = *state;

	ar928x_make(f);
	f->host->regions[0].msix_mappable = false;
	assert_int_equal(function_open(f, NULL), 0);
	assert_string_equal(f->warning,
			    "0000:02:00.0: the guest cannot use registers 0x0 "
			    "to 0xf of BAR 0: the kernel takes them for the "
			    "MSI-X table, and does not let them be mapped");
	f->asked[0] = '\0';
	place_all(f);
	assert_non_null(strstr(f->asked, "map 0 c0001000+f000; "));
	assert_int_equal(hole_test_get(f, 0, 4), 0xffffffff);
	assert_int_equal(hole_test_get(f, 0x10, 4), 0xb3b2b1b0);
}

/* The table of a valid capability stays out, and is not the device's. */
static void a_shown_table_stays_cut(void **state)
{
	struct function *f = *state;
	void *vaddr;

	memset(f->host->regions[0].bytes + 0x1000, 0x5a, 16);
	assert_int_equal(function_open(f, NULL), 0);
	assert_int_equal(hole_test_get(f, 0x1000, 4), 0);
	assert_int_not_equal(
		lend_region_map(f->device, 0, 0x1000, 0x1000, &vaddr), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_whole_bar_is_mapped),
		TEST(trapped_accesses_reach_the_registers),
		TEST(what_does_not_decode_is_not_touched),
		TEST(what_cannot_be_reached_is_reported),
		TEST(a_shown_table_stays_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
