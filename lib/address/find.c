// SPDX-License-Identifier: MIT
// Finding a device by its address on a bus, or by whatever a person types.

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include <lend/text.h>

#include "lib/address/address.h"
#include "lib/address/bdf.h"
#include "lib/address/spec.h"
#include "lib/address/value.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

/* How many near devices are worth reading through. */
enum { NEAR_MAX = 6 };

static int refuse_spelling(struct lend_ctx *ctx, const char *host,
			   const char *what, const char *why)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "'%s' is not the %s", host, what);
	return lend_error_evidence(ctx, "%s", why);
}

/* Adds what is there: "0000:02:00.0 8086:10d3, driver e1000e". */
static void add_near_pci(struct lend_ctx *ctx, const char *name)
{
	char path[SYSFS_PATH], vendor[16], device[16], driver[SYSFS_NAME];

	if (sysfs_path(path, "%s/bus/pci/devices/%s/vendor", ctx->sysfs,
		       name) ||
	    sysfs_read(ctx, path, vendor, sizeof(vendor)) != 6)
		strcpy(vendor, "0x????");
	if (sysfs_path(path, "%s/bus/pci/devices/%s/device", ctx->sysfs,
		       name) ||
	    sysfs_read(ctx, path, device, sizeof(device)) != 6)
		strcpy(device, "0x????");
	if (sysfs_path(path, "%s/bus/pci/devices/%s/driver", ctx->sysfs,
		       name) ||
	    sysfs_link(ctx, path, driver, sizeof(driver)) < 0)
		strcpy(driver, "(none)");
	lend_error_evidence(ctx, "there is %s, %s:%s, driver %s", name,
			    vendor + 2, device + 2, driver);
}

/* Lists devices whose addresses differ in one part; else in two. */
static void add_near_pci_devices(struct lend_ctx *ctx, const struct bdf *wanted)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];
	unsigned int told = 0;

	if (sysfs_path(path, "%s/bus/pci/devices", ctx->sysfs) ||
	    sysfs_list(ctx, path, &names) || !names.count) {
		lend_error_evidence(ctx, "this machine has no PCI devices");
		return;
	}
	for (unsigned int far = 1; far <= 4 && !told; far++) {
		for (unsigned int i = 0; i < names.count && told < NEAR_MAX;
		     i++) {
			struct bdf bdf;

			if (bdf_parse(names.names[i], &bdf) ||
			    bdf_difference(&bdf, wanted) != far)
				continue;
			add_near_pci(ctx, names.names[i]);
			told++;
		}
	}
	lend_error_remedy(ctx, "name a device that is there; lend list lists "
			       "them");
	sysfs_names_free(&names);
}

static int find_pci(struct lend_ctx *ctx, const char *host,
		    struct lend_address **address)
{
	char path[SYSFS_PATH], name[BDF_TEXT];
	struct bdf bdf;
	const char *wrong = bdf_parse(host, &bdf);
	int err;

	if (wrong)
		return refuse_spelling(ctx, host, "address of a PCI device",
				       wrong);
	bdf_print(&bdf, name);
	err = sysfs_path(path, "%s/bus/pci/devices/%s", ctx->sysfs, name);
	if (err)
		return error_system(ctx, -err, name, "%s", ctx->sysfs);
	err = address_find_if_there(ctx, path, address);
	if (err <= 0)
		return err;
	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, name,
		       "no such device");
	add_near_pci_devices(ctx, &bdf);
	return -ENODEV;
}

static int no_platform_device(struct lend_ctx *ctx, const char *host)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];
	const char *nearest;

	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, host,
		       "no such device");
	if (sysfs_path(path, "%s/bus/platform/devices", ctx->sysfs) ||
	    sysfs_list(ctx, path, &names))
		return -ENODEV;
	nearest = lend_nearest(host, (const char *const *)names.names,
			       names.count);
	if (nearest)
		lend_error_evidence(ctx, "there is %s on the platform bus",
				    nearest);
	sysfs_names_free(&names);
	return -ENODEV;
}

static int find_platform(struct lend_ctx *ctx, const char *host,
			 struct lend_address **address)
{
	const char *wrong = value_check_platform_host(host);
	char path[SYSFS_PATH];
	int err = 1;

	if (wrong)
		return refuse_spelling(ctx, host, "name of a platform device",
				       wrong);
	if (!sysfs_path(path, "%s/bus/platform/devices/%s", ctx->sysfs, host))
		err = address_find_if_there(ctx, path, address);
	return err > 0 ? no_platform_device(ctx, host) : err;
}

/* Which mediated devices there are, for who looked for another. */
static int no_mdev(struct lend_ctx *ctx, const char *uuid)
{
	struct sysfs_names names = {0};
	char path[SYSFS_PATH];

	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, uuid,
		       "no such mediated device");
	if (sysfs_path(path, "%s/bus/mdev/devices", ctx->sysfs) ||
	    sysfs_list(ctx, path, &names) || !names.count)
		lend_error_evidence(ctx, "this machine has no mediated "
					 "devices");
	for (unsigned int i = 0; i < names.count && i < NEAR_MAX; i++)
		lend_error_evidence(ctx, "there is %s", names.names[i]);
	sysfs_names_free(&names);
	return lend_error_remedy(ctx,
				 "lend mdev create PARENT TYPE %s makes "
				 "it; lend mdev types lists parents and "
				 "types",
				 uuid);
}

static int find_mdev(struct lend_ctx *ctx, const char *uuid,
		     struct lend_address **address)
{
	const char *wrong = value_check_uuid(uuid);
	char path[SYSFS_PATH], name[sizeof("xxxxxxxx-xxxx-xxxx-xxxx-"
					   "xxxxxxxxxxxx")];
	int err = 1;

	if (wrong)
		return refuse_spelling(ctx, uuid, "UUID of a mediated device",
				       wrong);
	/* The kernel spells them in small letters. */
	for (unsigned int i = 0; i < sizeof(name); i++)
		name[i] = (char)tolower((unsigned char)uuid[i]);
	if (!sysfs_path(path, "%s/bus/mdev/devices/%s", ctx->sysfs, name))
		err = address_find_if_there(ctx, path, address);
	return err > 0 ? no_mdev(ctx, name) : err;
}

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
			      "devices on its bus have no address; give the "
			      "path in sysfs");
}

static int find_spec(struct lend_ctx *ctx, const char *text,
		     struct lend_address **address)
{
	struct lend_spec *spec;
	int err = lend_spec_parse(ctx, text, &spec);

	if (err)
		return err;
	err = lend_spec_locate(spec, address);
	lend_spec_unref(spec);
	return err;
}

int lend_address_find(struct lend_ctx *ctx, const char *text,
		      struct lend_address **address)
{
	if (spec_is_attempt(text))
		return find_spec(ctx, text, address);
	if (!*text || strchr(text, '/'))
		return lend_address_find_path(ctx, text, address);
	if (bdf_is_attempt(text))
		return find_pci(ctx, text, address);
	if (!value_check_uuid(text))
		return find_mdev(ctx, text, address);
	return find_platform(ctx, text, address);
}
