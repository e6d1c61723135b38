/* SPDX-License-Identifier: MIT */
/* How a check reports what it found to the caller of lend_check(). */
#ifndef LIB_CHECK_REPORT_H
#define LIB_CHECK_REPORT_H

#include <lend/check.h>

#include "lib/address/unknown.h"

/* One run of checks. */
struct check {
	struct lend_ctx *ctx;
	const struct lend_check_options *options; /* never NULL */
	unsigned int failed;
};

/* @word:   name of the check
 * @device: name of the device, or NULL for the host */
void report_ok(struct check *check, const char *word, const char *device,
	       const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void report_warning(struct check *check, const char *word, const char *device,
		    const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/* Reports a warning for each fact that could not be found out. */
void report_unknown(struct check *check, const char *word, const char *device,
		    const struct unknown *unknown);

/* Reports the context's error record as a failure of a check. */
void report_failure(struct check *check, const char *word);

#endif
