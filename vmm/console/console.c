// SPDX-License-Identifier: MIT
// The host side of the serial console: stdin, stdout, and the Ctrl-a keys.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/base/no-memory.h"
#include "vmm/console/console.h"
#include "vmm/console/serial.h"

#define CTRL_A       0x01
#define WRITE_PIECE  2048 /* at most PIPE_BUF: fits when poll() reports room */
#define PIECES_MAX   16   /* per turn of the main loop: a full ring */
#define LAST_WORD_MS 1000
#define AWAY_MS      500

static const char help[] =
	"\r\nCtrl-a x  quit\r\nCtrl-a Ctrl-a  send Ctrl-a\r\n"
	"Ctrl-a h  this help\r\n";

enum console_action console_key(struct console_keys *keys, uint8_t byte)
{
	if (!keys->escaped) {
		keys->escaped = byte == CTRL_A;
		return keys->escaped ? CONSOLE_EAT : CONSOLE_PASS;
	}
	keys->escaped = false;
	switch (byte) {
	case CTRL_A:
		return CONSOLE_PASS;
	case 'x':
	case 'X':
		return CONSOLE_QUIT;
	case 'h':
	case 'H':
	case '?':
		return CONSOLE_HELP;
	default:
		return CONSOLE_EAT;
	}
}

/*
 * A second open file of the same terminal or pipe can be non-blocking without
 * affecting processes that share ours. Regular files never block, and their
 * offset belongs to the open file that we inherited.
 */
static int open_output(bool *ours)
{
	char name[32];
	struct stat st;
	int fd = -1;

	if (fstat(STDOUT_FILENO, &st) < 0)
		return -1;
	if (S_ISCHR(st.st_mode) || S_ISFIFO(st.st_mode)) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", STDOUT_FILENO);
		fd = open(name, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	}
	*ours = fd >= 0;
	return *ours ? fd : STDOUT_FILENO;
}

int console_open(struct console *console, struct lend_ctx *ctx, int wake_fd)
{
	*console = (struct console){
		.ctx = ctx,
		.wake_fd = wake_fd,
		.in = STDIN_FILENO,
		.ring = malloc(CONSOLE_RING),
	};
	pthread_mutex_init(&console->lock, NULL);
	console->out = open_output(&console->out_ours);
	if (!console->ring)
		return vmm_no_memory(ctx, NULL);
	return 0;
}

void console_start(struct console *console)
{
	terminal_open(&console->terminal, STDIN_FILENO);
}

void console_resume(struct console *console)
{
	terminal_resume(&console->terminal);
}

size_t console_put(struct console *console, uint8_t byte)
{
	const uint64_t one = 1;
	bool first;
	size_t room;

	pthread_mutex_lock(&console->lock);
	first = console->count == 0;
	if (console->count < CONSOLE_RING)
		console->ring[(console->head + console->count++) %
			      CONSOLE_RING] = byte;
	room = CONSOLE_RING - console->count;
	pthread_mutex_unlock(&console->lock);
	if (first && write(console->wake_fd, &one, sizeof(one)) < 0)
		return room; /* fails only if it is awake already */
	return room;
}

static size_t output_pending(struct console *console)
{
	size_t count;

	pthread_mutex_lock(&console->lock);
	count = console->count;
	pthread_mutex_unlock(&console->lock);
	return count;
}

static void output_drop(struct console *console, size_t count)
{
	pthread_mutex_lock(&console->lock);
	console->head = (console->head + count) % CONSOLE_RING;
	console->count -= count;
	pthread_mutex_unlock(&console->lock);
}

static void stop_output(struct console *console)
{
	if (console->out_ours)
		close(console->out);
	console->out_ours = false;
	console->out = -1;
}

/*
 * The guest never waits for output that cannot be written: its serial port
 * would stay busy. A full disk may have room again; a reader does not return.
 */
static void output_fail(struct console *console, int err)
{
	if (!console->lost)
		lend_log(console->ctx, LEND_LOG_WARNING,
			 "standard output: %s; output of the guest is lost",
			 strerror(err));
	console->lost = true;
	if (err != ENOSPC && err != EDQUOT && err != EFBIG)
		stop_output(console);
	output_drop(console, output_pending(console));
}

/* Write one piece; returns false if stdout takes no more for now. */
static bool write_piece(struct console *console)
{
	size_t size = output_pending(console);
	ssize_t n;

	if (!size)
		return false;
	if (console->out < 0) {
		output_drop(console, size);
		return false;
	}
	if (size > CONSOLE_RING - console->head)
		size = CONSOLE_RING - console->head;
	if (size > WRITE_PIECE)
		size = WRITE_PIECE;
	n = write(console->out, console->ring + console->head, size);
	if (n > 0) {
		output_drop(console, (size_t)n);
		return true;
	}
	if (n < 0 && errno == EINTR)
		return true;
	if (n < 0 && errno != EAGAIN)
		output_fail(console, errno);
	return false;
}

/*
 * Without a non-blocking file, poll() must report room before each piece. A
 * guest may write faster than stdout takes: limit the pieces, so that signals
 * are still handled.
 */
static void write_output(struct console *console, bool ready)
{
	if (console->out_ours || console->out < 0) {
		for (int i = 0; i < PIECES_MAX && write_piece(console); i++)
			continue;
	} else if (ready) {
		write_piece(console);
	}
}

static void put_text(struct console *console, const char *text)
{
	for (; *text; text++)
		console_put(console, (uint8_t)*text);
}

/* Returns true when the user asked to quit. */
static bool take_typed(struct console *console, const uint8_t *bytes,
		       size_t count)
{
	for (size_t i = 0; i < count; i++) {
		enum console_action action = CONSOLE_PASS;

		/*
		 * Only a terminal has keys; other input goes to the guest as it
		 * is.
		 */
		if (console->terminal.raw)
			action = console_key(&console->keys, bytes[i]);
		if (action == CONSOLE_QUIT)
			return true;
		if (action == CONSOLE_HELP)
			put_text(console, help);
		if (action == CONSOLE_PASS && console->typed < CONSOLE_TYPED)
			console->input[console->typed++] = bytes[i];
	}
	return false;
}

static bool read_input(struct console *console)
{
	size_t room = CONSOLE_TYPED - console->typed;
	uint8_t bytes[256];
	ssize_t n;

	/* With no room left, the quit key must still be seen. */
	if (!room || room > sizeof(bytes))
		room = sizeof(bytes);
	n = read(console->in, bytes, room);
	if (n > 0)
		return take_typed(console, bytes, (size_t)n);
	if (n < 0 && errno == EIO && console->terminal.raw) {
		/* A terminal that hung up, or in whose background we are. */
		terminal_resume(&console->terminal);
		if (console->terminal.away)
			return false;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		console->in = -1;
	return false;
}

static void give_typed(struct console *console, struct serial *serial)
{
	size_t room, done = 0;

	while (done < console->typed && (room = serial_room(serial)) > 0) {
		if (room > console->typed - done)
			room = console->typed - done;
		serial_receive(serial, console->input + done, room);
		done += room;
	}
	console->typed -= done;
	memmove(console->input, console->input + done, console->typed);
}

/* No event reports that the shell put this process into the foreground. */
int console_patience(const struct console *console)
{
	return console->terminal.away ? AWAY_MS : -1;
}

void console_poll(struct console *console, struct pollfd *fds)
{
	/*
	 * A terminal is read even if the guest reads no input: quitting must
	 * work.
	 */
	bool take = !console->terminal.away &&
		    (console->terminal.raw || console->typed < CONSOLE_TYPED);

	fds[0] = (struct pollfd){.fd = take ? console->in : -1,
				 .events = POLLIN};
	fds[1] = (struct pollfd){.fd = output_pending(console) ? console->out
							       : -1,
				 .events = POLLOUT};
}

bool console_move(struct console *console, const struct pollfd *fds,
		  struct serial *serial)
{
	bool quit;

	if (console->terminal.away)
		terminal_resume(&console->terminal);
	quit = fds[0].fd >= 0 && fds[0].revents && read_input(console);
	if (console->typed)
		give_typed(console, serial);
	write_output(console, fds[1].revents & (POLLOUT | POLLERR));
	if (CONSOLE_RING - output_pending(console) >= CONSOLE_RING / 2)
		serial_drained(serial);
	return quit;
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A slow reader must not delay the end: the devices are still open. */
static void write_last(struct console *console)
{
	struct pollfd fds = {.fd = console->out, .events = POLLOUT};
	int64_t end = clock_ms() + LAST_WORD_MS, left = LAST_WORD_MS;

	while (left > 0 && output_pending(console) && console->out >= 0 &&
	       poll(&fds, 1, (int)left) > 0) {
		write_output(console, true);
		left = end - clock_ms();
	}
}

void console_stop(struct console *console)
{
	if (output_pending(console))
		write_last(console);
	terminal_close(&console->terminal);
}

void console_close(struct console *console)
{
	stop_output(console);
	free(console->ring);
	console->ring = NULL;
	pthread_mutex_destroy(&console->lock);
}
