// SPDX-License-Identifier: MIT
// Compressed kernels are recognised by their headers alone.
#include <endian.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/vmm/context.h"
#include "vmm/arm64/packed.h"

#define FILE_SIZE 4096

static uint8_t packed_bytes[FILE_SIZE];

static void zboot_make(uint32_t at, uint32_t size, const char *compression)
{
	memset(packed_bytes, 0, sizeof(packed_bytes));
	memcpy(packed_bytes, "MZ\0\0zimg", 8);
	at = htole32(at);
	size = htole32(size);
	memcpy(packed_bytes + 8, &at, 4);
	memcpy(packed_bytes + 12, &size, 4);
	memcpy(packed_bytes + 24, compression, strlen(compression));
}

static int packed_try(struct lend_ctx *ctx, struct packed *packed)
{
	return packed_parse(ctx, "vmlinuz", packed_bytes, 1024, FILE_SIZE,
			    packed);
}

static void zboot_names_its_payload(void **state)
{
	static const struct {
		const char *name;
		enum packing packing;
	} cases[] = {
		{"gzip", PACKING_GZIP},   {"zstd", PACKING_ZSTD},
		{"zstd22", PACKING_ZSTD}, {"xzkern", PACKING_XZ},
		{"lz4", PACKING_LZ4},
	};
	struct packed packed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		zboot_make(0x800, 0x700, cases[i].name);
		assert_int_equal(packed_try(*state, &packed), 0);
		assert_int_equal(packed.packing, cases[i].packing);
		assert_true(packed.is_zboot);
		assert_int_equal(packed.at, 0x800);
		assert_int_equal(packed.size, 0x700);
	}
}

static void other_compressions_have_a_way_out(void **state)
{
	static const char *const names[] = {
		"lzma", "lzo", "", "gzip2", "0123456789abcdef0123456789abcdef",
	};
	struct packed packed;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		zboot_make(0x800, 0x700, names[i]);
		assert_int_equal(packed_try(*state, &packed), -ENOEXEC);
		assert_true(context_says(*state, names[i]));
		assert_true(context_says(
			*state, "tail -c +2049 vmlinuz | head -c 1792"));
	}
}

static void payload_is_within_the_file(void **state)
{
	static const struct {
		uint32_t at, size;
		int err;
	} cases[] = {
		{0x800, 0x800, 0},
		{0x800, 0x801, -ENOEXEC},
		{0x1000, 0, -ENOEXEC},
		{0x1001, 1, -ENOEXEC},
		{0, 0x800, -ENOEXEC},
		{55, 0x800, -ENOEXEC},
		{56, 1, 0},
		{UINT32_MAX, UINT32_MAX, -ENOEXEC},
		{1, UINT32_MAX, -ENOEXEC},
	};
	struct packed packed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		zboot_make(cases[i].at, cases[i].size, "gzip");
		assert_int_equal(packed_try(*state, &packed), cases[i].err);
	}
	assert_true(context_says(*state, "truncated"));
}

static void whole_files_are_recognised(void **state)
{
	static const struct {
		const char *magic;
		enum packing packing;
	} cases[] = {
		{"\037\213", PACKING_GZIP}, {"\050\265\057\375", PACKING_ZSTD},
		{"\3757zXZ", PACKING_XZ},   {"\002!L\030", PACKING_LZ4},
		{"BZh", PACKING_NONE},      {"\004\"M\030", PACKING_NONE},
		{"MZ\220", PACKING_NONE},
	};
	struct packed packed;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(packed_bytes, 0, sizeof(packed_bytes));
		memcpy(packed_bytes, cases[i].magic, strlen(cases[i].magic));
		assert_int_equal(packed_try(*state, &packed), 0);
		assert_int_equal(packed.packing, cases[i].packing);
		assert_int_equal(packed.at, 0);
		assert_int_equal(packed.size, FILE_SIZE);
		assert_int_equal(packed_parse(*state, "vmlinuz", packed_bytes,
					      1, 1, &packed),
				 0);
		assert_int_equal(packed.packing, PACKING_NONE);
	}
}

/* A block is its bytes. */
static int copy_block(const char *from, char *to, int from_size, int to_size)
{
	if (from_size > to_size || from[0] == 'X')
		return -1;
	memcpy(to, from, (size_t)from_size);
	return from_size;
}

static void lz4_blocks_are_bounded(void **state)
{
	static const uint8_t good[] = "\002!L\030\003\0\0\0abc\002\0\0\0de";
	static const uint8_t twice[] =
		"\002!L\030\003\0\0\0abc\002!L\030\002\0\0\0de";
	static const uint8_t bad[] = "\002!L\030\003\0\0\0Xbc";
	static const uint8_t none[] = "\002!L\030\0\0\0\0abc";
	uint8_t to[8] = "";
	uint64_t size;

	(void)state;
	assert_int_equal(packed_lz4(good, sizeof(good) - 1, to, 8, copy_block),
			 5);
	assert_memory_equal(to, "abcde", 5);
	assert_int_equal(
		packed_lz4(twice, sizeof(twice) - 1, to, 8, copy_block), 5);
	assert_int_equal(packed_lz4(good, sizeof(good) - 1, to, 4, copy_block),
			 -EFBIG);
	assert_int_equal(packed_lz4(good, sizeof(good) - 1, to, 3, copy_block),
			 -EFBIG);
	assert_int_equal(packed_lz4(none, sizeof(none) - 1, to, 8, copy_block),
			 -EBADMSG);
	assert_true(packed_lz4(bad, sizeof(bad) - 1, to, 8, copy_block) < 0);
	/* Cut anywhere but after a block. */
	for (size = 0; size < sizeof(good) - 1; size++)
		assert_int_equal(packed_lz4(good, size, to, 8, copy_block),
				 size == 4    ? 0
				 : size == 11 ? 3
					      : -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zboot_names_its_payload),
		cmocka_unit_test(other_compressions_have_a_way_out),
		cmocka_unit_test(payload_is_within_the_file),
		cmocka_unit_test(whole_files_are_recognised),
		cmocka_unit_test(lz4_blocks_are_bounded),
	};

	return cmocka_run_group_tests(tests, context_setup, context_teardown);
}
