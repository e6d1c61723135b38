// SPDX-License-Identifier: MIT
// Clients of a server come, break the rules and go; the device is clean after
// each.

#include "fixture.h"

static void a_version_is_agreed_on(void **state)
{
	struct server_test *test = *state;
	const struct user_version_head *head = (void *)test->reply.payload;

	user_client_connect(test);
	user_client_agree(test);
	assert_int_equal(head->major, 0);
	assert_int_equal(head->minor, 0);
	assert_non_null(strstr((const char *)test->reply.payload + 4,
			       "\"max_msg_fds\":16"));
	assert_int_equal(test->reply.payload[test->reply.size - 1], 0);
}

static void devices_are_described(void **state)
{
	struct server_test *test = *state;
	struct user_device_info info = {.argsz = sizeof(info)};

	assert_int_equal(CLIENT_ASK(test, USER_DEVICE_GET_INFO, info), 0);
	memcpy(&info, test->reply.payload, sizeof(info));
	assert_int_equal(info.argsz, 16);
	assert_int_equal(info.flags,
			 VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	assert_int_equal(info.region_count, 4);
	assert_int_equal(info.irq_count, 3);
	info.argsz = 15;
	assert_int_equal(CLIENT_ASK(test, USER_DEVICE_GET_INFO, info), EINVAL);
}

/* Sends bytes as a client's first, and asserts that it is disconnected. */
static void assert_thrown_out(struct server_test *test, const void *bytes,
			      size_t size, const char *why)
{
	test->warning[0] = '\0';
	user_client_connect(test);
	assert_true(peer_send_bytes(test->client, bytes, size, NULL, 0));
	server_run(test);
	assert_false(lend_server_has_client(test->server));
	peer_receive(test->client, &test->reply);
	assert_true(peer_is_closed(test->client));
	close(test->client);
	test->client = -1;
	if (!strstr(test->warning, why))
		fail_msg("%s: %s", why, test->warning);
	assert_done(test, "reset;left;");
}

static void clients_without_a_version_are_disconnected(void **state)
{
	static const struct {
		struct user_header header;
		char payload[8];
		size_t size;
	} cases[] = {
		{{.command = USER_DEVICE_RESET, .size = 16}, "", 16},
		{{.command = USER_DEVICE_GET_INFO, .size = 24}, "", 24},
		{{.command = USER_VERSION, .size = 18}, "", 18},
		{{.command = USER_VERSION, .size = 20}, "\1", 20},
		{{.command = USER_VERSION, .size = 22}, "\0\0\0\0xy", 22},
		{{.command = USER_VERSION, .size = 22}, "\0\0\0\0{", 22},
		{{.command = USER_VERSION, .size = 20, .flags = USER_REPLY},
		 "",
		 20},
		{{.command = USER_VERSION, .size = 15}, "", 16},
		{{.command = USER_VERSION, .size = UINT32_MAX}, "", 16},
		{{.command = 0, .size = 16}, "", 16},
		{{.command = UINT16_MAX, .size = 16}, "", 16},
	};
	struct server_test *test = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_thrown_out(test, &cases[i], cases[i].size,
				  "disconnected");
}

static void an_agreed_client_may_err(void **state)
{
	struct server_test *test = *state;
	static const uint16_t unsupported[] = {0,  6,  11, 12, 14,    15,
					       16, 17, 18, 19, 0xffff};
	char payload[64] = "";

	for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]);
	     i++)
		assert_int_equal(CLIENT_ASK(test, unsupported[i], payload),
				 ENOTSUP);
	assert_int_equal(CLIENT_ASK(test, USER_VERSION, payload), EINVAL);
	assert_int_equal(
		user_client_ask(test, USER_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	assert_done(test, "reset;");
}

/* One byte too few of each, and a descriptor too many. */
static void payloads_have_their_sizes(void **state)
{
	static const struct {
		uint16_t command;
		size_t least;
		unsigned int fds;
	} cases[] = {
		{USER_DMA_MAP, 32, 2},
		{USER_DMA_UNMAP, 24, 1},
		{USER_DEVICE_GET_INFO, 16, 1},
		{USER_DEVICE_GET_REGION_INFO, 32, 1},
		{USER_DEVICE_GET_IRQ_INFO, 16, 1},
		{USER_DEVICE_SET_IRQS, 20, 0},
		{USER_REGION_READ, 16, 1},
		{USER_REGION_WRITE, 16, 1},
	};
	struct server_test *test = *state;
	const int fds[2] = {test->file, test->file};
	uint32_t payload[8] = {32};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t size = 0; size < cases[i].least; size++)
			assert_int_equal(user_client_ask(test, cases[i].command,
							 payload, size, NULL,
							 0),
					 EINVAL);
		if (cases[i].fds)
			assert_int_equal(user_client_ask(test, cases[i].command,
							 payload,
							 cases[i].least, fds,
							 cases[i].fds),
					 EINVAL);
	}
	assert_int_equal(
		user_client_ask(test, USER_DEVICE_RESET, NULL, 0, fds, 1),
		EINVAL);
	assert_done(test, "");
}

static void the_first_refusal_is_logged(void **state)
{
	struct server_test *test = *state;
	char byte = 0;

	assert_int_equal(CLIENT_ASK(test, USER_DMA_MAP, byte), EINVAL);
	assert_string_equal(test->warning,
			    "device: a request of the client was refused: "
			    "DMA_MAP has 1 bytes, and not 32 or more");
	test->warning[0] = '\0';
	assert_int_equal(CLIENT_ASK(test, USER_DMA_MAP, byte), EINVAL);
	assert_string_equal(test->warning, "");
}

static void replies_are_sent_where_they_are_expected(void **state)
{
	struct server_test *test = *state;
	const struct user_region_access read = {0, 0, 4};

	assert_true(peer_send(test->client, USER_DEVICE_RESET, USER_NO_REPLY,
			      NULL, 0, NULL, 0));
	assert_true(
		peer_send(test->client, 77, USER_NO_REPLY, NULL, 0, NULL, 0));
	assert_int_equal(CLIENT_ASK(test, USER_REGION_READ, read), 0);
	assert_done(test, "reset;read 0,0,4;");
}

static void a_reply_to_nothing_ends_the_connection(void **state)
{
	struct server_test *test = *state;

	assert_true(peer_send(test->client, USER_DMA_READ, USER_REPLY, NULL, 0,
			      NULL, 0));
	server_run(test);
	assert_false(lend_server_has_client(test->server));
	assert_done(test, "reset;left;");
}

static void a_second_client_is_refused(void **state)
{
	struct server_test *test = *state;
	int second = peer_connect(test->listening);

	server_run(test);
	assert_true(peer_is_closed(second));
	close(second);
	assert_string_equal(test->warning,
			    "device: a second client was refused: the device "
			    "is in use by the first");
	assert_int_equal(
		user_client_ask(test, USER_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	user_client_leave(test);
	assert_done(test, "reset;reset;left;");
	user_client_connect(test);
	user_client_agree(test);
}

/* A client's successor may be there before the server knows that it left. */
static void a_successor_waits_for_the_reset(void **state)
{
	struct server_test *test = *state;

	close(test->client);
	test->client = peer_connect(test->listening);
	server_run(test);
	assert_done(test, "reset;left;");
	user_client_agree(test);
}

static void a_silent_client_is_disconnected(void **state)
{
	struct server_test *test = *state;
	struct pollfd fds[LEND_SERVER_POLL];
	const char *why = "no version";
	int timeout;

	user_client_connect(test);
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(lend_server_poll(test->server, fds, &timeout),
				 2);
		assert_true(timeout >= 0 && timeout <= 5000);
		server_skip_time(test);
		server_run(test);
		assert_false(lend_server_has_client(test->server));
		assert_non_null(strstr(test->warning, why));
		why = "did not end";
		close(test->client);
		user_client_connect(test);
		user_client_agree(test);
		lend_server_poll(test->server, fds, &timeout);
		assert_int_equal(timeout, -1);
		assert_true(peer_send_bytes(test->client, "", 1, NULL, 0));
		server_run(test);
	}
}

/* The socket is full of replies that nobody reads. */
static void a_client_that_reads_nothing_is_disconnected(void **state)
{
	const struct user_region_access read = {0, 0, 2 * PAGE};
	struct pollfd fds[LEND_SERVER_POLL];
	struct server_test *test = *state;
	int timeout = -1;

	for (unsigned int i = 0; i < 1000 && timeout < 0; i++) {
		assert_true(peer_send(test->client, USER_REGION_READ, 0, &read,
				      sizeof(read), NULL, 0));
		test->done[0] = '\0';
		server_run(test);
		lend_server_poll(test->server, fds, &timeout);
	}
	assert_true(timeout >= 0);
	assert_int_equal(fds[1].events, POLLOUT);
	server_skip_time(test);
	server_run(test);
	assert_false(lend_server_has_client(test->server));
	assert_non_null(strstr(test->warning, "received no reply"));
}

static void accept_failures_are_returned(void **state)
{
	static const int harmless[] = {EAGAIN, EINTR, ECONNABORTED};
	struct server_test *test = *state;

	test->client = peer_connect(test->listening);
	for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		test->fake->fault = (struct fake_fault){
			.op = FAKE_ACCEPT, .nth = 1, .err = harmless[i]};
		server_run(test);
	}
	assert_true(lend_server_has_client(test->server));
	close(test->client);
	test->client = peer_connect(test->listening);
	test->fake->fault =
		(struct fake_fault){.op = FAKE_ACCEPT, .nth = 1, .err = EMFILE};
	assert_int_equal(server_run_failing(test), -EMFILE);
	assert_non_null(
		strstr(lend_ctx_error(test->ctx)->what, "accept a client"));
}

static void a_failed_reset_is_logged(void **state)
{
	struct server_test *test = *state;

	close(test->client);
	test->client = -1;
	test->err = -EAGAIN;
	server_run(test);
	assert_non_null(strstr(test->warning, "not reset after its client"));
	assert_done(test, "reset;left;");
}

/* No poll returns for those that one receive took. */
static void requests_in_one_piece_are_all_answered(void **state)
{
	struct server_test *test = *state;
	struct user_header requests[100];

	for (uint16_t i = 0; i < 100; i++)
		requests[i] = (struct user_header){
			.id = i,
			.command = USER_DEVICE_RESET,
			.flags = USER_NO_REPLY,
			.size = sizeof(requests[i]),
		};
	assert_true(peer_send_bytes(test->client, requests, sizeof(requests),
				    NULL, 0));
	server_run(test);
	assert_int_equal(strlen(test->done), 100 * strlen("reset;"));
	test->done[0] = '\0';
}

/* What an access to a register costs. */
static void a_request_is_received_and_answered_by_a_call_each(void **state)
{
	struct server_test *test = *state;
	const struct user_region_access access = {.count = 4};

	fake_log_clear(test->fake);
	assert_int_equal(CLIENT_ASK(test, USER_REGION_READ, access), 0);
	assert_int_equal(fake_count(test->fake, FAKE_RECEIVE, 0), 1);
	assert_int_equal(fake_count(test->fake, FAKE_SEND, 0), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_version_is_agreed_on),
		TEST_AGREED(devices_are_described),
		TEST(clients_without_a_version_are_disconnected),
		TEST_AGREED(an_agreed_client_may_err),
		TEST_AGREED(payloads_have_their_sizes),
		TEST_AGREED(the_first_refusal_is_logged),
		TEST_AGREED(replies_are_sent_where_they_are_expected),
		TEST_AGREED(a_reply_to_nothing_ends_the_connection),
		TEST_AGREED(a_second_client_is_refused),
		TEST_AGREED(a_successor_waits_for_the_reset),
		TEST(a_silent_client_is_disconnected),
		TEST_AGREED(a_client_that_reads_nothing_is_disconnected),
		TEST(accept_failures_are_returned),
		TEST_AGREED(a_failed_reset_is_logged),
		TEST_AGREED(requests_in_one_piece_are_all_answered),
		TEST_AGREED(a_request_is_received_and_answered_by_a_call_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
