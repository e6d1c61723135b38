// SPDX-License-Identifier: MIT
// Whether the running kernel has the VFIO driver of a bus: registered, or as a
// module in the lists of depmod.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/host/module.h"

/* modules.dep of a distribution has less than one MiB. */
enum { LIST_MAX = 8 << 20 };

/* Whether a list of modules names @file; -errno if it cannot be read. */
static int module_is_listed(struct lend_ctx *ctx, const char *release,
			    const char *list, const char *file)
{
	char path[SYSFS_PATH];
	char *text;
	int length = sysfs_path(path, "%s/%s/%s", ctx->modules, release, list);

	if (length)
		return length;
	text = malloc(LIST_MAX + 1);
	if (!text)
		return -ENOMEM;
	length = sysfs_read_bytes(ctx, path, text, LIST_MAX);
	if (length >= 0) {
		text[length] = '\0';
		length = strstr(text, file) != NULL;
	}
	free(text);
	return length;
}

int module_check(struct lend_ctx *ctx, const struct vfio_bus *bus,
		 const char *device)
{
	char path[SYSFS_PATH], release[SYSFS_NAME], file[64];
	int is_built_in, is_module;

	if (sysfs_path(path, "%s/bus/%s/drivers/%s", ctx->sysfs, bus->name,
		       bus->driver) ||
	    sysfs_exists(ctx, path) ||
	    procfs_read(ctx, "sys/kernel/osrelease", release,
			sizeof(release)) <= 0)
		return 0;
	release[strcspn(release, "\n")] = '\0';
	snprintf(file, sizeof(file), "/%s.ko", bus->driver);
	is_built_in = module_is_listed(ctx, release, "modules.builtin", file);
	is_module = module_is_listed(ctx, release, "modules.dep", file);
	if (is_built_in || is_module)
		return 0;
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOTSUP, device,
		       "the running kernel %s has no driver %s", release,
		       bus->driver);
	lend_error_evidence(ctx,
			    "it is not registered, and neither in "
			    "modules.builtin nor in modules.dep of %s/%s",
			    ctx->modules, release);
	return lend_error_remedy(ctx, "boot a kernel with CONFIG_VFIO_%s",
				 bus->bus == LEND_BUS_PCI ? "PCI" : "PLATFORM");
}
