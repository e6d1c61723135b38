// SPDX-License-Identifier: MIT
// Puts a terminal into raw mode, and restores it however the process ends.
#include <signal.h>
#include <unistd.h>

#include "vmm/console/terminal.h"

/*
 * Signals from crashes, from resource limits and from other processes; signals
 * that end a run in good order are handled by the main loop.
 */
static const int fatal_signals[TERMINAL_SIGNALS] = {
	SIGSEGV, SIGBUS,    SIGILL,  SIGFPE,  SIGABRT,   SIGTRAP,
	SIGSYS,  SIGXCPU,   SIGXFSZ, SIGALRM, SIGVTALRM, SIGPROF,
	SIGIO,   SIGSTKFLT, SIGPWR,  SIGUSR2,
};

/*
 * A terminal that is not this session's has no foreground of ours. The filters
 * of a confined process let it ask for its own group alone.
 */
static bool is_background(int fd)
{
	pid_t group = tcgetpgrp(fd);

	return group >= 0 && group != getpgid(getpid());
}

/*
 * Without a global, a handler cannot reach the saved settings; settings that
 * make a shell usable are good enough after a crash.
 */
void terminal_rescue(int fd)
{
	struct termios t;

	if (is_background(fd) || tcgetattr(fd, &t))
		return;
	t.c_iflag |= BRKINT | ICRNL | IXON;
	t.c_oflag |= OPOST | ONLCR;
	t.c_lflag |= ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN;
	tcsetattr(fd, TCSANOW, &t);
}

/* The signal's default action follows. */
static void on_crash(int number)
{
	terminal_rescue(STDIN_FILENO);
	raise(number); /* again, for a signal from another process */
}

/* Ignored signals do not end the process, and stay ignored. */
static void handle_crashes(struct terminal *terminal)
{
	const struct sigaction action = {
		.sa_handler = on_crash,
		.sa_flags = (int)SA_RESETHAND,
	};

	for (unsigned int i = 0; i < TERMINAL_SIGNALS; i++) {
		struct sigaction *before = &terminal->before[i];

		if (sigaction(fatal_signals[i], &action, before))
			continue;
		if (before->sa_handler == SIG_IGN)
			sigaction(fatal_signals[i], before, NULL);
		else
			terminal->handled |= 1u << i;
	}
}

/* What has handled a signal since, such as the sandbox's report, stays. */
static void leave_crashes(struct terminal *terminal)
{
	for (unsigned int i = 0; i < TERMINAL_SIGNALS; i++) {
		struct sigaction now = {.sa_handler = on_crash};

		if (!(terminal->handled >> i & 1))
			continue;
		sigaction(fatal_signals[i], NULL, &now);
		if (now.sa_handler == on_crash)
			sigaction(fatal_signals[i], &terminal->before[i], NULL);
	}
	terminal->handled = 0;
}

static void terminal_make_raw(struct terminal *terminal)
{
	struct termios t = terminal->saved;

	cfmakeraw(&t);
	t.c_oflag |= OPOST; /* our own messages end in '\n' without '\r' */
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	terminal->raw = tcsetattr(terminal->fd, TCSANOW, &t) == 0;
}

void terminal_open(struct terminal *terminal, int fd)
{
	*terminal = (struct terminal){.fd = fd};
	if (tcgetattr(fd, &terminal->saved) < 0)
		return;
	handle_crashes(terminal);
	terminal->away = is_background(fd);
	if (!terminal->away)
		terminal_make_raw(terminal);
}

void terminal_resume(struct terminal *terminal)
{
	if (!terminal->raw && !terminal->away)
		return;
	terminal->away = is_background(terminal->fd);
	if (terminal->away)
		return;
	/* Those at the start were the shell's, which was reading a line. */
	if (!terminal->raw && tcgetattr(terminal->fd, &terminal->saved) < 0)
		return;
	terminal_make_raw(terminal);
}

void terminal_close(struct terminal *terminal)
{
	/*
	 * Do not wait for output, as TCSAFLUSH does: it may never drain, and
	 * the devices are still open.
	 */
	if (terminal->raw && !is_background(terminal->fd)) {
		tcflush(terminal->fd, TCIFLUSH);
		tcsetattr(terminal->fd, TCSANOW, &terminal->saved);
	}
	terminal->raw = false;
	leave_crashes(terminal);
}
