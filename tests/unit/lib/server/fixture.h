/* SPDX-License-Identifier: MIT */
/* A server of a device that notes what it is asked for, and a client. */
#ifndef TESTS_UNIT_LIB_SERVER_FIXTURE_H
#define TESTS_UNIT_LIB_SERVER_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/vfio.h>

#include <lend/server.h>

#include "fake/kernel.h"
#include "tests/unit/lib/server/peer.h"
#include "tests/unit/fake/failed.h"

#define PAGE 4096

struct server_test {
	struct fake_kernel *fake;
	struct lend_ctx *ctx;
	struct lend_server *server;
	int listening;
	int client; /* -1: not connected */
	struct peer_reply reply;

	/* The device. */
	uint8_t bytes[2 * PAGE]; /* region 0 */
	int file;                /* what clients map as region 0 */
	char done[2048];         /* each operation, such as "reset;" */
	unsigned int mapped;
	int err; /* the next operation fails with it, if not 0 */
	int err_at_unmap;
	char warning[512];
};

/* A server without a client; and one with a client and an agreed version. */
int server_setup(void **state);
int server_setup_agreed(void **state);
int server_teardown(void **state);

/* Connects a client, or another one. */
void user_client_connect(struct server_test *test);
void user_client_leave(struct server_test *test);

/* Lets the server do what it can. */
void server_run(struct server_test *test);

/* As that, while calls fail. Returns what lend_server_handle() did, -EAGAIN if
 * nothing was left to do. */
int server_run_failing(struct server_test *test);

/* Has the server's deadline pass. */
void server_skip_time(struct server_test *test);

/* Sends a command, and receives the reply. Returns its errno. */
int user_client_ask(struct server_test *test, uint16_t command,
		    const void *payload, size_t size, const int *fds,
		    unsigned int count);

/* As that without descriptors, for a structure. */
#define CLIENT_ASK(test, command, payload)                                     \
	user_client_ask(test, command, &(payload), sizeof(payload), NULL, 0)

void user_client_agree(struct server_test *test);

/* Asserts what the device did since the last time. */
void assert_done(struct server_test *test, const char *done);

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, server_setup, server_teardown)
#define TEST_AGREED(f)                                                         \
	cmocka_unit_test_setup_teardown(f, server_setup_agreed, server_teardown)

#endif
