// SPDX-License-Identifier: MIT
// Whether the host has no use for a device.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <lend/check.h>

#include "lib/address/address.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/check/idle.h"

/* A use that is told in a hundred lines is no clearer. */
enum { TOLD_MAX = 16 };

void uses_add(struct uses *uses, const char *fmt, ...)
{
	char line[512];
	va_list args;

	if (!uses->count)
		lend_error_set(uses->ctx, LEND_ERROR_IN_USE, EBUSY, uses->name,
			       "the host uses it");
	if (uses->count++ >= TOLD_MAX)
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

/* A node that a process has open; where it is below /dev, the kernel says. */
static void check_node(struct uses *uses, const char *entry, const char *path)
{
	char file[SYSFS_PATH], text[1024];
	char *name;

	(void)entry;
	if (sysfs_path(file, "%s/uevent", path) ||
	    sysfs_read(uses->ctx, file, text, sizeof(text)) < 0)
		return;
	name = strstr(text, "DEVNAME=");
	if (!name)
		return;
	name += strlen("DEVNAME=");
	name[strcspn(name, "\n")] = '\0';
	uses_add_holders(uses, name);
}

int lend_check_idle(const struct lend_address *address)
{
	static const char *const classes[] = {
		"drm", "tty", "sound", "video4linux", "input",
	};
	struct uses uses = {
		.ctx = address->ctx,
		.name = address->name,
		.path = address->path,
	};

	uses_of_disks(&uses);
	uses_of_interfaces(&uses);
	for (unsigned int i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		uses_for_class(&uses, classes[i], check_node);
	if (!uses.count)
		return 0;
	return lend_error_remedy(uses.ctx, "end that use first");
}
