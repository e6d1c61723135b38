// SPDX-License-Identifier: MIT
// How a check reports what it found to the caller of lend_check().

#include <stdarg.h>
#include <stdio.h>

#include <lend/text.h>

#include "lib/base/context.h"
#include "lib/check/report.h"

static void report_finding(const struct check *check,
			   const struct lend_finding *finding)
{
	if (check->options->found)
		check->options->found(check->options->opaque, finding);
}

static void report_message(const struct check *check, const char *word,
			   enum lend_check_status status, const char *device,
			   const char *remedy, const char *fmt, va_list args)
{
	char what[512];

	vsnprintf(what, sizeof(what), fmt, args);
	lend_text_clean(what);
	report_finding(check, &(struct lend_finding){
				      .check = word,
				      .status = status,
				      .device = device ? device : "",
				      .what = what,
				      .evidence = "",
				      .remedy = remedy,
			      });
}

void report_ok(struct check *check, const char *word, const char *device,
	       const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report_message(check, word, LEND_CHECK_OK, device, "", fmt, args);
	va_end(args);
}

void report_warning(struct check *check, const char *word, const char *device,
		    const char *remedy, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	report_message(check, word, LEND_CHECK_WARNING, device, remedy, fmt,
		       args);
	va_end(args);
}

void report_unknown(struct check *check, const char *word, const char *device,
		    const struct unknown *unknown)
{
	for (unsigned int i = 0; i < unknown->count; i++)
		report_warning(check, word, device, "", "%s",
			       unknown->lines[i]);
}

void report_failure(struct check *check, const char *word)
{
	const struct lend_error *e = lend_ctx_error(check->ctx);

	check->failed++;
	report_finding(check, &(struct lend_finding){
				      .check = word,
				      .status = LEND_CHECK_FAILED,
				      .code = e->code,
				      .device = e->device,
				      .what = e->what,
				      .evidence = e->evidence,
				      .remedy = e->remedy,
			      });
}
