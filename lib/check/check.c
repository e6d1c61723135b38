// SPDX-License-Identifier: MIT
// Whether devices can be lent: runs the checks, reports what each found.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include <lend/text.h>

#include "lib/base/context.h"
#include "lib/check/check.h"
#include "lib/iommu/iommu.h"

static void report(const struct check *check,
		   const struct lend_finding *finding)
{
	if (check->options->found)
		check->options->found(check->options->opaque, finding);
}

static void tell(const struct check *check, const char *word,
		 enum lend_check_status status, const char *device,
		 const char *remedy, const char *fmt, va_list args)
{
	char what[512];

	vsnprintf(what, sizeof(what), fmt, args);
	lend_text_clean(what);
	report(check, &(struct lend_finding){
			      .check = word,
			      .status = status,
			      .device = device ? device : "",
			      .what = what,
			      .evidence = "",
			      .remedy = remedy,
		      });
}

void check_ok(struct check *check, const char *word, const char *device,
	      const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(check, word, LEND_CHECK_OK, device, "", fmt, args);
	va_end(args);
}

void check_warn(struct check *check, const char *word, const char *device,
		const char *remedy, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	tell(check, word, LEND_CHECK_WARNING, device, remedy, fmt, args);
	va_end(args);
}

void check_failed(struct check *check, const char *word)
{
	const struct lend_error *e = lend_ctx_error(check->ctx);

	check->failed++;
	report(check, &(struct lend_finding){
			      .check = word,
			      .status = LEND_CHECK_FAILED,
			      .code = e->code,
			      .device = e->device,
			      .what = e->what,
			      .evidence = e->evidence,
			      .remedy = e->remedy,
		      });
}

static void check_memory(struct check *check)
{
	uint64_t memory = check->options->memory;

	if (!memory)
		return;
	if (memlock_check(check->ctx, memory))
		check_failed(check, "memory");
	else
		check_ok(check, "memory", NULL,
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
