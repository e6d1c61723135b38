/* SPDX-License-Identifier: MIT */
/* Collects all that is refused on a command line, to report it at once. */
#ifndef CLI_RUN_REFUSALS_H
#define CLI_RUN_REFUSALS_H

#include <stddef.h>

#include <lend/error.h>

struct run_refusals {
	struct lend_error **list; /* copies of records */
	size_t count;
	char **notes; /* on what is accepted without effect */
	size_t note_count;
};

/* Copies the thread's record to the list. Returns 0; or the record's -errno if
 * it is no fault of the command line, or -ENOMEM. */
int run_refusals_take(struct run_refusals *refusals, struct lend_ctx *ctx);

/* Keeps a warning until the whole command line is accepted. Returns 0 or
 * -ENOMEM with a record. */
int run_refusals_note(struct run_refusals *refusals, struct lend_ctx *ctx,
		      const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Logs the notes if nothing was refused, and returns 0. Else records what was
 * refused: one refusal as it was, several as one list. Returns -errno. */
int run_refusals_report(const struct run_refusals *refusals,
			struct lend_ctx *ctx);

void run_refusals_free(struct run_refusals *refusals);

#endif
