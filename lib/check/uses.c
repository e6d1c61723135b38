// SPDX-License-Identifier: MIT
// Collects how the host uses a device, as evidence against binding it.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/uses.h"

/* A longer list helps nobody. */
enum { LISTED_MAX = 16 };

void uses_add(struct uses *uses, const char *fmt, ...)
{
	char line[512];
	va_list args;

	if (!uses->count)
		lend_error_set(uses->ctx, LEND_ERROR_IN_USE, EBUSY, uses->name,
			       "the host uses it");
	if (uses->count++ >= LISTED_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	lend_error_evidence(uses->ctx, "%s", line);
}

void uses_add_holders(struct uses *uses, const char *node)
{
	char path[SYSFS_PATH];

	if (sysfs_path(path, "%s/%s", uses->ctx->dev, node) ||
	    !holders_count(uses->ctx, path))
		return;
	uses_add(uses, "/dev/%s is open:", node);
	holders_add_evidence(uses->ctx, path);
}

void uses_for_class(struct uses *uses, const char *class,
		    void (*each)(struct uses *uses, const char *entry,
				 const char *path))
{
	const struct kernel *k = uses->ctx->kernel;
	char path[SYSFS_PATH], canonical[SYSFS_PATH];
	struct sysfs_names names;

	if (sysfs_path(path, "%s/class/%s", uses->ctx->sysfs, class) ||
	    sysfs_list(uses->ctx, path, &names))
		return;
	for (unsigned int i = 0; i < names.count; i++) {
		if (!sysfs_path(path, "%s/class/%s/%s", uses->ctx->sysfs, class,
				names.names[i]) &&
		    !k->realpath(k, path, canonical, sizeof(canonical)) &&
		    sysfs_below(canonical, uses->path))
			each(uses, names.names[i], canonical);
	}
	sysfs_names_free(&names);
}
