// SPDX-License-Identifier: MIT
// Finds a PCI device by its address.

#include <errno.h>
#include <string.h>

#include "lib/address/address.h"
#include "lib/address/bdf.h"
#include "lib/address/find-pci.h"
#include "lib/address/spelling.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

/* A longer list helps nobody. */
enum { NEAR_MAX = 6 };

void find_pci_add_evidence(struct lend_ctx *ctx, const char *name)
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
	lend_error_evidence(ctx, "present: %s, %s:%s, driver %s", name,
			    vendor + 2, device + 2, driver);
}

/* Adds the devices whose addresses differ in the fewest parts. */
static void add_near_pci_devices(struct lend_ctx *ctx, const struct bdf *wanted)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];
	unsigned int listed = 0;

	if (sysfs_path(path, "%s/bus/pci/devices", ctx->sysfs) ||
	    sysfs_list(ctx, path, &names) || !names.count) {
		lend_error_evidence(ctx, "this machine has no PCI devices");
		return;
	}
	for (unsigned int far = 1; far <= 4 && !listed; far++) {
		for (unsigned int i = 0; i < names.count && listed < NEAR_MAX;
		     i++) {
			struct bdf bdf;

			if (bdf_parse(names.names[i], &bdf) ||
			    bdf_difference(&bdf, wanted) != far)
				continue;
			find_pci_add_evidence(ctx, names.names[i]);
			listed++;
		}
	}
	lend_error_remedy(ctx,
			  "use a device that is present; lend list shows them");
	sysfs_names_free(&names);
}

int find_pci(struct lend_ctx *ctx, const char *host,
	     struct lend_address **address)
{
	char path[SYSFS_PATH], name[BDF_TEXT];
	struct bdf bdf;
	const char *wrong = bdf_parse(host, &bdf);
	int err;

	if (wrong)
		return spelling_refuse(ctx, host, "address of a PCI device",
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
