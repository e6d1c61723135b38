// SPDX-License-Identifier: MIT
// Whether devices can be lent: runs each check.

#include <errno.h>

#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/base/survey.h"
#include "lib/check/device.h"
#include "lib/check/node.h"
#include "lib/check/report.h"
#include "lib/iommu/iommu.h"

static void check_memory(struct check *check)
{
	uint64_t memory = check->options->memory;

	if (!memory)
		return;
	if (memlock_check(check->ctx, memory))
		report_failure(check, "memory");
	else
		report_ok(check, "memory", NULL,
			  "%llu MiB of memory can be pinned",
			  (unsigned long long)(memory >> 20));
}

int lend_check(struct lend_ctx *ctx, struct lend_address *const *addresses,
	       unsigned int count, const struct lend_check_options *options)
{
	struct lend_check_options known = {0};
	struct check check = {.ctx = ctx, .options = &known};
	struct error_record record;
	int err = sized_copy(ctx, NULL, &sized_check_options, &known, options);

	if (err)
		return err;
	error_save(ctx, &record);
	survey_begin(ctx);
	for (unsigned int i = 0; i < count; i++)
		check_device(&check, addresses[i]);
	survey_end(ctx);
	check_memory(&check);
	check_kvm(&check);
	error_reinstate(ctx, &record);
	return (int)check.failed;
}

void lend_check_begin(struct lend_ctx *ctx)
{
	survey_begin(ctx);
}

void lend_check_end(struct lend_ctx *ctx)
{
	survey_end(ctx);
}
