/* SPDX-License-Identifier: MIT */
/* The host side of the serial console: stdin, stdout, and the Ctrl-a keys. */
#ifndef VMM_CONSOLE_CONSOLE_H
#define VMM_CONSOLE_CONSOLE_H

#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/console/terminal.h"

struct lend_ctx;
struct serial;

#define CONSOLE_RING   16384 /* output that stdout has not taken yet */
#define CONSOLE_TYPED  4096  /* input that the guest has not taken yet */
#define CONSOLE_POLLED 2     /* entries that console_poll() fills in */

/* The keys: Ctrl-a, then one more. Pure. */
struct console_keys {
	bool escaped; /* the last byte was Ctrl-a */
};

enum console_action {
	CONSOLE_PASS, /* the byte is for the guest */
	CONSOLE_EAT,  /* the byte is dropped */
	CONSOLE_QUIT,
	CONSOLE_HELP,
};

enum console_action console_key(struct console_keys *keys, uint8_t byte);

struct console {
	struct lend_ctx *ctx; /* borrowed */
	int wake_fd;          /* borrowed: wakes the thread that polls */
	int in;               /* -1 after end of file */
	int out;              /* -1 once it has no reader */
	bool out_ours;        /* @out must be closed */
	bool lost;            /* output was dropped, which was logged */
	struct terminal terminal;
	struct console_keys keys;
	size_t typed;
	uint8_t input[CONSOLE_TYPED];
	pthread_mutex_t lock; /* protects the members below */
	size_t head, count;
	uint8_t *ring; /* CONSOLE_RING bytes */
};

/* Prepare stdin and stdout, without a visible change yet. */
int console_open(struct console *console, struct lend_ctx *ctx, int wake_fd);

/* Put the terminal into raw mode. */
void console_start(struct console *console);

/* The process was continued: adapt to the terminal's state. */
void console_resume(struct console *console);

/*
 * Write the remaining output, for at most a second, and restore the terminal.
 */
void console_stop(struct console *console);
void console_close(struct console *console);

/*
 * Guest output: queue a byte and return the room left. From any thread; never
 * blocks, and drops the byte if there is no room.
 */
size_t console_put(struct console *console, uint8_t byte);

/* How long poll() may wait, in milliseconds; -1: for ever. */
int console_patience(const struct console *console);

/* Fill in the descriptors to poll; unused entries get fd -1. */
void console_poll(struct console *console, struct pollfd *fds);

/*
 * Move bytes both ways after poll(), or after a wake-up. Returns true when the
 * user asked to quit.
 */
bool console_move(struct console *console, const struct pollfd *fds,
		  struct serial *serial);

#endif
