// SPDX-License-Identifier: MIT
// Finds a device by any of its names: the form of the name decides which.

#include <errno.h>
#include <string.h>

#include "lib/address/address.h"
#include "lib/address/bdf.h"
#include "lib/address/find-mdev.h"
#include "lib/address/find-part.h"
#include "lib/address/find-pci-few.h"
#include "lib/address/find-pci.h"
#include "lib/address/find-platform.h"
#include "lib/address/spec.h"
#include "lib/address/value.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

int lend_address_find_host(struct lend_ctx *ctx, enum lend_bus bus,
			   const char *host, struct lend_address **address)
{
	switch (bus) {
	case LEND_BUS_PCI:
		return find_pci(ctx, host, address);
	case LEND_BUS_PLATFORM:
		return find_platform(ctx, host, address);
	case LEND_BUS_MDEV:
		return find_mdev(ctx, host, address);
	case LEND_BUS_OTHER:
		break;
	}
	return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, host,
			      "devices on this bus have no bus address; use "
			      "the path in sysfs");
}

/* Properties that name the device, or that these require. */
static bool find_uses_property(const char *name)
{
	static const char *const used[] = {"host", "sysfsdev", "mdev",
					   "fd",   "iommufd",  "id"};

	for (size_t i = 0; i < sizeof(used) / sizeof(used[0]); i++)
		if (!strcmp(name, used[i]))
			return true;
	return false;
}

/* A property that had no effect here would mislead who gave it. */
static int find_check_properties(struct lend_ctx *ctx,
				 const struct lend_spec *spec)
{
	const char *driver = lend_spec_driver(spec);
	const char *name;

	for (unsigned int i = 0; (name = lend_spec_known(driver, i)); i++) {
		if (!lend_spec_get(spec, name) || find_uses_property(name))
			continue;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "%s= does not name a device, and has no effect "
			       "here",
			       name);
		return lend_error_remedy(ctx, "remove %s=", name);
	}
	return 0;
}

static int find_spec(struct lend_ctx *ctx, const char *text,
		     struct lend_address **address)
{
	struct lend_spec *spec;
	int err = lend_spec_parse(ctx, text, &spec);

	if (err)
		return err;
	err = find_check_properties(ctx, spec);
	if (!err)
		err = lend_spec_locate(spec, address);
	lend_spec_unref(spec);
	return err;
}

/* A path to a device's directory, or to a node of it. */
static int find_by_path(struct lend_ctx *ctx, const char *text,
			struct lend_address **address)
{
	int err = *text == '/' ? find_part_node(ctx, text, address) : 1;

	return err > 0 ? lend_address_find_path(ctx, text, address) : err;
}

static int find_by_address(struct lend_ctx *ctx, const char *text,
			   struct lend_address **address)
{
	int err = find_pci_few(ctx, text, address);

	return err > 0 ? find_pci(ctx, text, address) : err;
}

/* The name of a platform device, or of what a driver made of another. */
static int find_by_name(struct lend_ctx *ctx, const char *text,
			struct lend_address **address)
{
	char path[SYSFS_PATH];
	int err = 1;

	if (!sysfs_path(path, "%s/bus/platform/devices/%s", ctx->sysfs, text) &&
	    !sysfs_exists(ctx, path))
		err = find_part(ctx, text, address);
	return err > 0 ? find_platform(ctx, text, address) : err;
}

int lend_address_find(struct lend_ctx *ctx, const char *text,
		      struct lend_address **address)
{
	char name[BDF_TEXT];
	struct bdf bdf;

	if (spec_is_attempt(text))
		return find_spec(ctx, text, address);
	if (bdf_parse_foreign(text, &bdf)) {
		bdf_print(&bdf, name);
		return find_pci(ctx, name, address);
	}
	if (!*text || strchr(text, '/'))
		return find_by_path(ctx, text, address);
	if (bdf_is_attempt(text))
		return find_by_address(ctx, text, address);
	if (!value_check_uuid(text))
		return find_mdev(ctx, text, address);
	return find_by_name(ctx, text, address);
}
