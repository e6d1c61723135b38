// SPDX-License-Identifier: MIT
// Quirks of network cards, VMD, wrong capabilities and harmful ROMs.

#include <string.h>

#include "device.h"

enum { CONFIG = LEND_PCI_REGION_CONFIG, DATA = 0x70, COMMAND = 0x74 };

#define MSIX_WRITE 0x8001f000u /* all bytes, at 0 */
#define MSIX_READ  0x0001f000u

/* Registers in BAR 2, the MSI-X table in BAR 4. */
static void open_rtl8168(struct function *f)
{
	quirk_device_be(f, 0x816810ec, 0x020000);
	quirk_device_bar(f, 0, 0xe001, 0x100);
	quirk_device_bar(f, 2, 0xf6000004, 0x1000);
	quirk_device_bar(f, 4, 0xf7000004, 0x4000);
	host_put(f, CONFIG, 0xb2, 2, 3);
	host_put(f, CONFIG, 0xb4, 4, 4);
	host_put(f, CONFIG, 0xb8, 4, 0x804);
	quirk_device_open(f, NULL);
	assert_string_equal(quirk_device_logged(), "rtl8168-msix-backdoor ");
}

static void backdoor_leads_to_the_guests_table(void **state)
{
	struct function *f = *state;

	open_rtl8168(f);
	bar_put(f, 2, DATA, 4, 0xfee00000);
	bar_put(f, 2, COMMAND, 4, MSIX_WRITE | 0x10);
	assert_int_equal(bar_get(f, 4, 0x10, 4), 0xfee00000);
	assert_int_equal(host_get(f, 4, 0x10, 4), 0);
	/* Done: the flag has turned. */
	assert_int_equal(bar_get(f, 2, COMMAND, 4), 0x0001f010);
	assert_int_equal(host_get(f, 2, COMMAND, 4), 0);
	bar_put(f, 4, 0x14, 4, 0x12);
	bar_put(f, 2, COMMAND, 4, MSIX_READ | 0x14);
	assert_int_equal(bar_get(f, 2, COMMAND, 4), 0x8001f014);
	assert_int_equal(bar_get(f, 2, DATA, 4), 0x12);
	assert_int_equal(bar_get(f, 2, DATA, 8), 0x8001f01400000012);
	/* A byte of four. */
	bar_put(f, 2, DATA, 4, 0xaabbccdd);
	bar_put(f, 2, COMMAND, 4, 0x80012010);
	assert_int_equal(bar_get(f, 4, 0x10, 4), 0xfee0cc00);
	/* Both registers at once. */
	bar_put(f, 2, DATA, 8, (uint64_t)(MSIX_WRITE | 0x18) << 32 | 5);
	assert_int_equal(bar_get(f, 4, 0x18, 4), 5);
}

static void backdoor_ends_with_the_table(void **state)
{
	struct function *f = *state;
	unsigned int place;

	open_rtl8168(f);
	bar_put(f, 2, DATA, 4, 0xffffffff);
	for (place = 0x40; place < 0x1000; place++)
		bar_put(f, 2, COMMAND, 4, MSIX_WRITE | place);
	bar_put(f, 2, COMMAND, 4, MSIX_READ | 0xffc);
	assert_int_equal(bar_get(f, 2, DATA, 4), 0);
	/* Of the last word of an entry there is a bit. */
	bar_put(f, 2, COMMAND, 4, MSIX_WRITE | 0x3c);
	assert_int_equal(bar_get(f, 4, 0x3c, 4), 1);
}

static void other_commands_are_the_devices(void **state)
{
	struct function *f = *state;

	open_rtl8168(f);
	bar_put(f, 2, DATA, 4, 0x55);
	assert_int_equal(host_get(f, 2, DATA, 4), 0x55);
	bar_put(f, 2, COMMAND, 4, MSIX_READ);
	bar_put(f, 2, COMMAND, 4, 0x8000f0dc);
	assert_int_equal(host_get(f, 2, COMMAND, 4), 0x8000f0dc);
	assert_int_equal(bar_get(f, 2, COMMAND, 4), 0x8000f0dc);
	assert_int_equal(bar_get(f, 2, DATA, 4), 0x55);
	/* So are parts of one. */
	bar_put(f, 2, COMMAND + 2, 2, 0x8001);
	assert_int_equal(host_get(f, 2, COMMAND + 2, 2), 0x8001);
	assert_int_equal(bar_get(f, 4, 0, 4), 0);
}

/* Configuration space of its buses, and two windows. */
static void vmd_make(struct function *f, uint32_t ids)
{
	quirk_device_be(f, ids, 0x010400);
	quirk_device_bar(f, 0, 0xf6000004, 0x2000000);
	quirk_device_bar(f, 2, 0xf8000004, 0x10000);
	quirk_device_bar(f, 4, 0xfa000004, 0x10000);
}

static void vmd_shadow(void **state)
{
	struct function *f = *state;

	vmd_make(f, 0x9a0b8086);
	host_put(f, CONFIG, 0x1c, 4, 0x60);
	host_put(f, CONFIG, 0x24, 4, 0x61);
	host_put(f, CONFIG, 0xd9, 1, 0); /* the last is AF, at d8 */
	quirk_device_open(f, NULL);
	assert_string_equal(quirk_device_logged(), "intel-vmd-membar-shadow ");
	assert_int_equal(cfg_get(f, 0x34, 1), 0xe8);
	assert_int_equal(cfg_get(f, 0xe8, 4), 0x01184009);
	assert_int_equal(cfg_get(f, 0xec, 4), 0x53484457);
	cfg_put(f, 0x18, 4, 0xc0000000);
	assert_int_equal(cfg_get(f, 0xf0, 4), 0xf8000004);
	assert_int_equal(cfg_get(f, 0xf4, 4), 0x60);
	assert_int_equal(cfg_get(f, 0xf8, 4), 0xfa000004);
	assert_int_equal(cfg_get(f, 0xfc, 4), 0x61);
}

static void vmd_without_a_place(void **state)
{
	struct function *f = *state;

	host_put(f, CONFIG, 0xe1, 1, 0xf0);
	host_put(f, CONFIG, 0xf0, 4, 0x00080009);
	vmd_make(f, 0x201d8086);
	quirk_device_open(f, NULL);
	assert_string_equal(quirk_device_logged(), "");
	assert_non_null(strstr(f->warning, "no free configuration space"));
}

/* A model is known by what it has, not by its number. */
static void vmd_of_a_later_model(void **state)
{
	vmd_make(*state, 0xa77f8086);
	host_put(*state, CONFIG, 0xd9, 1, 0);
	quirk_device_open(*state, NULL);
	assert_string_equal(quirk_device_logged(), "intel-vmd-membar-shadow ");
}

static void vmd_with_registers(void **state)
{
	vmd_make(*state, 0x28c08086);
	quirk_device_open(*state, NULL);
	assert_string_equal(quirk_device_logged(), "");
}

/* The SATA controller of a chipset in RAID mode. */
static void raid_is_no_vmd(void **state)
{
	quirk_device_be(*state, 0x28228086, 0x010400);
	quirk_device_bar(*state, 0, 0xc001, 8);
	quirk_device_bar(*state, 2, 0xc011, 8);
	quirk_device_bar(*state, 4, 0xc021, 32);
	quirk_device_open(*state, NULL);
	assert_string_equal(quirk_device_logged(), "");
}

/* A table of 8 vectors at 0 of BAR 4; pending bits said to be at @pba. */
static void open_pba(struct function *f, uint32_t ids, uint32_t pba)
{
	quirk_device_be(f, ids, 0x020000);
	quirk_device_bar(f, 4, 0xf7000004, 0x10000);
	f->host->regions[4].msix_mappable = true;
	host_put(f, CONFIG, 0xb4, 4, 4);
	host_put(f, CONFIG, 0xb8, 4, pba | 4);
	quirk_device_open(f, NULL);
}

static void pending_bits_beyond_the_bar(void **state)
{
	struct function *f = *state;

	open_pba(f, 0x58031425, 0x20000);
	assert_string_equal(quirk_device_logged(), "chelsio-t5-vf-pba ");
	assert_int_equal(cfg_get(f, 0xb0, 1), 0x11);
	assert_int_equal(cfg_get(f, 0xb8, 4), 0x1004);
	assert_int_equal(cfg_get(f, 0x71, 1), 0xb0);
	host_put(f, 4, 0x1000, 4, 0xffffffff);
	assert_int_equal(bar_get(f, 4, 0x1000, 4), 0);
	assert_int_equal(f->warnings, 0);
}

static void pending_bits_of_kunlun(void **state)
{
	struct function *f = *state;

	open_pba(f, 0x36851d22, 0x10000);
	assert_string_equal(quirk_device_logged(), "kunlun-vf-pba ");
	assert_int_equal(cfg_get(f, 0xb8, 4), 0xb404);
}

static void pending_bits_that_are_right(void **state)
{
	struct function *f = *state;

	open_pba(f, 0x58031425, 0x2000);
	assert_string_equal(quirk_device_logged(), "");
	assert_int_equal(cfg_get(f, 0xb8, 4), 0x2004);
}

static void pending_bits_of_others(void **state)
{
	struct function *f = *state;

	open_pba(f, 0x54031425, 0x20000);
	assert_string_equal(quirk_device_logged(), "");
	assert_int_not_equal(cfg_get(f, 0x71, 1), 0xb0);
	assert_int_equal(f->warnings, 1);
}

static void open_with_rom(struct function *f,
			  const struct lend_pci_options *options, uint64_t size)
{
	quirk_device_be(f, 0x168e14e4, 0x020000);
	quirk_device_open(f, options);
	assert_string_equal(quirk_device_logged(), size ? "" : "bcm57810-rom ");
	assert_int_equal(lend_pci_bar(f->pci, LEND_PCI_BAR_ROM)->size, size);
}

static void rom_that_does_harm(void **state)
{
	open_with_rom(*state, NULL, 0);
	assert_int_equal(cfg_get(*state, 0x30, 4), 0);
}

static void rom_that_is_asked_for(void **state)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.rom_anyway = true,
	};

	open_with_rom(*state, &options, 0x10000);
}

static void rom_that_is_given(void **state)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.rom = "image",
		.rom_size = 5,
	};

	open_with_rom(*state, &options, 2048);
}

/* The table of all kinds, for callers that have no function yet. */
static void quirks_are_listed(void **state)
{
	const struct lend_pci_quirk *quirk;
	unsigned int count = 0;

	(void)state;
	while ((quirk = lend_pci_quirk(0x10de, 0x1b80, 0x030000, count))) {
		assert_non_null(quirk->name);
		assert_non_null(quirk->why);
		assert_non_null(quirk->source);
		count++;
	}
	assert_int_equal(count, 6);
	assert_string_equal(lend_pci_quirk(0x10de, 0x20b0, 0x030200, 0)->name,
			    "nvidia-gpudirect-clique");
	assert_null(lend_pci_quirk(0x8086, 0x10d3, 0x020000, 0));
	assert_string_equal(lend_pci_quirk(0x8086, 0x9a49, 0x030000, 1)->name,
			    "igd-stolen-memory");
	assert_null(lend_pci_quirk(0x8086, 0x9a49, 0x030000, 2));
	/* Discrete graphics have one if their register says so. */
	assert_string_equal(lend_pci_quirk(0x8086, 0x56a0, 0x030000, 0)->name,
			    "igd-opregion");
	assert_null(lend_pci_quirk(0x8086, 0x56a0, 0x030000, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(backdoor_leads_to_the_guests_table),
		TEST(backdoor_ends_with_the_table),
		TEST(other_commands_are_the_devices),
		TEST(vmd_shadow),
		TEST(vmd_without_a_place),
		TEST(vmd_of_a_later_model),
		TEST(vmd_with_registers),
		TEST(raid_is_no_vmd),
		TEST(pending_bits_beyond_the_bar),
		TEST(pending_bits_of_kunlun),
		TEST(pending_bits_that_are_right),
		TEST(pending_bits_of_others),
		TEST(rom_that_does_harm),
		TEST(rom_that_is_asked_for),
		TEST(rom_that_is_given),
		cmocka_unit_test(quirks_are_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
