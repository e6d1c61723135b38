// SPDX-License-Identifier: MIT
// Findings of a plan.

#include <stdarg.h>
#include <stdio.h>

#include "cli/findings.h"
#include "cli/plan/finding.h"
#include "cli/plan/machine-plan.h"

void plan_add_finding(struct machine_plan *plan, const char *check,
		      enum lend_check_status status, const char *device,
		      const char *remedy, const char *fmt, ...)
{
	char what[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(what, sizeof(what), fmt, args);
	va_end(args);
	findings_add(plan->findings, &(struct lend_finding){
					     .check = check,
					     .status = status,
					     .code = status == LEND_CHECK_FAILED
							     ? LEND_ERROR_LIMIT
							     : LEND_ERROR_NONE,
					     .device = device ? device : "",
					     .what = what,
					     .evidence = "",
					     .remedy = remedy,
				     });
}

void plan_add_failure(struct machine_plan *plan, const char *check)
{
	const struct lend_error *e = lend_ctx_error(plan->ctx);

	findings_add(plan->findings, &(struct lend_finding){
					     .check = check,
					     .status = LEND_CHECK_FAILED,
					     .code = e->code,
					     .device = e->device,
					     .what = e->what,
					     .evidence = e->evidence,
					     .remedy = e->remedy,
				     });
}
