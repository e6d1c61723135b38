// SPDX-License-Identifier: MIT
// A client learns of a device's regions, and accesses what is within them.

#include <sys/stat.h>

#include "fixture.h"

static int ask_region(struct server_test *test, uint32_t index, uint32_t argsz,
		      struct user_region_info *info)
{
	const struct user_region_info ask = {.argsz = argsz, .index = index};
	int err = CLIENT_ASK(test, USER_DEVICE_GET_REGION_INFO, ask);

	memcpy(info, test->reply.payload, sizeof(*info));
	return err;
}

static void regions_are_described(void **state)
{
	struct server_test *test = *state;
	struct user_region_info info;

	assert_int_equal(ask_region(test, 2, 32, &info), 0);
	assert_int_equal(test->reply.size, 32);
	assert_int_equal(info.argsz, 32);
	assert_int_equal(info.index, 2);
	assert_int_equal(info.size, 16);
	assert_int_equal(info.flags, VFIO_REGION_INFO_FLAG_READ);
	assert_int_equal(test->reply.fd, -1);
	assert_int_equal(ask_region(test, 1, 64, &info), 0);
	assert_int_equal(info.size, 0);
	assert_int_equal(ask_region(test, 4, 32, &info), EINVAL);
	assert_int_equal(ask_region(test, UINT32_MAX, 32, &info), EINVAL);
	assert_int_equal(ask_region(test, 0, 31, &info), EINVAL);
}

/* Twice, as clients do: the first time they do not know the room. */
static void regions_with_areas_are_asked_for_twice(void **state)
{
	struct server_test *test = *state;
	struct vfio_info_cap_header cap;
	struct user_region_info info;
	struct stat own, given;
	struct lend_area area;
	uint32_t count;

	assert_int_equal(ask_region(test, 0, 32, &info), 0);
	assert_int_equal(info.argsz, 64);
	assert_int_equal(info.flags & VFIO_REGION_INFO_FLAG_CAPS, 0);
	close(test->reply.fd);
	assert_int_equal(ask_region(test, 0, info.argsz, &info), 0);
	assert_int_equal(test->reply.size, 64);
	assert_int_equal(info.flags, VFIO_REGION_INFO_FLAG_READ |
					     VFIO_REGION_INFO_FLAG_WRITE |
					     VFIO_REGION_INFO_FLAG_MMAP |
					     VFIO_REGION_INFO_FLAG_CAPS);
	assert_int_equal(info.offset, 7 * PAGE);
	assert_int_equal(info.cap_offset, 32);
	memcpy(&cap, test->reply.payload + 32, sizeof(cap));
	assert_int_equal(cap.id, VFIO_REGION_INFO_CAP_SPARSE_MMAP);
	assert_int_equal(cap.version, 1);
	assert_int_equal(cap.next, 0);
	memcpy(&count, test->reply.payload + 40, sizeof(count));
	assert_int_equal(count, 1);
	memcpy(&area, test->reply.payload + 48, sizeof(area));
	assert_int_equal(area.offset, PAGE);
	assert_int_equal(area.size, PAGE);
	assert_int_equal(fstat(test->reply.fd, &given), 0);
	assert_int_equal(fstat(test->file, &own), 0);
	assert_int_equal(given.st_ino, own.st_ino);
	close(test->reply.fd);
}

static int user_client_access(struct server_test *test, uint16_t command,
			      struct user_region_access access, size_t data)
{
	uint8_t payload[64];

	memcpy(payload, &access, sizeof(access));
	memset(payload + sizeof(access), 0x5a,
	       sizeof(payload) - sizeof(access));
	return user_client_ask(test, command, payload, sizeof(access) + data,
			       NULL, 0);
}

static int user_client_read(struct server_test *test, uint32_t region,
			    uint64_t offset, uint32_t count)
{
	return user_client_access(
		test, USER_REGION_READ,
		(struct user_region_access){offset, region, count}, 0);
}

static void registers_are_read_and_written(void **state)
{
	struct server_test *test = *state;
	const struct user_region_access access = {2 * PAGE - 4, 0, 4};

	assert_int_equal(user_client_access(test, USER_REGION_WRITE, access, 4),
			 0);
	assert_int_equal(test->reply.size, sizeof(access));
	assert_memory_equal(test->reply.payload, &access, sizeof(access));
	assert_int_equal(user_client_read(test, 0, 2 * PAGE - 5, 5), 0);
	assert_int_equal(test->reply.size, sizeof(access) + 5);
	assert_memory_equal(test->reply.payload + 16, "\0\x5a\x5a\x5a\x5a", 5);
	assert_done(test, "write 0,8188,4;read 0,8187,5;");
}

static void accesses_beyond_a_region_are_refused(void **state)
{
	static const struct user_region_access cases[] = {
		{0, 0, 0},
		{2 * PAGE, 0, 1},
		{2 * PAGE - 1, 0, 2},
		{0, 0, 2 * PAGE + 1},
		{UINT64_MAX, 0, 1},
		{UINT64_MAX, 0, 2},
		{UINT64_MAX - 3, 0, 8},
		{1ull << 63, 0, 4},
		{0, 0, 0xffffffff},
		{0, 0, USER_DATA_MAX + 1},
		{0, 1, 1},
		{0, 4, 1},
		{0, UINT32_MAX, 1},
	};
	struct server_test *test = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(
			user_client_access(test, USER_REGION_READ, cases[i], 0),
			EINVAL);
		assert_int_equal(
			user_client_access(test, USER_REGION_WRITE, cases[i],
					   cases[i].count < 48 ? cases[i].count
							       : 48),
			EINVAL);
	}
	assert_done(test, "");
}

static void accesses_follow_the_flags(void **state)
{
	struct server_test *test = *state;

	assert_int_equal(user_client_read(test, 2, 0, 4), 0);
	assert_int_equal(user_client_read(test, 3, 0, 4), EINVAL);
	assert_int_equal(
		user_client_access(test, USER_REGION_WRITE,
				   (struct user_region_access){0, 2, 4}, 4),
		EINVAL);
	assert_int_equal(
		user_client_access(test, USER_REGION_WRITE,
				   (struct user_region_access){0, 3, 4}, 4),
		0);
	assert_done(test, "read 2,0,4;write 3,0,4;");
}

static void writes_have_their_data(void **state)
{
	struct server_test *test = *state;
	const struct user_region_access access = {0, 0, 4};

	assert_int_equal(user_client_access(test, USER_REGION_WRITE, access, 3),
			 EINVAL);
	assert_int_equal(user_client_access(test, USER_REGION_WRITE, access, 5),
			 EINVAL);
	assert_int_equal(user_client_access(test, USER_REGION_WRITE, access, 0),
			 EINVAL);
	assert_done(test, "");
}

static void failures_of_the_device_are_passed_on(void **state)
{
	struct server_test *test = *state;

	test->err = -EIO;
	assert_int_equal(user_client_read(test, 0, 0, 4), EIO);
	test->err = -ENXIO;
	assert_int_equal(
		user_client_access(test, USER_REGION_WRITE,
				   (struct user_region_access){0, 0, 4}, 4),
		ENXIO);
}

/* No more than the client said that it receives. */
static void reads_fit_the_client(void **state)
{
	static const char version[] = "\0\0\0\0{\"capabilities\":"
				      "{\"max_data_xfer_size\":8}}";
	struct server_test *test = *state;

	user_client_connect(test);
	assert_int_equal(CLIENT_ASK(test, USER_VERSION, version), 0);
	assert_int_equal(user_client_read(test, 0, 0, 8), 0);
	assert_int_equal(user_client_read(test, 0, 0, 9), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AGREED(regions_are_described),
		TEST_AGREED(regions_with_areas_are_asked_for_twice),
		TEST_AGREED(registers_are_read_and_written),
		TEST_AGREED(accesses_beyond_a_region_are_refused),
		TEST_AGREED(accesses_follow_the_flags),
		TEST_AGREED(writes_have_their_data),
		TEST_AGREED(failures_of_the_device_are_passed_on),
		TEST(reads_fit_the_client),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
