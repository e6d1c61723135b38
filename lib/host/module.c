// SPDX-License-Identifier: MIT
// Whether the running kernel has a VFIO driver: registered, or as a module in
// the lists of depmod.

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

/* Modules' files have either of both. */
static void module_unify_dashes(char *text)
{
	for (; (text = strchr(text, '-')); text++)
		*text = '_';
}

/* Whether a list of modules names @file, which has no dash; -errno if it cannot
 * be read. */
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
		module_unify_dashes(text);
		length = strstr(text, file) != NULL;
	}
	free(text);
	return length;
}

static bool module_has_driver(struct lend_ctx *ctx, const struct vfio_bus *bus,
			      const char *driver)
{
	char path[SYSFS_PATH];

	return !sysfs_path(path, "%s/bus/%s/drivers/%s", ctx->sysfs, bus->name,
			   driver) &&
	       sysfs_exists(ctx, path);
}

int module_check(struct lend_ctx *ctx, const struct vfio_bus *bus,
		 const char *driver, const char *device)
{
	char release[SYSFS_NAME], file[SYSFS_NAME + 4];
	int is_built_in, is_module;

	if (module_has_driver(ctx, bus, driver) ||
	    procfs_read(ctx, "sys/kernel/osrelease", release,
			sizeof(release)) <= 0)
		return 0;
	release[strcspn(release, "\n")] = '\0';
	snprintf(file, sizeof(file), "/%s.ko", driver);
	module_unify_dashes(file);
	is_built_in = module_is_listed(ctx, release, "modules.builtin", file);
	is_module = module_is_listed(ctx, release, "modules.dep", file);
	if (is_built_in || is_module)
		return 0;
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOTSUP, device,
		       "the running kernel %s has no driver %s", release,
		       driver);
	lend_error_evidence(ctx,
			    "it is not registered, and neither in "
			    "modules.builtin nor in modules.dep of %s/%s",
			    ctx->modules, release);
	if (strcmp(driver, bus->driver) != 0)
		return lend_error_remedy(ctx, "use another driver: lend bind "
					      "--driver auto");
	return lend_error_remedy(ctx, "boot a kernel with CONFIG_VFIO_%s",
				 bus->bus == LEND_BUS_PCI ? "PCI" : "PLATFORM");
}

int module_check_loaded(struct lend_ctx *ctx, const struct vfio_bus *bus,
			const char *driver)
{
	int err;

	if (module_has_driver(ctx, bus, driver))
		return 0;
	err = module_check(ctx, bus, driver, NULL);
	if (err)
		return err;
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOENT, NULL,
		       "driver %s is not loaded", driver);
	return lend_error_remedy(ctx, "modprobe %s", driver);
}
