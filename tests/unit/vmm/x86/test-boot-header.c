// SPDX-License-Identifier: MIT
// Valid kernel images are placed; invalid ones are rejected with the reason.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "bzimage.h"
#include "tests/unit/vmm/context.h"
#include "vmm/x86/boot-header.h"

#define MIB UINT64_C(0x100000)

static uint8_t image[BZIMAGE_SIZE];

static int parse_as(struct lend_ctx *ctx, size_t length, uint64_t size,
		    uint64_t ram, struct boot_header *header)
{
	return boot_header_parse(ctx, "it", image, length, size, ram, header);
}

static int boot_header_try(struct lend_ctx *ctx, struct boot_header *header)
{
	return parse_as(ctx, BOOT_HEADER_BYTES, BZIMAGE_SIZE, 256 * MIB,
			header);
}

static void a_valid_image_is_placed(void **state)
{
	struct boot_header h;

	bzimage_make(image);
	assert_int_equal(boot_header_try(*state, &h), 0);
	assert_int_equal(h.payload, BZIMAGE_PAYLOAD);
	assert_int_equal(h.size, BZIMAGE_KERNEL);
	assert_int_equal(h.load, 16 * MIB);
	assert_int_equal(h.room, 16 * MIB);
	assert_int_equal(h.setup.version, 0x20f);
}

static void setup_sectors_have_a_default(void **state)
{
	struct boot_header h;

	bzimage_make(image);
	bzimage_header(image)->setup_sects = 0;
	bzimage_header(image)->syssize = 0;
	assert_int_equal(boot_header_try(*state, &h), 0);
	assert_int_equal(h.payload, 5 * 512);
}

static void a_signature_is_not_loaded(void **state)
{
	struct boot_header h;

	bzimage_make(image);
	assert_int_equal(parse_as(*state, BOOT_HEADER_BYTES,
				  BZIMAGE_SIZE + 5000, 256 * MIB, &h),
			 0);
	assert_int_equal(h.size, BZIMAGE_KERNEL);
}

static void little_ram_lowers_the_load_address(void **state)
{
	struct boot_header h;

	bzimage_make(image);
	assert_int_equal(
		parse_as(*state, BOOT_HEADER_BYTES, BZIMAGE_SIZE, 20 * MIB, &h),
		0);
	assert_int_equal(h.load, 2 * MIB);
	assert_int_equal(
		parse_as(*state, BOOT_HEADER_BYTES, BZIMAGE_SIZE, 17 * MIB, &h),
		-ENOMEM);
	assert_true(context_says(*state, "larger -m"));
	bzimage_header(image)->relocatable_kernel = 0;
	assert_int_equal(
		parse_as(*state, BOOT_HEADER_BYTES, BZIMAGE_SIZE, 20 * MIB, &h),
		-ENOMEM);
}

static void bzimage_refuses_every_truncation(void **state)
{
	struct boot_header h;

	bzimage_make(image);
	for (size_t size = 0; size < BZIMAGE_SIZE; size++) {
		size_t length =
			size < BOOT_HEADER_BYTES ? size : BOOT_HEADER_BYTES;
		int err = parse_as(*state, length, size, 256 * MIB, &h);

		/* syssize is in units of 16 bytes, rounded up */
		if (size + 15 >= BZIMAGE_SIZE)
			assert_int_equal(err, 0);
		else
			assert_int_equal(err, -ENOEXEC);
	}
	assert_true(context_says(*state, "truncated"));
}

static void expect_bad_header(struct lend_ctx *ctx, const char *words)
{
	struct boot_header h;

	assert_int_equal(boot_header_try(ctx, &h), -ENOEXEC);
	assert_true(context_says(ctx, words));
	bzimage_make(image);
}

static void each_fault_is_reported(void **state)
{
	bzimage_make(image);
	bzimage_header(image)->version = 0x20b;
	expect_bad_header(*state, "boot protocol 2.11");
	bzimage_header(image)->xloadflags = 0;
	expect_bad_header(*state, "32-bit");
	bzimage_header(image)->loadflags = 0;
	expect_bad_header(*state, "zImage");
	bzimage_header(image)->boot_flag = 0;
	expect_bad_header(*state, "not a Linux bzImage");
	bzimage_header(image)->header++;
	expect_bad_header(*state, "not a Linux bzImage");
	bzimage_header(image)->setup_sects = 255;
	expect_bad_header(*state, "ends before the kernel");
	bzimage_header(image)->syssize = UINT32_MAX;
	expect_bad_header(*state, "truncated");
}

static void lookalikes_are_recognised(void **state)
{
	memset(image, 0, sizeof(image));
	memcpy(image, "\177ELF", 4);
	expect_bad_header(*state, "not vmlinux");
	memset(image, 0, sizeof(image));
	memcpy(image, "070701", 6);
	expect_bad_header(*state, "-initrd");
	memset(image, 0, sizeof(image));
	memcpy(image + 56, "ARM\144", 4);
	expect_bad_header(*state, "arm64");
	memset(image, 0, sizeof(image));
	memcpy(image, "MZ", 2);
	expect_bad_header(*state, "an EFI program");
	memset(image, 0, sizeof(image));
	memcpy(image, "MZ", 2);
	expect_bad_header(*state, "--only-section=.linux");
	memset(image, 0, sizeof(image));
	memcpy(image, "BZh9", 4);
	expect_bad_header(*state, "bzip2 -dc");
}

static void huge_addresses_do_not_wrap(void **state)
{
	struct boot_header h;

	bzimage_make(image);
	bzimage_header(image)->pref_address = UINT64_MAX - 5;
	assert_int_equal(boot_header_try(*state, &h), 0);
	assert_int_equal(h.load, 2 * MIB);
	bzimage_header(image)->init_size = UINT32_MAX;
	assert_int_equal(boot_header_try(*state, &h), -ENOMEM);
	bzimage_make(image);
	bzimage_header(image)->pref_address = 0;
	assert_int_equal(boot_header_try(*state, &h), 0);
	assert_int_equal(h.load, 1 * MIB);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_valid_image_is_placed),
		cmocka_unit_test(setup_sectors_have_a_default),
		cmocka_unit_test(a_signature_is_not_loaded),
		cmocka_unit_test(little_ram_lowers_the_load_address),
		cmocka_unit_test(bzimage_refuses_every_truncation),
		cmocka_unit_test(each_fault_is_reported),
		cmocka_unit_test(lookalikes_are_recognised),
		cmocka_unit_test(huge_addresses_do_not_wrap),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
