// SPDX-License-Identifier: MIT
// A client's memory reaches the device by descriptor; what is no memory, too
// small or mapped already does not.

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "fixture.h"

#define R USER_DMA_MAP_READ
#define W USER_DMA_MAP_WRITE

static int memory_new(size_t size)
{
	int fd = memfd_create("memory", MFD_CLOEXEC);

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	return fd;
}

static int user_client_map(struct server_test *test, struct user_dma_map map,
			   int fd)
{
	return user_client_ask(test, USER_DMA_MAP, &map, sizeof(map), &fd,
			       fd >= 0);
}

static int user_client_map_pages(struct server_test *test, unsigned int first,
				 unsigned int count, int fd)
{
	return user_client_map(test,
			       (struct user_dma_map){32, R | W, 0,
						     (uint64_t)first * PAGE,
						     (uint64_t)count * PAGE},
			       fd);
}

static int user_client_unmap(struct server_test *test, uint32_t flags,
			     uint64_t iova, uint64_t size)
{
	const struct user_dma_unmap unmap = {24, flags, iova, size};

	return CLIENT_ASK(test, USER_DMA_UNMAP, unmap);
}

static void memory_is_mapped_and_unmapped(void **state)
{
	struct server_test *test = *state;
	int fd = memory_new(4 * PAGE);

	assert_int_equal(
		user_client_map(test,
				(struct user_dma_map){32, R | W, PAGE, 0x10000,
						      3 * PAGE},
				fd),
		0);
	assert_int_equal(test->reply.size, 0);
	assert_int_equal(user_client_map(test,
					 (struct user_dma_map){32, R | 4, 0,
							       0x20000, PAGE},
					 fd),
			 0);
	assert_int_equal(
		user_client_map(test,
				(struct user_dma_map){32, R, 0, 0x30000, PAGE},
				-1),
		0);
	assert_done(test, "map 10000+3000,3;map 20000+1000,1;"
			  "map 30000+1000,1,none;");
	assert_int_equal(user_client_unmap(test, 0, 0x10000, 3 * PAGE), 0);
	assert_int_equal(test->reply.size, 24);
	assert_int_equal(user_client_unmap(test, 0, 0x30000, PAGE), 0);
	assert_int_equal(user_client_unmap(test, 0, 0x20000, PAGE), 0);
	assert_done(test, "unmap 10000;unmap 30000;unmap 20000;");
	close(fd);
}

static void invalid_ranges_are_refused(void **state)
{
	static const struct user_dma_map cases[] = {
		{31, R, 0, 0, PAGE},
		{32, 0, 0, 0, PAGE},
		{32, R | 8, 0, 0, PAGE},
		{32, R | 0x80000000, 0, 0, PAGE},
		{32, R, 0, 0, 0},
		{32, R, 0, 0, PAGE - 1},
		{32, R, 0, 1, PAGE},
		{32, R, 1, 0, PAGE},
		{32, R, 0, UINT64_MAX - PAGE + 1, 2 * PAGE},
		{32, R, 0, PAGE, UINT64_MAX - PAGE + 1},
		{32, R, 4 * PAGE, 0, PAGE},
		{32, R, 3 * PAGE, 0, 2 * PAGE},
		{32, R, UINT64_MAX - PAGE + 1, 0, PAGE},
		{32, R, 1ull << 63, 0, PAGE},
		{32, R, 0, 0, 5 * PAGE},
		{32, R, 0, 0, 1ull << 62},
	};
	struct server_test *test = *state;
	int fd = memory_new(4 * PAGE);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (user_client_map(test, cases[i], fd) != EINVAL)
			fail_msg("case %zu was taken", i);
	assert_done(test, "");
	close(fd);
}

/* Where an access would wait for a file server, or kill this process. */
static void files_of_others_are_refused(void **state)
{
	struct server_test *test = *state;
	int fds[] = {open("/proc/self/exe", O_RDONLY | O_CLOEXEC),
		     open("/dev/zero", O_RDWR | O_CLOEXEC),
		     dup(test->listening)};

	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
		assert_int_equal(user_client_map_pages(test, 0, 1, fds[i]),
				 EINVAL);
		close(fds[i]);
	}
	assert_non_null(strstr(test->warning, "use a memfd"));
	assert_done(test, "");
}

static void a_file_that_cannot_be_written_is_for_reading(void **state)
{
	struct server_test *test = *state;
	int fd = memory_new(PAGE), only;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	only = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(user_client_map_pages(test, 0, 1, only), EACCES);
	assert_int_equal(
		user_client_map(test, (struct user_dma_map){32, R, 0, 0, PAGE},
				only),
		0);
	close(only);
	close(fd);
}

static void overlaps_are_refused(void **state)
{
	static const unsigned int overlaps[][2] = {
		{4, 2}, {4, 1}, {5, 1}, {3, 2}, {5, 2}, {3, 4}, {2, 8}, {8, 1}};
	struct server_test *test = *state;
	int fd = memory_new(8 * PAGE);

	assert_int_equal(user_client_map_pages(test, 4, 2, fd), 0);
	assert_int_equal(user_client_map_pages(test, 8, 1, fd), 0);
	assert_int_equal(user_client_map_pages(test, 6, 2, fd), 0);
	assert_int_equal(user_client_map_pages(test, 3, 1, fd), 0);
	for (size_t i = 0; i < sizeof(overlaps) / sizeof(overlaps[0]); i++)
		assert_int_equal(user_client_map_pages(test, overlaps[i][0],
						       overlaps[i][1], fd),
				 EEXIST);
	assert_int_equal(
		user_client_map(test,
				(struct user_dma_map){
					32, R, 0, UINT64_MAX - PAGE + 1, PAGE},
				fd),
		0);
	assert_int_equal(test->mapped, 5);
	close(fd);
}

static void only_whole_mappings_are_unmapped(void **state)
{
	struct server_test *test = *state;
	int fd = memory_new(8 * PAGE);

	assert_int_equal(user_client_map_pages(test, 4, 2, fd), 0);
	assert_int_equal(user_client_unmap(test, 0, 4 * PAGE, PAGE), ENOENT);
	assert_int_equal(user_client_unmap(test, 0, 5 * PAGE, PAGE), ENOENT);
	assert_int_equal(user_client_unmap(test, 0, 3 * PAGE, 3 * PAGE),
			 ENOENT);
	assert_int_equal(user_client_unmap(test, 0, 7 * PAGE, PAGE), ENOENT);
	assert_int_equal(user_client_unmap(test, 0, 4 * PAGE, 0), EINVAL);
	assert_int_equal(user_client_unmap(test, 1, 4 * PAGE, 2 * PAGE),
			 EINVAL);
	assert_int_equal(user_client_unmap(test, 2, 4 * PAGE, 2 * PAGE),
			 EINVAL);
	assert_int_equal(user_client_unmap(test, 3, 0, 0), EINVAL);
	assert_int_equal(test->mapped, 1);
	assert_int_equal(user_client_unmap(test, 0, 4 * PAGE, 2 * PAGE), 0);
	close(fd);
}

/* As QEMU does while its firmware runs. */
static void all_are_unmapped_and_mapped_again(void **state)
{
	struct server_test *test = *state;
	int fd = memory_new(64 * PAGE);

	for (unsigned int round = 0; round < 30; round++) {
		test->done[0] = '\0';
		for (unsigned int i = 0; i < 40; i++)
			assert_int_equal(
				user_client_map_pages(test, i * 7 % 40, 1, fd),
				0);
		assert_int_equal(test->mapped, 40);
		test->done[0] = '\0';
		assert_int_equal(
			user_client_unmap(test, USER_DMA_UNMAP_ALL, 0, 0), 0);
		assert_int_equal(test->mapped, 0);
	}
	close(fd);
}

static void what_the_device_refuses_is_not_mapped(void **state)
{
	struct server_test *test = *state;
	int fd = memory_new(PAGE);

	test->err = -ENOMEM;
	assert_int_equal(user_client_map_pages(test, 0, 1, fd), ENOMEM);
	assert_int_equal(user_client_unmap(test, 0, 0, PAGE), ENOENT);
	assert_int_equal(user_client_map_pages(test, 0, 1, fd), 0);
	test->done[0] = '\0';
	test->err = -EIO;
	assert_int_equal(user_client_unmap(test, 0, 0, PAGE), EIO);
	assert_int_equal(user_client_map_pages(test, 0, 1, fd), EEXIST);
	assert_int_equal(user_client_unmap(test, 0, 0, PAGE), 0);
	close(fd);
}

/* The device is quiet before its memory goes. */
static void a_client_that_leaves_is_unmapped(void **state)
{
	struct server_test *test = *state;
	int fd = memory_new(PAGE);

	assert_int_equal(user_client_map_pages(test, 0, 1, fd), 0);
	assert_int_equal(user_client_map_pages(test, 1, 1, fd), 0);
	test->done[0] = '\0';
	user_client_leave(test);
	assert_done(test, "reset;unmap 1000;unmap 0;left;");
	close(fd);
}

static void what_stays_mapped_ends_the_service(void **state)
{
	struct server_test *test = *state;
	int fd = memory_new(PAGE);

	assert_int_equal(user_client_map_pages(test, 0, 1, fd), 0);
	close(test->client);
	test->client = -1;
	test->err_at_unmap = -EIO;
	assert_int_equal(server_run_failing(test), -EIO);
	assert_non_null(strstr(lend_ctx_error(test->ctx)->what,
			       "1 mappings of the client"));
	test->mapped = 0;
	close(fd);
}

/* Each call of the server's own kernel fails in turn. */
static void failed_calls_leave_nothing(void **state)
{
	static const struct fake_failure kinds[] = {
		{FAKE_MAP, 0},  {FAKE_FSTAT, 0},   {FAKE_SEALS, 0},
		{FAKE_SEND, 0}, {FAKE_RECEIVE, 0}, {FAKE_UNMAP, 0},
		{FAKE_CLOSE, 0}};
	struct server_test *test = *state;
	int fd = memory_new(PAGE);

	for (unsigned int nth = 1; nth < 40; nth++) {
		const struct user_dma_map map = {32, R, 0, 0, PAGE};

		test->done[0] = '\0';
		fake_log_clear(test->fake);
		test->fake->fail_at = nth;
		test->fake->fail_error = EIO;
		peer_send(test->client, USER_DMA_MAP, 0, &map, sizeof(map), &fd,
			  1);
		server_run_failing(test);
		close(test->client);
		server_run_failing(test);
		test->fake->fail_at = 0;
		test->client = peer_connect(test->listening);
		server_run(test);
		user_client_agree(test);
		assert_int_equal(test->mapped, 0);
	}
	fake_assert_failed(test->fake, kinds, sizeof(kinds) / sizeof(kinds[0]));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_AGREED(memory_is_mapped_and_unmapped),
		TEST_AGREED(invalid_ranges_are_refused),
		TEST_AGREED(files_of_others_are_refused),
		TEST_AGREED(a_file_that_cannot_be_written_is_for_reading),
		TEST_AGREED(overlaps_are_refused),
		TEST_AGREED(only_whole_mappings_are_unmapped),
		TEST_AGREED(all_are_unmapped_and_mapped_again),
		TEST_AGREED(what_the_device_refuses_is_not_mapped),
		TEST_AGREED(a_client_that_leaves_is_unmapped),
		TEST_AGREED(what_stays_mapped_ends_the_service),
		TEST_AGREED(failed_calls_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
