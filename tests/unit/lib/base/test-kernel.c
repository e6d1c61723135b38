// SPDX-License-Identifier: MIT
// The running kernel's side of the seam: descriptors are closed on exec, and a
// file is not created through a link.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "lib/base/kernel.h"

static char directory[] = "/tmp/test-kernel-XXXXXX";

static int kernel_test_setup(void **state)
{
	*state = (void *)(uintptr_t)kernel_real();
	return mkdtemp(directory) && !chdir(directory) ? 0 : -1;
}

static int kernel_test_teardown(void **state)
{
	(void)state;
	return chdir("/") || rmdir(directory);
}

static void assert_closed_on_exec(int fd)
{
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void descriptors_are_closed_on_exec(void **state)
{
	const struct kernel *k = *state;

	assert_closed_on_exec(k->open(k, "/dev/null", O_RDONLY));
	assert_closed_on_exec(k->create(k, "file", 0600));
	assert_closed_on_exec(k->eventfd(k));
	assert_int_equal(unlink("file"), 0);
}

/* Who may write into a directory cannot choose another file. */
static void a_file_is_not_created_through_a_link(void **state)
{
	const struct kernel *k = *state;

	assert_int_equal(symlink("elsewhere", "link"), 0);
	assert_int_equal(k->create(k, "link", 0600), -ELOOP);
	assert_int_equal(access("elsewhere", F_OK), -1);
	assert_int_equal(unlink("link"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(descriptors_are_closed_on_exec),
		cmocka_unit_test(a_file_is_not_created_through_a_link),
	};

	return cmocka_run_group_tests(tests, kernel_test_setup,
				      kernel_test_teardown);
}
