/* SPDX-License-Identifier: MIT */
/* Findings of a plan. */
#ifndef CLI_PLAN_FINDING_H
#define CLI_PLAN_FINDING_H

#include <lend/check.h>

struct machine_plan;

/* Adds a finding. @device may be NULL; @remedy is "" where there is none. */
void plan_add_finding(struct machine_plan *plan, const char *check,
		      enum lend_check_status status, const char *device,
		      const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));

/* Adds the context's last failure as a finding. */
void plan_add_failure(struct machine_plan *plan, const char *check);

#endif
