// SPDX-License-Identifier: MIT
// The control socket: its path, its clients, and those that misbehave.
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "link.h"

static void a_client_that_does_not_read_is_disconnected(void **state)
{
	struct link *t = *state;

	link_ask(t, READY);
	for (int i = 0; i < 100000 && t->control.client >= 0; i++) {
		control_event_message(&t->control, "LEND_WARNING", NULL,
				      "a text that nobody reads");
		control_turn(&t->control,
			     (struct pollfd[CONTROL_POLLED]){{.fd = -1}});
	}
	assert_int_equal(t->control.client, -1);
	assert_int_equal(t->control.out.used, 0);
}

/* Answers that are not read stop the requests, not the machine. */
static void requests_wait_for_their_answers_to_be_read(void **state)
{
	static char asks[1 << 20];
	struct link *t = *state;
	ssize_t sent = 1;
	size_t used = 0;

	link_ask(t, READY);
	while (used + 64 < sizeof(asks))
		used += (size_t)sprintf(asks + used,
					"{\"execute\":\"query-commands\"}");
	for (int i = 0; i < 1000 && sent > 0; i++) {
		sent = send(t->client, asks, used, MSG_DONTWAIT);
		link_turn(t);
	}
	assert_int_equal(sent, -1);
	assert_true(t->control.client >= 0);
	assert_true(t->control.out.used > 0);
}

static void another_client_waits_for_its_turn(void **state)
{
	struct link *t = *state;
	int first = t->client;

	t->client = link_connect(t);
	link_turn(t);
	assert_string_equal(link_receive(t), "");
	close(first);
	link_turn(t);
	assert_non_null(strstr(link_receive(t), "{\"QMP\": "));
	assert_non_null(strstr(link_ask(t, "{\"execute\":\"stop\"}"),
			       "Expecting capabilities negotiation"));
}

/* As socat does at the end of its input. */
static void answers_follow_the_last_request(void **state)
{
	struct link *t = *state;

	assert_int_equal(send(t->client, READY, strlen(READY), 0),
			 strlen(READY));
	shutdown(t->client, SHUT_WR);
	link_turn(t);
	assert_string_equal(link_receive(t), EMPTY);
	assert_int_equal(t->control.client, -1);
}

static void events_wait_for_capabilities(void **state)
{
	struct link *t = *state;

	control_event(&t->control, "STOP");
	link_turn(t);
	assert_string_equal(link_receive(t), "");
}

static void warnings_become_events(void **state)
{
	struct link *t = *state;
	int wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	uint64_t count;

	link_ask(t, READY);
	warnings_set_wake(&t->warnings, wake);
	for (int i = 0; i < WARNINGS_MAX + 1; i++)
		warnings_add(&t->warnings, "a \"warning\"");
	assert_int_equal(read(wake, &count, sizeof(count)), sizeof(count));
	link_turn(t);
	link_receive(t);
	assert_non_null(strstr(t->answer,
			       "\"event\": \"LEND_WARNING\", \"data\": "
			       "{\"message\": \"a \\\"warning\\\"\"}}\r\n"));
	close(wake);
}

static void the_socket_is_its_owners_alone(void **state)
{
	struct link *t = *state;
	struct stat st;

	assert_int_equal(stat(t->path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void a_path_in_use_is_refused(void **state)
{
	struct link *t = *state;
	struct link other = {.ctx = t->ctx};
	FILE *file;

	strcpy(other.path, t->path);
	control_init(&other.control);
	assert_int_equal(link_listen(&other), -EADDRINUSE);
	control_close(&other.control);
	snprintf(other.path, sizeof(other.path), "%s/file", t->directory);
	file = fopen(other.path, "w");
	assert_non_null(file);
	fclose(file);
	assert_int_equal(link_listen(&other), -EADDRINUSE);
	control_close(&other.control);
	assert_int_equal(unlink(other.path), 0);
	strcpy(other.path, "/nonexistent/qmp");
	assert_int_equal(link_listen(&other), -ENOENT);
	control_close(&other.control);
	assert_int_equal(access(t->path, F_OK), 0);
}

static void a_stale_socket_is_replaced(void **state)
{
	struct link *t = *state;
	struct link other = {.ctx = t->ctx};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(other.path, sizeof(other.path), "%s/old", t->directory);
	strcpy(address.sun_path, other.path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)),
			 0);
	close(fd);
	control_init(&other.control);
	assert_int_equal(link_listen(&other), 0);
	control_close(&other.control);
	assert_int_equal(access(other.path, F_OK), -1);
}

/* What another program put there stays. */
static void another_socket_at_the_path_stays(void **state)
{
	struct link *t = *state;
	struct link other = {.ctx = t->ctx};
	FILE *file;

	snprintf(other.path, sizeof(other.path), "%s/new", t->directory);
	control_init(&other.control);
	assert_int_equal(link_listen(&other), 0);
	assert_int_equal(unlink(other.path), 0);
	file = fopen(other.path, "w");
	assert_non_null(file);
	fclose(file);
	control_close(&other.control);
	assert_int_equal(unlink(other.path), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LINK_TEST(a_client_that_does_not_read_is_disconnected),
		LINK_TEST(requests_wait_for_their_answers_to_be_read),
		LINK_TEST(another_client_waits_for_its_turn),
		LINK_TEST(answers_follow_the_last_request),
		LINK_TEST(events_wait_for_capabilities),
		LINK_TEST(warnings_become_events),
		LINK_TEST(the_socket_is_its_owners_alone),
		LINK_TEST(a_path_in_use_is_refused),
		LINK_TEST(a_stale_socket_is_replaced),
		LINK_TEST(another_socket_at_the_path_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
