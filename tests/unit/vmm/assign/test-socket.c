// SPDX-License-Identifier: MIT
// Servers that cannot be reached, or leave at once: each is refused with a
// remedy, and nothing stays open.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "tests/unit/fake/entries.h"
#include "tests/unit/vmm/context.h"
#include "vmm/assign/open.h"
#include "vmm/assign/socket.h"

#define PATIENCE 60000 /* milliseconds */

struct dial_test {
	struct sockaddr_un address;
	int listening;
};

static int dial_setup(void **state)
{
	static struct dial_test test;

	test = (struct dial_test){.address.sun_family = AF_UNIX};
	snprintf(test.address.sun_path, sizeof(test.address.sun_path),
		 "/tmp/lend-socket-%ld", (long)getpid());
	test.listening =
		socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	*state = &test;
	return bind(test.listening, (const struct sockaddr *)&test.address,
		    sizeof(test.address));
}

static int dial_teardown(void **state)
{
	struct dial_test *test = *state;

	unlink(test->address.sun_path);
	close(test->listening);
	return 0;
}

/* Returns what the open of @path did, which left nothing open. */
static int dial_open(const char *path, const char *fact, const char *remedy)
{
	const struct assign_open how = {
		.fd = -1, .name = "net0", .socket = path};
	unsigned int before = entries_count("/proc/self/fd");
	struct lend_device *device = NULL;
	struct lend_ctx *ctx;
	int err;

	assert_int_equal(lend_ctx_new(NULL, &ctx), 0);
	err = assign_open_socket(ctx, &how, &device);
	assert_null(device);
	assert_string_equal(lend_ctx_error(ctx)->device, "net0");
	if (!context_says(ctx, fact) || !context_says(ctx, remedy))
		fail_msg("%s\n%s\n%s", lend_ctx_error(ctx)->what,
			 lend_ctx_error(ctx)->evidence,
			 lend_ctx_error(ctx)->remedy);
	lend_ctx_unref(ctx);
	assert_int_equal(entries_count("/proc/self/fd"), before);
	return err;
}

static void a_server_that_is_not_there_is_to_be_started(void **state)
{
	struct dial_test *test = *state;
	const char *path = test->address.sun_path;

	assert_int_equal(
		dial_open("/tmp/lend-none", "/tmp/lend-none: No such file",
			  "start the server of the device first, as lend "
			  "serve -socket /tmp/lend-none"),
		-ENOENT);
	/* A stale socket. */
	assert_int_equal(
		dial_open(path, "Connection refused", "start the server"),
		-ECONNREFUSED);
}

static void a_path_that_does_not_fit_is_refused(void **state)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];

	(void)state;
	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(dial_open(path, "the path of the socket is too long",
				   "it may have 107 bytes"),
			 -ENAMETOOLONG);
	/* One byte less is looked for. */
	path[sizeof(path) - 2] = '\0';
	assert_int_equal(dial_open(path, "No such file", "start the server"),
			 -ENOENT);
}

/* Nobody waits for a server that accepts no more. */
static void a_server_that_accepts_nobody_is_refused(void **state)
{
	struct dial_test *test = *state;
	int client = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(listen(test->listening, 0), 0);
	assert_int_equal(connect(client,
				 (const struct sockaddr *)&test->address,
				 sizeof(test->address)),
			 0);
	assert_int_equal(dial_open(test->address.sun_path, "cannot connect",
				   "check that it runs"),
			 -EAGAIN);
	close(client);
}

static void *dial_hang_up(void *opaque)
{
	struct dial_test *test = opaque;
	struct pollfd client = {.fd = test->listening, .events = POLLIN};

	if (poll(&client, 1, PATIENCE) == 1)
		close(accept(test->listening, NULL, NULL));
	return NULL;
}

static void a_server_that_leaves_at_once_is_refused(void **state)
{
	struct dial_test *test = *state;
	pthread_t thread;

	assert_int_equal(listen(test->listening, 1), 0);
	assert_int_equal(pthread_create(&thread, NULL, dial_hang_up, test), 0);
	assert_int_equal(
		dial_open(test->address.sun_path, "server", "the connection"),
		-ENODEV);
	pthread_join(thread, NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, dial_setup, dial_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_server_that_is_not_there_is_to_be_started),
		TEST(a_path_that_does_not_fit_is_refused),
		TEST(a_server_that_accepts_nobody_is_refused),
		TEST(a_server_that_leaves_at_once_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
