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

static void refusals_free_one(struct run_refusal *refusal)
{
	free(refusal->device);
	free(refusal->what);
	free(refusal->evidence);
	free(refusal->remedy);
}

/* Options are repeated; that all of them are unsupported is said once. */
static bool refusals_have(const struct run_refusals *refusals,
			  const struct lend_error *e)
{
	for (size_t i = 0; i < refusals->count; i++)
		if (!strcmp(refusals->list[i].device, e->device) &&
		    !strcmp(refusals->list[i].what, e->what) &&
		    !strcmp(refusals->list[i].evidence, e->evidence) &&
		    !strcmp(refusals->list[i].remedy, e->remedy))
			return true;
	return false;
}

int run_refusals_take(struct run_refusals *refusals, struct lend_ctx *ctx)
{
	const struct lend_error *e = lend_ctx_error(ctx);
	struct run_refusal *list, refusal;

	if (!refusals_may_take(e->code))
		return -e->err;
	if (refusals_have(refusals, e))
		return 0;
	list = reallocarray(refusals->list, refusals->count + 1, sizeof(*list));
	if (!list)
		return cli_no_memory(ctx);
	refusals->list = list;
	refusal = (struct run_refusal){
		.code = e->code,
		.err = e->err,
		.device = strdup(e->device),
		.what = strdup(e->what),
		.evidence = strdup(e->evidence),
		.remedy = strdup(e->remedy),
	};
	if (refusal.device && refusal.what && refusal.evidence &&
	    refusal.remedy) {
		list[refusals->count++] = refusal;
		return 0;
	}
	refusals_free_one(&refusal);
	return cli_no_memory(ctx);
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

/* Calls add() for each line of text. */
static void refusals_add_lines(struct lend_ctx *ctx, const char *text,
			       int (*add)(struct lend_ctx *ctx, const char *fmt,
					  ...))
{
	while (*text) {
		size_t length = strcspn(text, "\n");

		add(ctx, "%.*s", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

static int refusals_report_one(const struct run_refusal *r,
			       struct lend_ctx *ctx)
{
	lend_error_set(ctx, r->code, r->err, *r->device ? r->device : NULL,
		       "%s", r->what);
	refusals_add_lines(ctx, r->evidence, lend_error_evidence);
	refusals_add_lines(ctx, r->remedy, lend_error_remedy);
	return -r->err;
}

/* Writes a refusal as one line: "FACT (EVIDENCE). Fix: REMEDY". Of each the
 * first line is the one that matters. */
static void refusals_print_line(const struct run_refusal *r,
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
	const struct run_refusal *first = &refusals->list[0];
	size_t used = 0;

	/* The exit status is that of wrong usage if any of them is. */
	for (size_t i = 0; i < refusals->count; i++)
		if (refusals->list[i].code == LEND_ERROR_ARGUMENT)
			first = &refusals->list[i];
	lend_error_set(ctx, first->code, first->err, NULL,
		       "the command line has %zu faults", refusals->count);
	for (size_t i = 0; i < refusals->count; i++) {
		char line[LINE_MAX_BYTES];

		refusals_print_line(&refusals->list[i], line);
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
		return refusals_report_one(&refusals->list[0], ctx);
	for (size_t i = 0; i < refusals->note_count; i++)
		lend_log(ctx, LEND_LOG_WARNING, "%s", refusals->notes[i]);
	return 0;
}

void run_refusals_free(struct run_refusals *refusals)
{
	for (size_t i = 0; i < refusals->count; i++)
		refusals_free_one(&refusals->list[i]);
	for (size_t i = 0; i < refusals->note_count; i++)
		free(refusals->notes[i]);
	free(refusals->list);
	free(refusals->notes);
	*refusals = (struct run_refusals){};
}
