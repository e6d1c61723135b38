// SPDX-License-Identifier: MIT
// lend serve listens at a path, or takes the one socket of a service manager.

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "cli/serve/socket.h"
#include "vmm/control/path.h"
#include "vmm/sandbox/privileges.h"

#define PASSED 3

static int socket_setup(void **state)
{
	char pid[32];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	return lend_ctx_new(NULL, (struct lend_ctx **)state);
}

static int socket_teardown(void **state)
{
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	close(PASSED);
	*state = lend_ctx_unref(*state);
	return 0;
}

/* A socket as a service manager passes it. */
static void pass_socket(int type, bool listens)
{
	const sa_family_t family = AF_UNIX;
	int fd = socket(AF_UNIX, type, 0);

	assert_true(fd >= 0);
	assert_int_equal(
		bind(fd, (const struct sockaddr *)&family, sizeof(family)), 0);
	if (listens)
		assert_int_equal(listen(fd, 1), 0);
	if (fd == PASSED)
		return;
	assert_int_equal(dup2(fd, PASSED), PASSED);
	close(fd);
}

static int open_socket(struct lend_ctx *ctx, const char *text,
		       struct control_path *path)
{
	const struct user_identity identity = {0};

	control_path_init(path, "-socket");
	return serve_socket_open(ctx, text, &identity, path);
}

static void the_passed_socket_is_taken(void **state)
{
	struct control_path path;

	pass_socket(SOCK_STREAM, true);
	assert_int_equal(open_socket(*state, NULL, &path), PASSED);
	assert_true(fcntl(PASSED, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(PASSED, F_GETFD) & FD_CLOEXEC);
	control_path_close(&path);
}

static void assert_refused(struct lend_ctx *ctx, const char *what)
{
	const struct lend_error *e = lend_ctx_error(ctx);
	struct control_path path;

	assert_int_equal(open_socket(ctx, NULL, &path), -EINVAL);
	assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
	if (!strstr(e->what, what))
		fail_msg("%s", e->what);
	assert_true(*e->remedy);
	control_path_close(&path);
}

static void other_descriptors_are_refused(void **state)
{
	assert_refused(*state, "no Unix stream socket");
	pass_socket(SOCK_STREAM, false);
	assert_refused(*state, "no Unix stream socket");
	pass_socket(SOCK_SEQPACKET, true);
	assert_refused(*state, "no Unix stream socket");
	setenv("LISTEN_FDS", "2", 1);
	assert_refused(*state, "not exactly one");
}

/* The variables are inherited by whatever the process starts. */
static void sockets_of_another_process_are_not_taken(void **state)
{
	pass_socket(SOCK_STREAM, true);
	setenv("LISTEN_PID", "1", 1);
	assert_refused(*state, "no socket given");
	unsetenv("LISTEN_PID");
	assert_refused(*state, "no socket given");
}

static void a_path_comes_first(void **state)
{
	char directory[] = "/tmp/lend-serve-XXXXXX", text[64];
	struct control_path path, other;
	struct stat st;
	int fd;

	pass_socket(SOCK_STREAM, true);
	assert_non_null(mkdtemp(directory));
	snprintf(text, sizeof(text), "%s/socket", directory);
	fd = open_socket(*state, text, &path);
	assert_true(fd > PASSED);
	assert_int_equal(stat(text, &st), 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0600);
	assert_int_equal(open_socket(*state, text, &other), -EADDRINUSE);
	assert_non_null(strstr(lend_ctx_error(*state)->what, "-socket: "));
	control_path_close(&other);
	close(fd);
	control_path_close(&path);
	assert_int_equal(stat(text, &st), -1);
	rmdir(directory);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, socket_setup, socket_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_passed_socket_is_taken),
		TEST(other_descriptors_are_refused),
		TEST(sockets_of_another_process_are_not_taken),
		TEST(a_path_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
