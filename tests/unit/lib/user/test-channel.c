// SPDX-License-Identifier: MIT
// Messages and descriptors over a stream socket: in any pieces, in order, with
// what is invalid refused and nothing left open.

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "fake/kernel.h"
#include "lib/user/channel.h"

struct channel_test {
	struct fake_kernel *fake;
	struct channel channel;
	int peer; /* the other end */
};

static int channel_setup(void **state)
{
	static struct channel_test test;
	int ends[2];

	test = (struct channel_test){.fake = fake_kernel_new()};
	*state = &test;
	if (!test.fake || socketpair(AF_UNIX, SOCK_STREAM, 0, ends))
		return -1;
	test.peer = ends[0];
	channel_open(&test.channel, &test.fake->kernel,
		     fake_fd_give(test.fake, ends[1]));
	return 0;
}

static int channel_teardown(void **state)
{
	struct channel_test *test = *state;
	char why[128] = "";
	bool idle;

	channel_close(&test->channel);
	idle = fake_is_idle(test->fake, why, sizeof(why));
	if (!idle)
		print_error("left over: %s\n", why);
	fake_kernel_free(test->fake);
	if (test->peer >= 0)
		close(test->peer);
	return idle ? 0 : -1;
}

/* Sends bytes with @count copies of a descriptor. */
static void channel_peer_send(const struct channel_test *test, const void *data,
			      size_t size, unsigned int count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(64 * sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)data, size};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *c;

	if (count) {
		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(count * sizeof(int));
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(count * sizeof(int));
		for (unsigned int i = 0; i < count; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &test->peer,
			       sizeof(int));
	}
	assert_int_equal(sendmsg(test->peer, &message, 0), size);
}

struct channel_example {
	struct user_header header;
	uint8_t payload[100];
};

static struct channel_example channel_example(uint16_t id, uint32_t size)
{
	struct channel_example example = {
		.header = {.id = id, .command = 9, .size = 16 + size}};

	for (size_t i = 0; i < sizeof(example.payload); i++)
		example.payload[i] = (uint8_t)(id + i);
	return example;
}

static void assert_received(struct channel_test *test,
			    const struct channel_example *example,
			    unsigned int fds)
{
	const struct channel *c = &test->channel;

	assert_memory_equal(&c->header, &example->header, sizeof(c->header));
	assert_int_equal(c->size, example->header.size - 16);
	assert_memory_equal(c->payload, example->payload, c->size);
	assert_int_equal(c->fd_count, fds);
}

static void messages_are_received_in_any_pieces(void **state)
{
	struct channel_test *test = *state;
	struct channel_example example;

	for (uint32_t size = 1; size < 100; size += 49) {
		example = channel_example((uint16_t)size, size);
		for (size_t at = 0; at < 16 + size; at++) {
			assert_int_equal(channel_receive(&test->channel), 0);
			assert_int_equal(channel_is_receiving(&test->channel),
					 at != 0);
			channel_peer_send(test, (const char *)&example + at, 1,
					  !at);
		}
		assert_int_equal(channel_receive(&test->channel), 1);
		assert_received(test, &example, 1);
		assert_false(channel_is_receiving(&test->channel));
	}
	assert_int_equal(channel_receive(&test->channel), 0);
	assert_false(channel_is_receiving(&test->channel));
}

static void messages_in_one_piece_are_taken_apart(void **state)
{
	struct channel_test *test = *state;
	const struct channel_example first = channel_example(1, 0),
				     second = channel_example(2, 5);

	channel_peer_send(test, &first, 16, 2);
	channel_peer_send(test, &second, 21, 0);
	channel_peer_send(test, &second, 21, 3);
	assert_int_equal(channel_receive(&test->channel), 1);
	assert_received(test, &first, 2);
	assert_int_equal(channel_receive(&test->channel), 1);
	assert_received(test, &second, 0);
	assert_int_equal(channel_receive(&test->channel), 1);
	assert_received(test, &second, 3);
}

/* The last one is there in part. */
static void one_receive_takes_what_is_there(void **state)
{
	struct channel_test *test = *state;
	const struct channel_example example = channel_example(1, 5);
	struct user_header next;
	char bytes[10 * 21 + 20];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = ((const char *)&example)[i % 21];
	channel_peer_send(test, bytes, sizeof(bytes), 0);
	for (unsigned int i = 0; i < 10; i++) {
		assert_int_equal(channel_has_message(&test->channel, &next),
				 i > 0);
		assert_int_equal(channel_receive(&test->channel), 1);
		assert_received(test, &example, 0);
	}
	assert_false(channel_has_message(&test->channel, &next));
	assert_true(channel_is_receiving(&test->channel));
	assert_int_equal(channel_receive(&test->channel), 0);
	assert_int_equal(fake_count(test->fake, FAKE_RECEIVE, 0), 1);
	channel_peer_send(test, bytes + 20, 1, 0);
	assert_int_equal(channel_receive(&test->channel), 1);
	assert_received(test, &example, 0);
	assert_int_equal(fake_count(test->fake, FAKE_RECEIVE, 0), 2);
}

static void descriptors_are_taken_or_closed(void **state)
{
	struct channel_test *test = *state;
	const struct channel_example example = channel_example(1, 0);
	int fd;

	channel_peer_send(test, &example, 16, USER_FDS_MAX);
	assert_int_equal(channel_receive(&test->channel), 1);
	assert_received(test, &example, USER_FDS_MAX);
	fd = channel_take_fd(&test->channel, 3);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(channel_receive(&test->channel), 0);
	assert_int_equal(test->channel.fd_count, 0);
	assert_int_equal(test->fake->kernel.close(&test->fake->kernel, fd), 0);
}

static void too_many_descriptors_are_refused(void **state)
{
	struct channel_test *test = *state;
	const struct channel_example example = channel_example(1, 5);

	channel_peer_send(test, &example, 16, USER_FDS_MAX + 1);
	assert_int_equal(channel_receive(&test->channel), -EBADMSG);
}

static void descriptors_of_all_pieces_are_counted(void **state)
{
	struct channel_test *test = *state;
	const struct channel_example example = channel_example(1, 5);

	channel_peer_send(test, &example, 16, USER_FDS_MAX);
	channel_peer_send(test, example.payload, 5, 1);
	assert_int_equal(channel_receive(&test->channel), -EBADMSG);
}

static void impossible_sizes_are_refused(void **state)
{
	static const uint32_t sizes[] = {0, 15, 16 + USER_PAYLOAD_MAX + 1,
					 0x80000000, 0xffffffff};
	struct channel_test *test;
	struct channel_example example;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		test = *state;
		example = channel_example(1, 0);
		example.header.size = sizes[i];
		channel_peer_send(test, &example, 16, 1);
		assert_int_equal(channel_receive(&test->channel), -EBADMSG);
		assert_null(test->channel.payload);
		channel_teardown(state);
		channel_setup(state);
	}
}

static void an_end_is_noticed(void **state)
{
	struct channel_test *test = *state;
	const struct channel_example example = channel_example(1, 5);

	channel_peer_send(test, &example, 20, 0);
	assert_int_equal(channel_receive(&test->channel), 0);
	close(test->peer);
	test->peer = -1;
	assert_int_equal(channel_receive(&test->channel), -ECONNRESET);
	assert_non_null(channel_room(&test->channel, 0));
	assert_int_equal(channel_send(&test->channel, &example.header, 0, -1),
			 -EPIPE);
}

/* Receives what the channel sent. Returns the bytes; adds to *@fds. */
static size_t channel_peer_receive(const struct channel_test *test,
				   uint8_t *data, size_t size,
				   unsigned int *fds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec part = {data, size};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	ssize_t n = recvmsg(test->peer, &message, MSG_DONTWAIT);
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);
	int fd;

	if (n > 0 && c) {
		assert_int_equal(c->cmsg_len, CMSG_LEN(sizeof(int)));
		memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		close(fd);
		++*fds;
	}
	return n > 0 ? (size_t)n : 0;
}

/* More than the socket holds, so that it is sent in parts. */
static void large_messages_are_sent_in_parts(void **state)
{
	static uint8_t received[16 + USER_PAYLOAD_MAX];
	struct channel_test *test = *state;
	const struct user_header header = {.id = 7, .flags = USER_REPLY};
	size_t size = USER_PAYLOAD_MAX, n, have = 0;
	uint8_t *payload = channel_room(&test->channel, size);
	unsigned int fds = 0;
	struct user_header sent;

	assert_non_null(payload);
	for (size_t i = 0; i < size; i++)
		payload[i] = (uint8_t)(i / 251);
	assert_int_equal(
		channel_send(&test->channel, &header, size, test->peer), 0);
	assert_true(channel_is_sending(&test->channel));
	while (have < sizeof(received)) {
		n = channel_peer_receive(test, received + have,
					 sizeof(received) - have, &fds);
		have += n;
		assert_int_equal(channel_flush(&test->channel), 0);
	}
	assert_false(channel_is_sending(&test->channel));
	assert_int_equal(fds, 1);
	memcpy(&sent, received, sizeof(sent));
	assert_int_equal(sent.id, 7);
	assert_int_equal(sent.size, 16 + size);
	for (size_t i = 0; i < size; i++)
		if (received[16 + i] != (uint8_t)(i / 251))
			fail_msg("byte %zu", i);
}

static void failures_of_the_socket_are_returned(void **state)
{
	struct channel_test *test = *state;
	const struct channel_example example = channel_example(1, 0);

	test->fake->fault = (struct fake_fault){
		.op = FAKE_RECEIVE, .nth = 1, .err = ENOBUFS};
	assert_int_equal(channel_receive(&test->channel), -ENOBUFS);
	test->fake->fault =
		(struct fake_fault){.op = FAKE_RECEIVE, .nth = 1, .err = EINTR};
	assert_int_equal(channel_receive(&test->channel), 0);
	test->fake->fault =
		(struct fake_fault){.op = FAKE_SEND, .nth = 1, .err = EAGAIN};
	assert_int_equal(channel_send(&test->channel, &example.header, 0, -1),
			 0);
	assert_true(channel_is_sending(&test->channel));
	test->fake->fault =
		(struct fake_fault){.op = FAKE_SEND, .nth = 1, .err = ENOBUFS};
	assert_int_equal(channel_flush(&test->channel), -ENOBUFS);
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, channel_setup, channel_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(messages_are_received_in_any_pieces),
		TEST(messages_in_one_piece_are_taken_apart),
		TEST(one_receive_takes_what_is_there),
		TEST(descriptors_are_taken_or_closed),
		TEST(too_many_descriptors_are_refused),
		TEST(descriptors_of_all_pieces_are_counted),
		TEST(impossible_sizes_are_refused),
		TEST(an_end_is_noticed),
		TEST(large_messages_are_sent_in_parts),
		TEST(failures_of_the_socket_are_returned),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
