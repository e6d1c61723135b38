// SPDX-License-Identifier: MIT
// Compressed kernels are unpacked once, whole, and within bounds.
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "packed-images.h"
#include "tests/unit/vmm/context.h"
#include "vmm/arm64/unpack.h"
#include "vmm/boot/file.h"

static const struct {
	const char *name; /* in a zboot header */
	const uint8_t *bytes;
	size_t size;
} unpack_cases[] = {
	{"gzip", image_gzip, sizeof(image_gzip)},
	{"xzkern", image_xz, sizeof(image_xz)},
	{"zstd22", image_zstd, sizeof(image_zstd)},
	{"lz4", image_lz4, sizeof(image_lz4)},
};

#define CASES (sizeof(unpack_cases) / sizeof(unpack_cases[0]))

/* Unpacks a file of these bytes; its descriptor is open afterwards. */
static int unpack_bytes(struct boot *boot, struct lend_ctx *ctx,
			const void *bytes, size_t size)
{
	char name[] = "/tmp/test-unpack-XXXXXX";
	int fd = mkostemp(name, O_CLOEXEC);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write(fd, bytes, size), size);
	*boot = (struct boot){
		.ctx = ctx,
		.kernel = {.path = "vmlinuz",
			   .option = "-kernel",
			   .fd = fd,
			   .size = size},
		.initrd = {.option = "-initrd", .fd = -1},
	};
	assert_int_equal(boot_read_head(boot, &boot->kernel), 0);
	return unpack_kernel(boot);
}

static bool library_is_missing(struct lend_ctx *ctx, int err)
{
	if (!err || !context_says(ctx, "cannot be loaded"))
		return false;
	assert_true(context_says(ctx, "install "));
	return true;
}

static void expect_image(struct boot *boot)
{
	uint8_t bytes[64];

	assert_int_equal(boot->kernel.size, PACKED_IMAGE_SIZE);
	assert_int_equal(boot_file_read(boot, &boot->kernel, bytes, 64, 0), 0);
	assert_memory_equal(bytes + 56, "ARM\144", 4);
	assert_int_equal(bytes[18], 0x10);
}

static void whole_files_are_unpacked(void **state)
{
	struct boot boot;

	for (size_t i = 0; i < CASES; i++) {
		int err = unpack_bytes(&boot, *state, unpack_cases[i].bytes,
				       unpack_cases[i].size);

		if (!library_is_missing(*state, err)) {
			assert_int_equal(err, 0);
			expect_image(&boot);
			/* It is read again for each start, but unpacked once.
			 */
			assert_int_equal(unpack_kernel(&boot), 0);
			expect_image(&boot);
		}
		boot_close(&boot);
	}
}

/* The size of the kernel follows the compressed bytes. */
static void zboot_images_are_unpacked(void **state)
{
	uint8_t file[1024];
	struct boot boot;

	for (size_t i = 0; i < CASES; i++) {
		uint32_t at = htole32(512);
		uint32_t size = htole32((uint32_t)unpack_cases[i].size);
		int err;

		memset(file, 0, sizeof(file));
		memcpy(file, "MZ\0\0zimg", 8);
		memcpy(file + 8, &at, 4);
		memcpy(file + 12, &size, 4);
		strcpy((char *)file + 24, unpack_cases[i].name);
		memcpy(file + 512, unpack_cases[i].bytes, unpack_cases[i].size);
		err = unpack_bytes(&boot, *state, file, sizeof(file));
		if (!library_is_missing(*state, err)) {
			assert_int_equal(err, 0);
			expect_image(&boot);
		}
		boot_close(&boot);
	}
}

static void truncations_are_refused(void **state)
{
	struct boot boot;

	for (size_t i = 0; i < CASES; i++) {
		for (size_t size = 12; size < unpack_cases[i].size; size++) {
			int err = unpack_bytes(&boot, *state,
					       unpack_cases[i].bytes, size);

			if (!library_is_missing(*state, err)) {
				assert_int_equal(err, -ENOEXEC);
				assert_true(context_says(*state, "truncated"));
			}
			boot_close(&boot);
		}
	}
}

static void plain_files_are_left_alone(void **state)
{
	struct boot boot;

	assert_int_equal(unpack_bytes(&boot, *state, "hello", 5), 0);
	assert_int_equal(boot.kernel.size, 5);
	boot_close(&boot);
}

/* lz4 blocks that are one run of 0 each, more than 256 MiB together. */
static void bombs_are_refused(void **state)
{
	enum { RUN = 8 << 20, BLOCKS = 40 };
	size_t ones = (RUN - 19) / 255, block = 4 + ones + 32, size = 4;
	uint8_t *file = calloc(1, 4 + BLOCKS * block);
	struct boot boot;
	int err;

	memcpy(file, "\002!L\030", 4);
	for (int i = 0; i < BLOCKS; i++) {
		uint8_t *at = file + size + 4, *start = at;
		uint32_t length;

		*at++ = 0x1f; /* one literal, and a long match at distance 1 */
		*at++ = 0;
		*at++ = 1;
		*at++ = 0;
		memset(at, 0xff, ones - 1);
		at += ones - 1;
		*at++ = 0;
		*at++ = 0x50; /* five literals at the end */
		at += 5;
		length = htole32((uint32_t)(at - start));
		memcpy(start - 4, &length, 4);
		size += 4 + (size_t)(at - start);
	}
	err = unpack_bytes(&boot, *state, file, size);
	if (!library_is_missing(*state, err)) {
		assert_int_equal(err, -EFBIG);
		assert_true(context_says(*state, "more than 256 MiB"));
	}
	boot_close(&boot);
	free(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_files_are_unpacked),
		cmocka_unit_test(zboot_images_are_unpacked),
		cmocka_unit_test(truncations_are_refused),
		cmocka_unit_test(plain_files_are_left_alone),
		cmocka_unit_test(bombs_are_refused),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
