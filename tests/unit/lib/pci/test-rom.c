// SPDX-License-Identifier: MIT
// The expansion ROM: read in one pass, passed by the user, hidden, and adapted
// to the IDs.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "function.h"
#include "lib/pci/rom-image.h"

enum { ROM = LEND_PCI_BAR_ROM, SIZE = 0x10000, BIOS = 0x400, EFI = 0x600 };

/* A ROM with a BIOS image and, behind it, an EFI one, for 8086:10d3. */
static void make_rom(uint8_t *rom, size_t size)
{
	memset(rom, 0x5a, size);
	image_put(rom, 0, 2, 0xaa55);
	rom[2] = BIOS / 512;
	image_put(rom, 0x18, 2, 0x40);
	memcpy(rom + 0x40, "PCIR", 4);
	image_put(rom, 0x44, 4, 0x10d38086);
	image_put(rom, 0x50, 2, BIOS / 512);
	image_put(rom, 0x54, 2, 0x0000);
	image_put(rom, BIOS, 2, 0xaa55);
	image_put(rom, BIOS + 0x18, 2, 0x1c);
	memcpy(rom + BIOS + 0x1c, "PCIR", 4);
	image_put(rom, BIOS + 0x20, 4, 0x10d38086);
	image_put(rom, BIOS + 0x2c, 2, EFI / 512);
	image_put(rom, BIOS + 0x30, 2, 0x8003);
}

static uint8_t rom_sum(const uint8_t *bytes, size_t size)
{
	uint8_t total = 0;

	while (size--)
		total = (uint8_t)(total + *bytes++);
	return total;
}

/* What a guest finds, word by word. */
static void read_rom(struct function *f, uint8_t *rom, size_t size)
{
	size_t at;

	for (at = 0; at < size; at += 4)
		lend_pci_bar_read(f->pci, ROM, at, rom + at, 4);
}

static void whole_rom_costs_one_call(void **state)
{
	struct function *f = *state;
	uint8_t *own = f->host->regions[ROM].bytes;
	static uint8_t seen[SIZE];
	uint32_t value;

	make_rom(own, SIZE);
	assert_int_equal(function_open(f, NULL), 0);
	fake_log_clear(f->fake);
	read_rom(f, seen, SIZE);
	function_expect_calls(f, 1);
	assert_memory_equal(seen, own, SIZE);
	read_rom(f, seen, SIZE);
	lend_pci_reset(f->pci);
	fake_log_clear(f->fake);
	read_rom(f, seen, SIZE);
	function_expect_calls(f, 0);
	/* Odd places, and past the end. */
	lend_pci_bar_read(f->pci, ROM, SIZE - 3, &value, 3);
	assert_int_equal(value & 0xffffff, 0x5a5a5a);
	lend_pci_bar_read(f->pci, ROM, SIZE - 3, &value, 4);
	assert_int_equal(value, 0xffffffff);
	lend_pci_bar_write(f->pci, ROM, 0, "\0\0", 2);
	lend_pci_bar_read(f->pci, ROM, 0, &value, 2);
	assert_int_equal(value & 0xffff, 0xaa55);
	function_expect_calls(f, 0);
}

/* The kernel reports a shadowed ROM's length, which is not a power of two. */
static void odd_length(void **state)
{
	struct function *f = *state;
	uint32_t value;

	make_rom(f->host->regions[ROM].bytes, SIZE);
	fake_region_set(f->host, ROM, 0xc001, VFIO_REGION_INFO_FLAG_READ);
	assert_int_equal(function_open(f, NULL), 0);
	assert_int_equal(lend_pci_bar(f->pci, ROM)->size, SIZE);
	make_rom(f->host->regions[ROM].bytes, 0xc001);
	lend_pci_bar_read(f->pci, ROM, 0xc000, &value, 4);
	assert_int_equal(value, 0xffffff5a);
}

static void unreadable_rom(void **state)
{
	struct function *f = *state;
	uint32_t value;

	make_rom(f->host->regions[ROM].bytes, SIZE);
	assert_int_equal(function_open(f, NULL), 0);
	fake_log_clear(f->fake);
	f->fake->fail_at = 1;
	f->fake->fail_error = EIO;
	lend_pci_bar_read(f->pci, ROM, 0, &value, 4);
	assert_int_equal(value, 0xffffffff);
	f->fake->fail_at = 0;
	lend_pci_bar_read(f->pci, ROM, 0, &value, 4);
	assert_int_equal(value, 0xffffffff);
	function_expect_calls(f, 1);
	assert_int_equal(f->warnings, 1);
	assert_non_null(strstr(f->warning, "cannot read its expansion ROM"));
	/* Tried again after a reset. */
	lend_pci_reset(f->pci);
	lend_pci_bar_read(f->pci, ROM, 0, &value, 2);
	assert_int_equal(value & 0xffff, 0xaa55);
	assert_int_equal(f->warnings, 1);
}

static void hidden_rom(void **state)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.no_rom = true,
	};
	struct function *f = *state;

	assert_int_equal(function_open(f, &options), 0);
	assert_int_equal(lend_pci_bar(f->pci, ROM)->size, 0);
	cfg_put(f, 0x30, 4, 0xffffffff);
	assert_int_equal(cfg_get(f, 0x30, 4), 0);
}

/* A file's bytes stay as they are, whatever the IDs. */
static void given_rom(void **state)
{
	static uint8_t image[0xe01], seen[0x1000];
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.ids = {.given = LEND_PCI_ID_DEVICE, .device = 1},
		.rom = image,
		.rom_size = sizeof(image),
	};
	struct function *f = *state;

	make_rom(image, sizeof(image));
	/* The device has none. */
	fake_region_set(f->host, ROM, 0, 0);
	assert_int_equal(function_open(f, &options), 0);
	assert_int_equal(lend_pci_bar(f->pci, ROM)->size, 0x1000);
	cfg_put(f, 0x30, 4, 0xffffffff);
	assert_int_equal(cfg_get(f, 0x30, 4), 0xfffff001);
	fake_log_clear(f->fake);
	read_rom(f, seen, sizeof(seen));
	function_expect_calls(f, 0);
	assert_memory_equal(seen, image, sizeof(image));
	assert_int_equal(seen[0xe01], 0xff);
	assert_int_equal(seen[0xfff], 0xff);
}

static void given_size(void **state)
{
	static uint8_t image[0xe01];
	struct lend_pci_options options = {
		.size = sizeof(options),
		.rom = image,
		.rom_size = sizeof(image),
		.rom_bar_size = 0x8000,
	};
	struct function *f = *state;

	assert_int_equal(function_open(f, &options), 0);
	assert_int_equal(lend_pci_bar(f->pci, ROM)->size, 0x8000);
}

static void odd_options_are_refused(void **state)
{
	static const struct lend_pci_options odd[] = {
		{.rom_size = 0},
		{.rom_size = LEND_PCI_ROM_MAX + 1},
		{.rom_size = 1, .rom_bar_size = 1024},
		{.rom_size = 1, .rom_bar_size = 0x3000},
		{.rom_size = 0x1001, .rom_bar_size = 0x1000},
		{.rom_size = 1, .rom_bar_size = 2ull * LEND_PCI_ROM_MAX},
		{.rom_size = 1, .ids = {.given = LEND_PCI_ID_VENDOR}},
		{.rom_size = 1,
		 .ids = {.given = LEND_PCI_ID_VENDOR, .vendor = 0xffff}},
		{.rom_size = 1,
		 .ids = {.given = LEND_PCI_ID_CLASS, .class_code = 1u << 24}},
	};
	struct function *f = *state;
	size_t i;

	assert_int_equal(function_open(f, NULL), 0);
	lend_pci_free(f->pci);
	f->pci = NULL;
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		struct lend_pci_options options = odd[i];

		options.size = sizeof(options);
		options.rom = "x";
		assert_int_equal(function_present(f, &options), -EINVAL);
		assert_int_equal(lend_ctx_error(f->ctx)->code,
				 LEND_ERROR_ARGUMENT);
	}
}

static void ids_are_shown(void **state)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.ids = {.given = LEND_PCI_ID_VENDOR | LEND_PCI_ID_DEVICE |
				 LEND_PCI_ID_SUB_VENDOR |
				 LEND_PCI_ID_SUB_DEVICE | LEND_PCI_ID_CLASS,
			.vendor = 0x1af4,
			.device = 0xabcd,
			.sub_vendor = 0x1111,
			.sub_device = 0x2222,
			.class_code = 0x123456},
	};
	struct function *f = *state;
	uint8_t *own = f->host->regions[ROM].bytes;
	static uint8_t seen[SIZE];

	make_rom(own, SIZE);
	assert_int_equal(function_open(f, &options), 0);
	assert_int_equal(cfg_get(f, 0x00, 4), 0xabcd1af4);
	assert_int_equal(cfg_get(f, 0x08, 4), 0x12345603);
	assert_int_equal(cfg_get(f, 0x2c, 4), 0x22221111);
	cfg_put(f, 0x00, 4, 0xffffffff);
	cfg_put(f, 0x08, 4, 0xffffffff);
	cfg_put(f, 0x2c, 4, 0);
	lend_pci_reset(f->pci);
	assert_int_equal(cfg_get(f, 0x00, 4), 0xabcd1af4);
	assert_int_equal(cfg_get(f, 0x08, 4), 0x12345603);
	assert_int_equal(cfg_get(f, 0x2c, 4), 0x22221111);
	/* The ROM is for what the guest sees, and sums up. */
	read_rom(f, seen, SIZE);
	assert_memory_equal(seen + 0x44, "\xf4\x1a\xcd\xab", 4);
	assert_memory_equal(seen + BIOS + 0x20, "\xf4\x1a\xcd\xab", 4);
	assert_int_equal(rom_sum(seen, BIOS), 0);
	assert_memory_equal(seen + BIOS, own + BIOS, 0x20);
}

static void some_ids_are_shown(void **state)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.ids = {.given = LEND_PCI_ID_SUB_DEVICE, .vendor = 0x1af4},
	};
	struct function *f = *state;

	assert_int_equal(function_open(f, &options), 0);
	assert_int_equal(cfg_get(f, 0x00, 4), 0x10d38086);
	assert_int_equal(cfg_get(f, 0x08, 4), 0x02000003);
	assert_int_equal(cfg_get(f, 0x2c, 4), 0x00003344);
}

/* In a buffer of its own, so that a step outside is found by a sanitizer. */
static void expect_untouched(unsigned int at, unsigned int size, uint32_t value,
			     size_t length)
{
	const struct rom_ids ids = {0x8086, 1, 2};
	uint8_t *rom = malloc(length), *copy = malloc(length);
	uint8_t whole[BIOS + EFI];

	assert_true(rom && copy && length <= sizeof(whole));
	make_rom(whole, sizeof(whole));
	image_put(whole, at, size, value);
	memcpy(rom, whole, length);
	memcpy(copy, whole, length);
	rom_image_patch(rom, length, &ids);
	assert_memory_equal(rom, copy, length);
	free(rom);
	free(copy);
}

static void nonsense_is_left_alone(void **state)
{
	const struct rom_ids same = {0x8086, 0x8086, 0x10d3};
	uint8_t rom[BIOS + EFI], copy[BIOS + EFI];

	(void)state;
	expect_untouched(0, 2, 0, BIOS + EFI);
	expect_untouched(0x18, 2, 0xffff, BIOS + EFI);
	expect_untouched(0x18, 2, BIOS + EFI - 0x17, BIOS + EFI);
	expect_untouched(0x40, 4, 0, BIOS + EFI);
	expect_untouched(0, 0, 0, 0x19);
	expect_untouched(0, 0, 0, 0x57);
	expect_untouched(0, 0, 0, 0);
	/* For another vendor's device, and no more images. */
	expect_untouched(0x44, 2, 0x1234, BIOS);
	/* What is right already. */
	make_rom(rom, sizeof(rom));
	memcpy(copy, rom, sizeof(rom));
	rom_image_patch(rom, sizeof(rom), &same);
	assert_memory_equal(rom, copy, sizeof(rom));
}

static void bounds_of_images(void **state)
{
	const struct rom_ids ids = {0x8086, 1, 2};
	uint8_t rom[BIOS + EFI];

	(void)state;
	/* More to sum up than there is: the IDs alone change. */
	make_rom(rom, sizeof(rom));
	rom[2] = 0xff;
	rom_image_patch(rom, sizeof(rom), &ids);
	assert_memory_equal(rom + 0x44, "\1\0\2\0", 4);
	assert_int_equal(rom[6], 0x5a);
	/* An image without a length is the last; so is one that says so. */
	make_rom(rom, sizeof(rom));
	image_put(rom, 0x50, 2, 0);
	rom_image_patch(rom, sizeof(rom), &ids);
	assert_memory_equal(rom + BIOS + 0x20, "\x86\x80", 2);
	make_rom(rom, sizeof(rom));
	rom[0x55] = 0x80;
	rom_image_patch(rom, sizeof(rom), &ids);
	assert_memory_equal(rom + BIOS + 0x20, "\x86\x80", 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(whole_rom_costs_one_call),
		TEST(odd_length),
		TEST(unreadable_rom),
		TEST(hidden_rom),
		TEST(given_rom),
		TEST(given_size),
		TEST(odd_options_are_refused),
		TEST(ids_are_shown),
		TEST(some_ids_are_shown),
		cmocka_unit_test(nonsense_is_left_alone),
		cmocka_unit_test(bounds_of_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
