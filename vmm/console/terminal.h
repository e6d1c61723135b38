/* SPDX-License-Identifier: MIT */
/* Puts a terminal into raw mode, and restores it however the process ends. */
#ifndef VMM_CONSOLE_TERMINAL_H
#define VMM_CONSOLE_TERMINAL_H

#include <signal.h>
#include <stdbool.h>
#include <termios.h>

#define TERMINAL_SIGNALS 16 /* that end the process, but not in good order */

struct terminal {
	int fd;    /* borrowed */
	bool raw;  /* @saved has its settings before */
	bool away; /* a terminal, but of another foreground process group */
	unsigned int handled; /* of these signals, a bit each */
	struct sigaction before[TERMINAL_SIGNALS];
	struct termios saved;
};

/*
 * Make @fd raw, if it is a terminal: keys, Ctrl-C among them, go to the guest.
 * A crash of this process, or a fatal signal, resets the terminal to sane
 * settings. A terminal in whose background this process runs is left to the
 * shell until terminal_resume().
 */
void terminal_open(struct terminal *terminal, int fd);

/* The process may be in another place, or the settings be the shell's, since
 * it was stopped or the shell put it into the foreground. */
void terminal_resume(struct terminal *terminal);

/*
 * In a handler of a signal that ends the process: reset terminal @fd, if it is
 * one and this process is in its foreground, to sane settings.
 */
void terminal_rescue(int fd);

/* Restore the terminal's settings, unless they are another process's now. */
void terminal_close(struct terminal *terminal);

#endif
