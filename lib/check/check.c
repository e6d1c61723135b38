// SPDX-License-Identifier: MIT
// Whether devices can be lent: runs each check.

#include <errno.h>

#include "lib/base/context.h"
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
	static const struct lend_check_options none = {.size = sizeof(none)};
	struct check check = {
		.ctx = ctx,
		.options = options ? options : &none,
	};
	struct error_record record;

	if (check.options->size < sizeof(none))
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				      "options of an unknown size");
	error_save(ctx, &record);
	for (unsigned int i = 0; i < count; i++)
		check_device(&check, addresses[i]);
	check_memory(&check);
	check_kvm(&check);
	error_reinstate(ctx, &record);
	return (int)check.failed;
}
