// SPDX-License-Identifier: MIT
// Collects all that is refused on a command line, to report it at once.

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/context.h>

#include "cli/no-memory.h"
#include "cli/run/refusals.h"

/* A line of the list, and what a record has room for. */
enum { LINE_MAX_BYTES = 400, LIST_MAX_BYTES = 3900 };

/* Other failures, such as of sysfs, are no fault of the command line. */
static bool refusals_may_take(enum lend_error_code code)
{
	return code == LEND_ERROR_ARGUMENT || code == LEND_ERROR_NO_DEVICE ||
	       code == LEND_ERROR_WRONG_TYPE || code == LEND_ERROR_PLACEMENT ||
	       code == LEND_ERROR_LIMIT;
}

/* Options are repeated; that all of them are unsupported is said once. */
static bool refusals_have(const struct run_refusals *refusals,
			  const struct lend_error *e)
{
	for (size_t i = 0; i < refusals->count; i++) {
		const struct lend_error *other = refusals->list[i];

		if (!strcmp(other->device, e->device) &&
		    !strcmp(other->what, e->what) &&
		    !strcmp(other->evidence, e->evidence) &&
		    !strcmp(other->remedy, e->remedy))
			return true;
	}
	return false;
}

int run_refusals_take(struct run_refusals *refusals, struct lend_ctx *ctx)
{
	const struct lend_error *e = lend_ctx_error(ctx);
	struct lend_error **list, *copy;

	if (!refusals_may_take(e->code))
		return -e->err;
	if (refusals_have(refusals, e))
		return 0;
	list = reallocarray(refusals->list, refusals->count + 1, sizeof(*list));
	if (!list)
		return cli_no_memory(ctx);
	refusals->list = list;
	copy = lend_error_copy(ctx);
	if (!copy)
		return cli_no_memory(ctx);
	list[refusals->count++] = copy;
	return 0;
}

int run_refusals_note(struct run_refusals *refusals, struct lend_ctx *ctx,
		      const char *fmt, ...)
{
	char **notes = reallocarray(refusals->notes, refusals->note_count + 1,
				    sizeof(*notes));
	va_list args;
	char *note;
	int length;

	if (!notes)
		return cli_no_memory(ctx);
	refusals->notes = notes;
	va_start(args, fmt);
	length = vasprintf(&note, fmt, args);
	va_end(args);
	if (length < 0)
		return cli_no_memory(ctx);
	notes[refusals->note_count++] = note;
	return 0;
}

/* Writes a refusal as one line: "FACT (EVIDENCE). Fix: REMEDY". Of each the
 * first line is the one that matters. */
static void refusals_print_line(const struct lend_error *r,
				char line[LINE_MAX_BYTES])
{
	int seen = (int)strcspn(r->evidence, "\n");
	int fix = (int)strcspn(r->remedy, "\n");

	snprintf(line, LINE_MAX_BYTES, "%s%s%s%s%.*s%s%s%.*s", r->device,
		 *r->device ? ": " : "", r->what, seen ? " (" : "", seen,
		 r->evidence, seen ? ")" : "", fix ? ". Fix: " : "", fix,
		 r->remedy);
}

static int refusals_report_all(const struct run_refusals *refusals,
			       struct lend_ctx *ctx)
{
	const struct lend_error *first = refusals->list[0];
	size_t used = 0;

	/* The exit status is that of wrong usage if any of them is. */
	for (size_t i = 0; i < refusals->count; i++)
		if (refusals->list[i]->code == LEND_ERROR_ARGUMENT)
			first = refusals->list[i];
	lend_error_set(ctx, first->code, first->err, NULL,
		       "the command line has %zu faults", refusals->count);
	for (size_t i = 0; i < refusals->count; i++) {
		char line[LINE_MAX_BYTES];

		refusals_print_line(refusals->list[i], line);
		used += strlen(line) + 1;
		if (used > LIST_MAX_BYTES) {
			lend_error_evidence(ctx, "and %zu more",
					    refusals->count - i);
			break;
		}
		lend_error_evidence(ctx, "%s", line);
	}
	return lend_error_remedy(ctx, "change each of them as its line says");
}

int run_refusals_report(const struct run_refusals *refusals,
			struct lend_ctx *ctx)
{
	if (refusals->count > 1)
		return refusals_report_all(refusals, ctx);
	if (refusals->count)
		return lend_error_restore(ctx, refusals->list[0]);
	for (size_t i = 0; i < refusals->note_count; i++)
		lend_log(ctx, LEND_LOG_WARNING, "%s", refusals->notes[i]);
	return 0;
}

void run_refusals_free(struct run_refusals *refusals)
{
	for (size_t i = 0; i < refusals->count; i++)
		lend_error_free(refusals->list[i]);
	for (size_t i = 0; i < refusals->note_count; i++)
		free(refusals->notes[i]);
	free(refusals->list);
	free(refusals->notes);
	*refusals = (struct run_refusals){};
}
