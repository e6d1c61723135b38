// SPDX-License-Identifier: MIT
// Files that are opened as a disk's image, and those that are refused.

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "fixture.h"

struct image_test {
	struct lend_ctx *ctx;
	struct image image;
	char path[32];
};

static int image_setup(void **state)
{
	static struct image_test test;
	int fd;

	*state = &test;
	image_init(&test.image);
	strcpy(test.path, "/tmp/lend-image-XXXXXX");
	fd = mkstemp(test.path);
	if (fd < 0 || ftruncate(fd, 64 * 1024) || close(fd))
		return -1;
	return lend_ctx_new(NULL, &test.ctx);
}

static int image_teardown(void **state)
{
	struct image_test *test = *state;

	image_close(&test->image);
	lend_ctx_unref(test->ctx);
	return unlink(test->path);
}

static int image_reopen(struct image_test *test, const char *path,
			bool is_read_only, bool is_direct)
{
	const struct image_options options = {path, is_read_only, is_direct};

	image_close(&test->image);
	return image_open(&test->image, test->ctx, &options);
}

static void a_file_is_opened(void **state)
{
	struct image_test *test = *state;
	uint64_t id;

	assert_int_equal(image_reopen(test, test->path, false, false), 0);
	assert_int_equal(test->image.size, 64 * 1024);
	assert_int_equal(test->image.block, 512);
	id = test->image.id;
	assert_int_equal(image_reopen(test, test->path, true, false), 0);
	assert_true(id == test->image.id);
	assert_int_equal(truncate(test->path, 1025), 0);
	assert_int_equal(image_reopen(test, test->path, true, false), 0);
	assert_int_equal(test->image.size, 1024);
}

static void assert_image_refused(struct image_test *test, const char *path,
				 int err, const char *what)
{
	const struct lend_error *e = lend_ctx_error(test->ctx);

	assert_int_equal(image_reopen(test, path, false, false), err);
	if (!strstr(e->what, what) || !strstr(e->what, path))
		fail_msg("%s", e->what);
}

static void other_things_are_refused(void **state)
{
	struct image_test *test = *state;

	assert_image_refused(test, "/nowhere/at/all", -ENOENT, "No such file");
	assert_image_refused(test, "/dev/null", -EINVAL, "neither");
	assert_image_refused(test, "/tmp", -EISDIR, "directory");
	assert_int_equal(truncate(test->path, 511), 0);
	assert_image_refused(test, test->path, -EINVAL, "empty");
}

static void two_do_not_share_a_file_to_write(void **state)
{
	struct image_test *test = *state, other = *test;

	image_init(&other.image);
	assert_int_equal(image_reopen(test, test->path, false, false), 0);
	assert_image_refused(&other, test->path, -EBUSY, "in use");
	assert_int_equal(image_reopen(&other, test->path, true, false), -EBUSY);
	assert_int_equal(image_reopen(test, test->path, true, false), 0);
	assert_int_equal(image_reopen(&other, test->path, true, false), 0);
	image_close(&other.image);
}

/* With O_DIRECT, where the file system has it. */
static void what_is_not_aligned_is_transferred_too(void **state)
{
	_Alignas(4096) static uint8_t bytes[8192];
	struct image_test *test = *state;
	struct iovec part = {bytes, 4096};

	if (image_reopen(test, test->path, false, true))
		skip();
	memset(bytes, 0x77, sizeof(bytes));
	assert_int_equal(image_store(&test->image, &part, 1, 4096, false), 0);
	part = (struct iovec){bytes + 4, 512};
	memset(bytes, 0, sizeof(bytes));
	assert_int_equal(image_load(&test->image, &part, 1, 4096), 0);
	assert_int_equal(bytes[3], 0);
	assert_int_equal(bytes[4], 0x77);
	assert_int_equal(bytes[515], 0x77);
	part = (struct iovec){bytes, 4096};
	assert_int_equal(image_load(&test->image, &part, 1, 8192 - 4096), 0);
	assert_int_equal(bytes[4095], 0x77);
}

static void a_full_device_fails_a_write(void **state)
{
	struct image_test *test = *state;
	struct rlimit before, little = {4096, 0};
	uint8_t bytes[512] = {0};
	struct iovec part = {bytes, sizeof(bytes)};

	/* Beyond the limit of a file's size it is as on a full device. */
	assert_int_equal(image_reopen(test, test->path, false, false), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little.rlim_max = before.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	assert_int_equal(image_store(&test->image, &part, 1, 8192, false),
			 -EFBIG);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

#define TEST_IMAGE(f)                                                          \
	cmocka_unit_test_setup_teardown(f, image_setup, image_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_IMAGE(a_file_is_opened),
		TEST_IMAGE(other_things_are_refused),
		TEST_IMAGE(two_do_not_share_a_file_to_write),
		TEST_IMAGE(what_is_not_aligned_is_transferred_too),
		TEST_IMAGE(a_full_device_fails_a_write),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
