// SPDX-License-Identifier: MIT
// Prints the time in microseconds from a program's execve(), below a root
// directory, to a word in its output.

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../clock.h"

#define PATIENCE 120 /* seconds */

/* Starts the program below its root, with its output in *@out. */
static pid_t stopwatch_start(const char *root, char **argv, int *out)
{
	int pipes[2];
	pid_t pid;

	if (pipe(pipes))
		return -1;
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		dup2(pipes[1], 1);
		close(pipes[0]);
		close(pipes[1]);
		if (!chroot(root) && !chdir("/"))
			execv(argv[0], argv);
		_exit(127);
	}
	close(pipes[1]);
	*out = pipes[0];
	return pid;
}

/* Whether the word came before the end of output or of time. */
static int stopwatch_await(int out, const char *word, uint64_t until)
{
	char text[65536];
	size_t used = 0;

	for (;;) {
		struct pollfd fd = {.fd = out, .events = POLLIN};
		uint64_t t = clock_microseconds();
		ssize_t n;

		if (t >= until ||
		    poll(&fd, 1, (int)((until - t) / 1000 + 1)) <= 0)
			return 0;
		/* Drop old output that does not fit. */
		if (used == sizeof(text) - 1) {
			memmove(text, text + used / 2, used - used / 2);
			used -= used / 2;
		}
		n = read(out, text + used, sizeof(text) - 1 - used);
		if (n <= 0)
			return 0;
		used += (size_t)n;
		if (memmem(text, used, word, strlen(word)))
			return 1;
	}
}

/* Arguments: ROOT WORD COMMAND... Standard error is unchanged. */
int main(int argc, char **argv)
{
	uint64_t begin, end;
	int out, came;
	pid_t pid;

	if (argc < 4) {
		fputs("usage: stopwatch ROOT WORD COMMAND...\n", stderr);
		return 2;
	}
	begin = clock_microseconds();
	pid = stopwatch_start(argv[1], argv + 3, &out);
	if (pid < 0) {
		perror("stopwatch");
		return 1;
	}
	came = stopwatch_await(out, argv[2], begin + PATIENCE * 1000000ull);
	end = clock_microseconds();
	kill(-pid, SIGKILL);
	waitpid(pid, NULL, 0);
	if (!came) {
		fprintf(stderr, "stopwatch: no \"%s\" came\n", argv[2]);
		return 1;
	}
	printf("%llu\n", (unsigned long long)(end - begin));
	return 0;
}
