// SPDX-License-Identifier: MIT
// Puts a terminal into raw mode, and restores it however the process ends.
#include <signal.h>
#include <unistd.h>

#include "vmm/console/terminal.h"

/*
 * Signals from crashes, from resource limits and from other processes; signals
 * that end a run in good order are handled by the main loop.
 */
static const int fatal_signals[] = {
	SIGSEGV, SIGBUS,  SIGILL,  SIGFPE,  SIGABRT, SIGTRAP,
	SIGSYS,  SIGXCPU, SIGXFSZ, SIGALRM, SIGUSR2,
};

#define FATAL (sizeof(fatal_signals) / sizeof(fatal_signals[0]))

/*
 * Without a global, a handler cannot reach the saved settings; settings that
 * make a shell usable are good enough after a crash. The signal's default
 * action follows.
 */
static void on_crash(int number)
{
	struct termios t;

	if (tcgetattr(STDIN_FILENO, &t) == 0) {
		t.c_iflag |= BRKINT | ICRNL | IXON;
		t.c_oflag |= OPOST | ONLCR;
		t.c_lflag |= ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN;
		tcsetattr(STDIN_FILENO, TCSANOW, &t);
	}
	raise(number); /* again, for a signal from another process */
}

/* Ignored signals do not end the process, and stay ignored. */
static void handle_crashes(struct terminal *terminal)
{
	const struct sigaction action = {
		.sa_handler = on_crash,
		.sa_flags = (int)SA_RESETHAND,
	};
	struct sigaction before;

	for (unsigned int i = 0; i < FATAL; i++) {
		if (sigaction(fatal_signals[i], &action, &before))
			continue;
		if (before.sa_handler == SIG_IGN)
			sigaction(fatal_signals[i], &before, NULL);
		else
			terminal->handled |= 1u << i;
	}
}

static void leave_crashes(struct terminal *terminal)
{
	for (unsigned int i = 0; i < FATAL; i++)
		if (terminal->handled >> i & 1)
			signal(fatal_signals[i], SIG_DFL);
	terminal->handled = 0;
}

void terminal_open(struct terminal *terminal, int fd)
{
	struct termios t;

	*terminal = (struct terminal){.fd = fd};
	if (tcgetattr(fd, &terminal->saved) < 0)
		return;
	t = terminal->saved;
	cfmakeraw(&t);
	t.c_oflag |= OPOST; /* our own messages end in '\n' without '\r' */
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	handle_crashes(terminal);
	terminal->raw = tcsetattr(fd, TCSANOW, &t) == 0;
}

void terminal_close(struct terminal *terminal)
{
	if (!terminal->raw)
		return;
	/*
	 * Do not wait for output, as TCSAFLUSH does: it may never drain, and
	 * the devices are still open.
	 */
	tcflush(terminal->fd, TCIFLUSH);
	tcsetattr(terminal->fd, TCSANOW, &terminal->saved);
	leave_crashes(terminal);
	terminal->raw = false;
}
