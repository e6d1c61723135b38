// SPDX-License-Identifier: MIT
// Console: the Ctrl-a keys, and output without a reader.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>

#include "tests/unit/vmm/context.h"
#include "vmm/console/console.h"
#include "vmm/console/serial.h"

static void keys_are_filtered_from_input(void **state)
{
	static const struct {
		const char *typed;
		const char *passed;
		enum console_action last;
	} cases[] = {
		{"abc", "abc", CONSOLE_PASS},
		{"a\001", "a", CONSOLE_EAT},
		{"\001\001", "\001", CONSOLE_PASS},
		{"\001x", "", CONSOLE_QUIT},
		{"\001X", "", CONSOLE_QUIT},
		{"\001h", "", CONSOLE_HELP},
		{"\001zx", "x", CONSOLE_PASS},
		{"\001\001x", "\001x", CONSOLE_PASS},
		{"\003\032", "\003\032", CONSOLE_PASS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct console_keys keys = {0};
		enum console_action action = CONSOLE_PASS;
		char passed[8] = "";
		size_t n = 0;

		for (const char *c = cases[i].typed; *c; c++) {
			action = console_key(&keys, (uint8_t)*c);
			if (action == CONSOLE_PASS)
				passed[n++] = *c;
		}
		assert_string_equal(passed, cases[i].passed);
		assert_int_equal(action, cases[i].last);
	}
}

/* A guest that writes more whenever its bytes are written. */
static struct flood {
	struct console *console; /* NULL: there is none */
	unsigned int writes;
} flood;

#define FLOOD_MAX 10000

/* A terminal that takes ten bytes a second. */
static struct {
	struct console *console; /* NULL: there is none */
	unsigned int writes;
	long ms;
} slow;

/* An output that takes nothing. */
static struct {
	struct console *console; /* NULL: there is none */
	int err;
} broken;

ssize_t write(int fd, const void *data, size_t size)
{
	if (broken.console && fd == broken.console->out) {
		errno = broken.err;
		return -1;
	}
	if (flood.console && fd == flood.console->out &&
	    ++flood.writes < FLOOD_MAX)
		console_put(flood.console, 'x');
	if (slow.console && fd == slow.console->out) {
		slow.writes++;
		slow.ms += 100;
		size = 1;
	}
	return syscall(SYS_write, fd, data, size);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
	if (!slow.console)
		return (int)syscall(SYS_clock_gettime, clock, now);
	now->tv_sec = slow.ms / 1000;
	now->tv_nsec = slow.ms % 1000 * 1000000;
	return 0;
}

static void no_line(void *opaque, bool level)
{
	(void)opaque;
	(void)level;
}

static size_t no_transmit(void *opaque, uint8_t byte)
{
	(void)opaque;
	(void)byte;
	return 1000;
}

static void no_ready(void *opaque)
{
	(void)opaque;
}

static const struct serial_ops quiet = {no_line, no_transmit, no_ready};

struct plumbing {
	struct lend_ctx *ctx;
	struct serial serial;
	struct console console;
	int in[2], out[2]; /* pipes in place of stdin and stdout */
	int saved_in, saved_out, wake;
};

static int console_setup(void **state)
{
	struct plumbing *p = calloc(1, sizeof(*p));

	*state = p;
	if (lend_ctx_new(NULL, &p->ctx) || pipe(p->in) || pipe(p->out))
		return -1;
	p->saved_in = dup(0);
	p->saved_out = dup(1);
	dup2(p->in[0], 0);
	dup2(p->out[1], 1);
	p->wake = eventfd(0, EFD_NONBLOCK);
	serial_init(&p->serial, &quiet, p);
	return console_open(&p->console, p->ctx, p->wake);
}

static int console_teardown(void **state)
{
	struct plumbing *p = *state;

	console_stop(&p->console);
	console_close(&p->console);
	dup2(p->saved_in, 0);
	dup2(p->saved_out, 1);
	for (int i = 0; i < 2; i++) {
		close(p->in[i]);
		close(p->out[i]);
	}
	close(p->saved_in);
	close(p->saved_out);
	close(p->wake);
	serial_destroy(&p->serial);
	lend_ctx_unref(p->ctx);
	free(p);
	return 0;
}

/* One turn of the main loop, without waiting. */
static bool console_turn(struct plumbing *p)
{
	struct pollfd fds[CONSOLE_POLLED];

	console_poll(&p->console, fds);
	poll(fds, CONSOLE_POLLED, 0);
	return console_move(&p->console, fds, &p->serial);
}

static void output_comes_out_in_order(void **state)
{
	struct plumbing *p = *state;
	char text[16] = "";

	for (const char *c = "hello"; *c; c++)
		console_put(&p->console, (uint8_t)*c);
	assert_false(console_turn(p));
	assert_int_equal(read(p->out[0], text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
}

static void a_stuck_reader_blocks_no_writer(void **state)
{
	struct plumbing *p = *state;
	size_t room = CONSOLE_RING;
	uint8_t buffer[4096];

	/* More than the pipe and the ring hold; no call may block. */
	for (unsigned int i = 0; i < 200000; i++) {
		room = console_put(&p->console, 'x');
		if (i % 4096 == 0)
			console_turn(p);
	}
	assert_int_equal(room, 0);
	assert_int_equal(read(p->out[0], buffer, sizeof(buffer)),
			 sizeof(buffer));
	console_turn(p);
	assert_true(console_put(&p->console, 'y') > 0);
	/* Let console_stop() finish at once. */
	close(p->out[0]);
	p->out[0] = dup(p->saved_out);
}

/* Signals and device requests from the host are still handled. */
static void a_flood_lets_the_main_loop_go_on(void **state)
{
	struct plumbing *p = *state;

	console_put(&p->console, 'x');
	flood = (struct flood){.console = &p->console};
	assert_false(console_turn(p));
	flood.console = NULL;
	assert_in_range(flood.writes, 1, 100);
}

/* Devices are still open meanwhile, and the host may request them. */
static void the_last_output_has_a_second(void **state)
{
	struct plumbing *p = *state;

	for (unsigned int i = 0; i < CONSOLE_RING; i++)
		console_put(&p->console, 'x');
	slow.writes = 0;
	slow.console = &p->console;
	console_stop(&p->console);
	slow.console = NULL;
	assert_in_range(slow.writes, 1, 50);
}

static void a_closed_pipe_is_dropped(void **state)
{
	struct plumbing *p = *state;

	close(p->out[0]);
	p->out[0] = dup(p->saved_out);
	console_put(&p->console, 'x');
	console_turn(p);
	assert_int_equal(p->console.out, -1);
	console_put(&p->console, 'x');
	console_turn(p);
	assert_int_equal(console_put(&p->console, 'x'), CONSOLE_RING - 1);
}

/* The guest's serial port empties whatever becomes of its output. */
static void output_that_fails_keeps_no_byte(void **state)
{
	static const struct {
		int err;
		bool may_return;
	} cases[] = {
		{ENOSPC, true},
		{EDQUOT, true},
		{EFBIG, true},
		{EPIPE, false},
	};
	struct plumbing *p = *state;
	char text[4] = "";

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t n = 0; n < CONSOLE_RING; n++)
			console_put(&p->console, 'x');
		assert_int_equal(console_put(&p->console, 'x'), 0);
		broken.err = cases[i].err;
		broken.console = &p->console;
		console_turn(p);
		broken.console = NULL;
		assert_int_equal(p->console.count, 0);
		assert_int_equal(p->console.out >= 0, cases[i].may_return);
		if (!cases[i].may_return)
			break;
		console_put(&p->console, 'y');
		console_turn(p);
		assert_int_equal(read(p->out[0], text, sizeof(text)), 1);
		assert_int_equal(text[0], 'y');
	}
}

static void input_waits_until_the_guest_reads(void **state)
{
	struct plumbing *p = *state;

	assert_int_equal(write(p->in[1], "\001xyz", 4), 4);
	assert_false(console_turn(p)); /* a pipe has no keys */
	assert_int_equal(p->console.typed, 4);
	serial_bus_ops.write(&p->serial, 2, 1, 1);    /* FIFO on */
	serial_bus_ops.write(&p->serial, 4, 1, 0x0b); /* DTR, RTS, OUT2 */
	serial_bus_ops.write(&p->serial, 1, 1, 1);    /* RDI */
	console_turn(p);
	assert_int_equal(p->console.typed, 0);
	assert_int_equal(serial_bus_ops.read(&p->serial, 0, 1), 1);
	assert_int_equal(serial_bus_ops.read(&p->serial, 0, 1), 'x');
}

static void end_of_input_does_not_end_the_run(void **state)
{
	struct plumbing *p = *state;

	close(p->in[1]);
	p->in[1] = dup(p->saved_in);
	assert_false(console_turn(p));
	assert_int_equal(p->console.in, -1);
	assert_false(console_turn(p));
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, console_setup, console_teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_filtered_from_input),
		TEST(output_comes_out_in_order),
		TEST(a_stuck_reader_blocks_no_writer),
		TEST(a_flood_lets_the_main_loop_go_on),
		TEST(the_last_output_has_a_second),
		TEST(a_closed_pipe_is_dropped),
		TEST(output_that_fails_keeps_no_byte),
		TEST(input_waits_until_the_guest_reads),
		TEST(end_of_input_does_not_end_the_run),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
