// SPDX-License-Identifier: MIT
// Runs a command in the foreground of a terminal of its own.
//
// usage: at-terminal COMMAND...
//
// What comes from standard input is typed there; what is printed there goes to
// standard output. Returns the command's status, or 125 if the terminal's
// settings are not those of before.

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define CHANGED 125

static _Noreturn void terminal_fail(const char *what)
{
	perror(what);
	exit(126);
}

/* The command is a job, as a shell has them. */
static _Noreturn void terminal_exec(char **command)
{
	if (setpgid(0, 0))
		terminal_fail("setpgid");
	signal(SIGTTOU, SIG_IGN);
	if (tcsetpgrp(STDIN_FILENO, getpid()))
		terminal_fail("tcsetpgrp");
	signal(SIGTTOU, SIG_DFL);
	execvp(command[0], command);
	terminal_fail(command[0]);
}

/* The structure has padding. */
static bool terminal_is_same(const struct termios *a, const struct termios *b)
{
	return a->c_iflag == b->c_iflag && a->c_oflag == b->c_oflag &&
	       a->c_cflag == b->c_cflag && a->c_lflag == b->c_lflag &&
	       memcmp(a->c_cc, b->c_cc, sizeof(a->c_cc)) == 0;
}

/* The session's leader stays until the settings are read: after its end the
 * kernel resets them. */
static _Noreturn void session_run(const char *name, char **command)
{
	struct termios before, after;
	int fd, status;
	pid_t job;

	setsid();
	fd = open(name, O_RDWR);
	if (fd < 0 || tcgetattr(fd, &before))
		terminal_fail(name);
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	job = fork();
	if (!job)
		terminal_exec(command);
	if (job < 0 || waitpid(job, &status, 0) != job || tcgetattr(fd, &after))
		terminal_fail("wait");
	if (!terminal_is_same(&before, &after)) {
		dprintf(fd, "the terminal's settings have changed\n");
		exit(CHANGED);
	}
	exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static ssize_t terminal_copy(int from, int to)
{
	char text[4096];
	ssize_t count = read(from, text, sizeof(text));

	for (ssize_t at = 0, done; at < count; at += done) {
		done = write(to, text + at, (size_t)(count - at));
		if (done < 0)
			terminal_fail("write");
	}
	return count;
}

/* Until nobody has the terminal open. */
static void terminal_attend(int terminal)
{
	struct pollfd fds[] = {
		{.fd = terminal, .events = POLLIN},
		{.fd = STDIN_FILENO, .events = POLLIN},
	};

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			terminal_fail("poll");
		if (fds[1].revents &&
		    terminal_copy(STDIN_FILENO, terminal) <= 0)
			fds[1].fd = -1;
		if (fds[0].revents &&
		    terminal_copy(terminal, STDOUT_FILENO) <= 0)
			return;
	}
}

int main(int argc, char **argv)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;
	pid_t leader;

	if (argc < 2 || terminal < 0 || grantpt(terminal) || unlockpt(terminal))
		terminal_fail("posix_openpt");
	leader = fork();
	if (!leader)
		session_run(ptsname(terminal), argv + 1);
	terminal_attend(terminal);
	if (leader < 0 || waitpid(leader, &status, 0) != leader)
		terminal_fail("wait");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
