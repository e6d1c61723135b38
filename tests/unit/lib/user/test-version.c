// SPDX-License-Identifier: MIT
// Version messages of vfio-user: what peers send is read, and what is invalid
// is refused with a reason.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "lib/user/version.h"

#define CAPABILITIES(members) "{\"capabilities\":{" members "}}"

static int version_setup(void **state)
{
	return lend_ctx_new(NULL, (struct lend_ctx **)state);
}

static int version_teardown(void **state)
{
	*state = lend_ctx_unref(*state);
	return 0;
}

static int version_read_text(struct lend_ctx *ctx, const char *text,
			     struct user_version *version)
{
	size_t size = strlen(text) + 1;
	/* Of its exact size, so that valgrind sees a read beyond it. */
	uint8_t *payload = malloc(4 + size);
	int err;

	assert_non_null(payload);
	memcpy(payload, (const uint16_t[]){0, 1}, 4);
	memcpy(payload + 4, text, size);
	err = user_version_read(ctx, "client", payload, 4 + size, version);
	free(payload);
	return err;
}

static void versions_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t fds, data, maps, pages;
	} cases[] = {
		{"", 1, 1048576, 65535, 4096},
		{"{}", 1, 1048576, 65535, 4096},
		{CAPABILITIES(""), 1, 1048576, 65535, 4096},
		/* As QEMU and libvfio-user write it. */
		{CAPABILITIES("\"max_msg_fds\": 16, \"max_data_xfer_size\": "
			      "4096, \"migration\": {\"pgsize\": 4096, "
			      "\"max_bitmap_size\": 268435456}, \"pgsizes\": "
			      "8192, \"max_dma_maps\": 7, \"write_multiple\": "
			      "true"),
		 16, 4096, 7, 8192},
		{CAPABILITIES(
			 "\"max_msg_fds\":8,\"max_data_xfer_size\":1048576,"
			 "\"twin_socket\":{\"supported\":true}"),
		 8, 1048576, 65535, 4096},
		{"{\"max_msg_fds\":9,\"other\":[{\"max_msg_fds\":10}]}", 1,
		 1048576, 65535, 4096},
		{CAPABILITIES("\"inner\":{\"max_msg_fds\":9}"), 1, 1048576,
		 65535, 4096},
		{CAPABILITIES("\"max_data_xfer_size\":18446744073709551615"), 1,
		 UINT64_MAX, 65535, 4096},
	};
	struct user_version version;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (version_read_text(*state, cases[i].text, &version))
			fail_msg("%s: %s", cases[i].text,
				 lend_ctx_error(*state)->what);
		assert_int_equal(version.major, 0);
		assert_int_equal(version.minor, 1);
		assert_int_equal(version.max_msg_fds, cases[i].fds);
		assert_int_equal(version.max_data_xfer_size, cases[i].data);
		assert_int_equal(version.max_dma_maps, cases[i].maps);
		assert_int_equal(version.pgsizes, cases[i].pages);
	}
}

static void invalid_texts_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{"x", "client: JSON: byte 1"},
		{"{", "client: JSON: byte 2"},
		{CAPABILITIES("\"max_msg_fds\":-1"), "invalid max_msg_fds"},
		{CAPABILITIES("\"max_msg_fds\":1.5"), "invalid max_msg_fds"},
		{CAPABILITIES("\"max_msg_fds\":\"8\""), "invalid max_msg_fds"},
		{CAPABILITIES("\"max_msg_fds\":true"), "invalid max_msg_fds"},
		{CAPABILITIES("\"max_msg_fds\":18446744073709551616"),
		 "invalid max_msg_fds"},
		{CAPABILITIES("\"max_data_xfer_size\":0"),
		 "invalid max_data_xfer_size"},
		{CAPABILITIES("\"max_dma_maps\":0"), "invalid max_dma_maps"},
		{CAPABILITIES("\"pgsizes\":0"), "invalid pgsizes"},
	};
	struct user_version version = {.major = 77};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (version_read_text(*state, cases[i][0], &version) != -EINVAL)
			fail_msg("%s: taken", cases[i][0]);
		if (!strstr(lend_ctx_error(*state)->what, cases[i][1]))
			fail_msg("%s: %s", cases[i][0],
				 lend_ctx_error(*state)->what);
		assert_int_equal(version.major, 77);
	}
}

static void payloads_have_a_version_and_a_nul(void **state)
{
	static const uint8_t bytes[] = {0, 0, 1, 0, '{', '}', 0, 'x', 0};
	struct user_version version;

	for (size_t size = 0; size < sizeof(bytes); size++)
		assert_int_equal(user_version_read(*state, "client", bytes,
						   size, &version),
				 size == 4 || size == 7 ? 0 : -EINVAL);
	assert_int_equal(user_version_read(*state, "client", bytes,
					   sizeof(bytes), &version),
			 -EINVAL);
}

/* There are bytes between the members, which nobody sets. */
static void assert_versions_equal(const struct user_version *a,
				  const struct user_version *b)
{
	assert_int_equal(a->major, b->major);
	assert_int_equal(a->minor, b->minor);
	assert_true(a->max_msg_fds == b->max_msg_fds);
	assert_true(a->max_data_xfer_size == b->max_data_xfer_size);
	assert_true(a->max_dma_maps == b->max_dma_maps);
	assert_true(a->pgsizes == b->pgsizes);
}

static void what_is_written_is_read_again(void **state)
{
	const struct user_version own = user_version_own();
	const struct user_version most = {UINT16_MAX, UINT16_MAX, UINT64_MAX,
					  UINT64_MAX, UINT64_MAX, UINT64_MAX};
	uint8_t payload[USER_VERSION_TEXT];
	struct user_version again;
	size_t size = user_version_write(&own, payload);

	assert_int_equal(
		user_version_read(*state, "server", payload, size, &again), 0);
	assert_versions_equal(&own, &again);
	size = user_version_write(&most, payload);
	assert_true(size < sizeof(payload));
	assert_int_equal(
		user_version_read(*state, "server", payload, size, &again), 0);
	assert_versions_equal(&most, &again);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, version_setup, version_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(versions_are_read),
		TEST(invalid_texts_are_refused),
		TEST(payloads_have_a_version_and_a_nul),
		TEST(what_is_written_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
