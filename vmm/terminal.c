// SPDX-License-Identifier: MIT
// Puts a terminal into raw mode, and back on every way out of the process.
#include <signal.h>
#include <unistd.h>

#include "terminal.h"

static const int fatal_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

/*
 * A handler cannot know what was saved without a global; settings that a shell
 * can be used with are good enough after a crash. The signal then does what it
 * does by default.
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
	raise(number); /* again, for a signal that somebody sent */
}

static void handle_crashes(void (*handler)(int))
{
	struct sigaction action = {
		.sa_handler = handler,
		.sa_flags = (int)SA_RESETHAND,
	};

	for (size_t i = 0; i < sizeof(fatal_signals) / sizeof(fatal_signals[0]);
	     i++)
		sigaction(fatal_signals[i], &action, NULL);
}

void terminal_open(struct terminal *terminal, int fd)
{
	struct termios t;

	*terminal = (struct terminal){.fd = fd};
	if (tcgetattr(fd, &terminal->saved) < 0)
		return;
	t = terminal->saved;
	cfmakeraw(&t);
	t.c_oflag |= OPOST; /* our own messages end in '\n' alone */
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	handle_crashes(on_crash);
	terminal->raw = tcsetattr(fd, TCSANOW, &t) == 0;
}

void terminal_close(struct terminal *terminal)
{
	if (!terminal->raw)
		return;
	tcsetattr(terminal->fd, TCSAFLUSH, &terminal->saved);
	handle_crashes(SIG_DFL);
	terminal->raw = false;
}
