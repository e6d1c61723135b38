/* SPDX-License-Identifier: MIT */
/* Puts a terminal into raw mode, and restores it however the process ends. */
#ifndef VMM_CONSOLE_TERMINAL_H
#define VMM_CONSOLE_TERMINAL_H

#include <stdbool.h>
#include <termios.h>

struct terminal {
	int fd; /* borrowed */
	bool raw;
	unsigned int handled; /* fatal signals, a bit each */
	struct termios saved;
};

/*
 * Make @fd raw, if it is a terminal: keys, Ctrl-C among them, go to the guest.
 * A crash of this process, or a fatal signal, resets the terminal to sane
 * settings.
 */
void terminal_open(struct terminal *terminal, int fd);

/* Restore the terminal's settings. */
void terminal_close(struct terminal *terminal);

#endif
