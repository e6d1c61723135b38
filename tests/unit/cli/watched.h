/* SPDX-License-Identifier: MIT */
/* Runs what logs with a pseudo-terminal as its stderr. */
#ifndef TESTS_UNIT_CLI_WATCHED_H
#define TESTS_UNIT_CLI_WATCHED_H

#include "cli/command.h"

struct watched {
	struct cli cli; /* for report_log() */
	int user;       /* the end of the terminal that the user sees */
	int real_error, real_output;
	char text[4096];
};

/* From here on, stderr is a terminal, or a pipe, and stdout goes nowhere. */
void watched_begin(struct watched *watched, bool terminal);

/* Ends that, and sets @text to what was written to stderr. */
void watched_end(struct watched *watched);

#endif
