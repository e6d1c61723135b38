// SPDX-License-Identifier: MIT
// Runs what logs with a pseudo-terminal as its stderr.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "cli/report.h"
#include "watched.h"

/* The user's end and lend's, whose output is read as it was written. */
static void watched_open(int fds[2])
{
	struct termios raw;

	fds[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(fds[0] >= 0);
	assert_int_equal(grantpt(fds[0]), 0);
	assert_int_equal(unlockpt(fds[0]), 0);
	fds[1] = open(ptsname(fds[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(fds[1] >= 0);
	assert_int_equal(tcgetattr(fds[1], &raw), 0);
	cfmakeraw(&raw);
	assert_int_equal(tcsetattr(fds[1], TCSANOW, &raw), 0);
}

void watched_begin(struct watched *watched, bool terminal)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int fds[2];

	fflush(stdout);
	if (terminal)
		watched_open(fds);
	else
		assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	watched->user = fds[0];
	watched->real_error = dup(STDERR_FILENO);
	watched->real_output = dup(STDOUT_FILENO);
	assert_true(nowhere >= 0 && watched->real_error >= 0 &&
		    watched->real_output >= 0);
	dup2(fds[1], STDERR_FILENO);
	dup2(nowhere, STDOUT_FILENO);
	close(fds[1]);
	close(nowhere);
	report_find_watcher(&watched->cli);
}

void watched_end(struct watched *watched)
{
	size_t used = 0;
	ssize_t n;

	fflush(stdout);
	dup2(watched->real_error, STDERR_FILENO);
	dup2(watched->real_output, STDOUT_FILENO);
	close(watched->real_error);
	close(watched->real_output);
	/* With the other end closed, a terminal's read fails at the end. */
	while ((n = read(watched->user, watched->text + used,
			 sizeof(watched->text) - 1 - used)) > 0)
		used += (size_t)n;
	watched->text[used] = '\0';
	close(watched->user);
}
