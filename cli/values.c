// SPDX-License-Identifier: MIT
// Parses values of options: sizes, counts, descriptors.

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <lend/error.h>

#include "cli/values.h"

#define MAX_MEMORY  (1ULL << 52) /* more than any processor can address */
#define MAX_SECONDS 86400

/* Takes decimal digits from @text. Returns false if there are none, or too
 * many. */
static bool value_take_number(const char **text, uint64_t *number)
{
	const char *at = *text;

	for (*number = 0; isdigit((unsigned char)*at); at++)
		if (__builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, *at - '0', number))
			return false;
	if (at == *text)
		return false;
	*text = at;
	return true;
}

static const char *skip_prefix(const char *text, const char *prefix)
{
	size_t length = strlen(prefix);

	return strncmp(text, prefix, length) ? text : text + length;
}

static int value_refuse(struct lend_ctx *ctx, const char *option,
			const char *text, const char *why)
{
	return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			      "%s %s: %s", option, text, why);
}

/* Shift that a unit stands for, or -1. */
static int unit_shift(const char *unit)
{
	const char *units = "bkmgt";
	const char *at;

	if (!unit[0])
		return 20;
	at = strchr(units, tolower((unsigned char)unit[0]));
	return at && !unit[1] ? 10 * (int)(at - units) : -1;
}

int value_memory(struct lend_ctx *ctx, const char *option, const char *text,
		 uint64_t *bytes)
{
	const char *at = skip_prefix(text, "size=");
	uint64_t number;
	int shift;

	if (strchr(at, ',')) {
		value_refuse(ctx, option, text, "only one size is accepted");
		return lend_error_remedy(ctx, "remove slots= and maxmem=: "
					      "memory hotplug is unsupported");
	}
	if (!value_take_number(&at, &number) || (shift = unit_shift(at)) < 0) {
		value_refuse(ctx, option, text, "not a size");
		return lend_error_remedy(ctx,
					 "give a number of MiB, or one with K, "
					 "M, G or T: %s 512, %s 2G",
					 option, option);
	}
	if (!number) {
		value_refuse(ctx, option, text, "must be larger than 0");
		return lend_error_remedy(ctx, "%s 512", option);
	}
	if (number > MAX_MEMORY >> shift) {
		value_refuse(ctx, option, text, "more than 4096 TiB");
		return lend_error_remedy(ctx,
					 "give a size that the host has, such "
					 "as %s 2G",
					 option);
	}
	*bytes = number << shift;
	return 0;
}

int value_cpus(struct lend_ctx *ctx, const char *option, const char *text,
	       unsigned int most, unsigned int *cpus)
{
	const char *at = text;
	uint64_t number;

	if (!value_take_number(&at, &number) || *at) {
		value_refuse(ctx, option, text, "a number is required");
		return lend_error_remedy(ctx, "%s 1", option);
	}
	if (number < 1 || number > most) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "%s %s: out of range, 1 to %u", option, text,
			       most);
		return lend_error_remedy(ctx, "%s %u", option,
					 number ? most : 1);
	}
	*cpus = (unsigned int)number;
	return 0;
}

int value_seconds(struct lend_ctx *ctx, const char *option, const char *text,
		  unsigned int *seconds)
{
	const char *at = text;
	uint64_t number;

	if (!value_take_number(&at, &number) || *at || number > MAX_SECONDS) {
		value_refuse(ctx, option, text,
			     "a number of seconds is required, up to 86400");
		return lend_error_remedy(ctx, "%s 30", option);
	}
	*seconds = (unsigned int)number;
	return 0;
}

int value_slots(struct lend_ctx *ctx, const char *option, const char *text,
		unsigned int most, unsigned int *slots)
{
	const char *at = text;
	uint64_t number;

	if (!value_take_number(&at, &number) || *at || number > most) {
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "%s %s: out of range, 0 to %u", option, text,
			       most);
		return lend_error_remedy(ctx, "%s 4", option);
	}
	*slots = (unsigned int)number;
	return 0;
}

int value_descriptor(struct lend_ctx *ctx, const char *option, const char *text,
		     int *fd)
{
	const char *at = text;
	uint64_t number;

	if (!value_take_number(&at, &number) || *at || number > INT_MAX) {
		value_refuse(ctx, option, text, "not a descriptor number");
		return lend_error_remedy(
			ctx, "open it in the shell: 6<>/dev/iommu is fd=6");
	}
	*fd = (int)number;
	return 0;
}
