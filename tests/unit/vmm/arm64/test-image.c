// SPDX-License-Identifier: MIT
// An arm64 Image is loaded at its text_offset; other files are rejected.
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/arm64/image.h"

#define MIB UINT64_C(0x100000)

static const struct range ram = {0x40000000, 64 * MIB};

struct fields {
	uint64_t text_offset, image_size;
};

static void image_make(uint8_t *bytes, struct fields fields)
{
	memset(bytes, 0, IMAGE_HEADER_BYTES);
	fields.text_offset = htole64(fields.text_offset);
	fields.image_size = htole64(fields.image_size);
	memcpy(bytes + 8, &fields, sizeof(fields));
	memcpy(bytes + 56, "ARM\144", 4);
}

static int image_try(struct lend_ctx *ctx, struct fields fields,
		     uint64_t file_size, struct image *image)
{
	uint8_t bytes[IMAGE_HEADER_BYTES];

	image_make(bytes, fields);
	return image_parse(ctx, "vmlinuz", bytes, sizeof(bytes), file_size, ram,
			   image);
}

static void an_image_is_placed_at_its_offset(void **state)
{
	struct image image;

	assert_int_equal(image_try(*state, (struct fields){0, 12 * MIB},
				   10 * MIB, &image),
			 0);
	assert_int_equal(image.load, ram.base);
	assert_int_equal(image.room, 12 * MIB);
	assert_int_equal(image_try(*state, (struct fields){0x80000, 12 * MIB},
				   13 * MIB, &image),
			 0);
	assert_int_equal(image.load, ram.base + 0x80000);
	assert_int_equal(image.room, 13 * MIB);
}

static void hostile_sizes_are_rejected(void **state)
{
	static const struct {
		struct fields fields;
		uint64_t file_size;
		int err;
	} cases[] = {
		{{0, 64 * MIB}, MIB, 0},
		{{0, 64 * MIB + 1}, MIB, -ENOMEM},
		{{0x80000, 64 * MIB}, MIB, -ENOMEM},
		{{0, UINT64_MAX}, MIB, -ENOMEM},
		{{0x1fffff, UINT64_MAX}, MIB, -ENOMEM},
		{{0, MIB}, UINT64_MAX, -ENOMEM},
		{{0x200000, MIB}, MIB, -ENOEXEC},
		{{UINT64_MAX, MIB}, MIB, -ENOEXEC},
		{{0x80000, 0}, MIB, -ENOEXEC},
	};
	struct image image;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(image_try(*state, cases[i].fields,
					   cases[i].file_size, &image),
				 cases[i].err);
	assert_true(context_says(*state, "3.17"));
}

static void image_refuses_every_truncation(void **state)
{
	uint8_t bytes[IMAGE_HEADER_BYTES];
	struct image image;

	image_make(bytes, (struct fields){0, MIB});
	for (size_t length = 0; length < 64; length++)
		assert_int_equal(image_parse(*state, "vmlinuz", bytes, length,
					     length, ram, &image),
				 -ENOEXEC);
	assert_int_equal(
		image_parse(*state, "vmlinuz", bytes, 64, 64, ram, &image), 0);
}

/* A kernel with an EFI stub: its sections say how long the file is. */
static void a_truncated_pe_file_is_refused(void **state)
{
	uint8_t bytes[IMAGE_HEADER_BYTES];
	struct image image;

	image_make(bytes, (struct fields){0, 12 * MIB});
	bytes[60] = 0x40;
	memcpy(bytes + 0x40, "PE\0\0", 4);
	bytes[0x46] = 2;         /* sections */
	bytes[0x54] = 0xa0;      /* of the optional header */
	bytes[0xf8 + 18] = 0x40; /* 4 MiB at 64 KiB */
	bytes[0xf8 + 22] = 0x01;
	bytes[0xf8 + 40 + 18] = 0x10; /* 1 MiB at 4 MiB and 64 KiB */
	bytes[0xf8 + 40 + 22] = 0x41;
	for (uint64_t size = 5 * MIB; size <= 6 * MIB; size += MIB)
		assert_int_equal(image_parse(*state, "vmlinuz", bytes,
					     sizeof(bytes), size, ram, &image),
				 size > 5 * MIB ? 0 : -ENOEXEC);
	assert_true(context_says(*state, "truncated: 5242880 of 5308416"));
	/* Hostile numbers lead nowhere. */
	memset(bytes + 0x44, 0xff, 20);
	assert_int_equal(image_parse(*state, "vmlinuz", bytes, sizeof(bytes),
				     MIB, ram, &image),
			 0);
	memset(bytes + 60, 0xff, 4);
	assert_int_equal(image_parse(*state, "vmlinuz", bytes, sizeof(bytes),
				     MIB, ram, &image),
			 0);
}

static void flags_are_read(void **state)
{
	static const struct {
		uint8_t flags;
		uint64_t page;
	} cases[] = {
		{0, 0}, {2, 0x1000}, {4, 0x4000}, {6, 0x10000}, {10, 0x1000}};
	uint8_t bytes[IMAGE_HEADER_BYTES];
	struct image image;

	image_make(bytes, (struct fields){0, 12 * MIB});
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bytes[24] = cases[i].flags;
		assert_int_equal(image_parse(*state, "vmlinuz", bytes,
					     sizeof(bytes), MIB, ram, &image),
				 0);
		assert_int_equal(image.page, cases[i].page);
	}
	bytes[24] = 3;
	assert_int_equal(image_parse(*state, "vmlinuz", bytes, sizeof(bytes),
				     MIB, ram, &image),
			 -ENOEXEC);
	assert_true(context_says(*state, "big-endian"));
}

static void other_formats_are_recognised(void **state)
{
	static const struct {
		size_t at;
		const char *bytes;
		size_t length;
		const char *words;
	} cases[] = {
		{0, "\177ELF", 4, "arch/arm64/boot/Image"},
		{0, "\037\213", 2, "gzip"},
		{0, "MZ\0\0zimg", 8, "compressed for EFI"},
		{0x202, "HdrS", 4, "an x86 kernel"},
		{0, "070701", 6, "initrd"},
		{0, "hello", 5, "is not a Linux arm64 Image"},
	};
	struct image image;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t bytes[IMAGE_HEADER_BYTES] = {0};

		memcpy(bytes + cases[i].at, cases[i].bytes, cases[i].length);
		assert_int_equal(image_parse(*state, "vmlinuz", bytes,
					     sizeof(bytes), MIB, ram, &image),
				 -ENOEXEC);
		assert_true(context_says(*state, cases[i].words));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_image_is_placed_at_its_offset),
		cmocka_unit_test(hostile_sizes_are_rejected),
		cmocka_unit_test(image_refuses_every_truncation),
		cmocka_unit_test(a_truncated_pe_file_is_refused),
		cmocka_unit_test(flags_are_read),
		cmocka_unit_test(other_formats_are_recognised),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
