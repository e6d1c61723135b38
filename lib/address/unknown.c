// SPDX-License-Identifier: MIT
// Facts that a verdict depends on and that could not be found out.

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/address/unknown.h"
#include "lib/base/context.h"

void unknown_add(struct unknown *unknown, const char *fmt, ...)
{
	char line[sizeof(unknown->lines[0])];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	for (unsigned int i = 0; i < unknown->count; i++)
		if (!strcmp(unknown->lines[i], line))
			return;
	if (unknown->count < UNKNOWN_MAX)
		strcpy(unknown->lines[unknown->count++], line);
}

void unknown_log(struct lend_ctx *ctx, const char *device,
		 const struct unknown *unknown)
{
	for (unsigned int i = 0; i < unknown->count; i++)
		lend_log(ctx, LEND_LOG_WARNING, "%s: %s", device,
			 unknown->lines[i]);
}
