// SPDX-License-Identifier: MIT
// Why a device has no IOMMU group, and how to enable the IOMMU.

#include <errno.h>
#include <string.h>

#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"

enum { TEXT_MAX = 16384 };

/* Searches the start of a file in procfs: the first processor of cpuinfo is as
 * good as any. */
static bool proc_has(struct lend_ctx *ctx, const char *file, const char *word)
{
	char text[TEXT_MAX];

	return procfs_read(ctx, file, text, sizeof(text)) > 0 &&
	       strstr(text, word);
}

static bool firmware_has(struct lend_ctx *ctx, const char *table)
{
	char path[SYSFS_PATH];

	return !sysfs_path(path, "%s/firmware/acpi/tables/%s", ctx->sysfs,
			   table) &&
	       sysfs_exists(ctx, path);
}

static void explain_intel(struct lend_ctx *ctx, bool is_guest)
{
	bool has_table = firmware_has(ctx, "DMAR");
	bool is_asked = proc_has(ctx, "cmdline", "intel_iommu=on");

	lend_error_evidence(ctx,
			    "ACPI table DMAR: %s; intel_iommu=on on the kernel "
			    "command line: %s",
			    has_table ? "present" : "absent",
			    is_asked ? "yes" : "no");
	if (!has_table && !is_guest)
		lend_error_remedy(ctx, "enable VT-d in the firmware setup");
	if (!is_asked)
		lend_error_remedy(ctx, "boot the host with intel_iommu=on");
}

static void explain_amd(struct lend_ctx *ctx, bool is_guest)
{
	bool has_table = firmware_has(ctx, "IVRS");

	lend_error_evidence(ctx, "ACPI table IVRS: %s",
			    has_table ? "present" : "absent");
	if (!has_table && !is_guest)
		lend_error_remedy(ctx, "enable IOMMU (AMD-Vi) in the "
				       "firmware setup");
}

static void explain_off(struct lend_ctx *ctx)
{
	bool is_guest = proc_has(ctx, "cpuinfo", " hypervisor");

	lend_error_evidence(ctx, "%s/class/iommu is empty, so the IOMMU is off",
			    ctx->sysfs);
	if (is_guest)
		lend_error_remedy(ctx,
				  "this host is a virtual machine: its "
				  "hypervisor must provide a virtual IOMMU");
	if (proc_has(ctx, "cpuinfo", "GenuineIntel"))
		explain_intel(ctx, is_guest);
	else if (proc_has(ctx, "cpuinfo", "AuthenticAMD"))
		explain_amd(ctx, is_guest);
	else if (!is_guest)
		lend_error_remedy(ctx, "enable the IOMMU (Intel VT-d, AMD-Vi, "
				       "Arm SMMU) in the firmware setup");
	/* iommu=off, intel_iommu=off, amd_iommu=off */
	if (proc_has(ctx, "cmdline", "iommu=off"))
		lend_error_remedy(
			ctx, "remove iommu=off from the kernel command line");
}

/* Finds the nearest device above path that has a group. */
static bool find_above(struct lend_ctx *ctx, char path[SYSFS_PATH])
{
	char link[SYSFS_PATH];
	char *slash;

	while ((slash = strrchr(path, '/'))) {
		*slash = '\0';
		if (!sysfs_path(link, "%s/iommu_group", path) &&
		    sysfs_exists(ctx, link))
			return true;
	}
	return false;
}

bool group_may_come(struct lend_ctx *ctx, const char *path)
{
	char iommus[SYSFS_PATH], driver[SYSFS_PATH];

	return !sysfs_path(iommus, "%s/of_node/iommus", path) &&
	       sysfs_exists(ctx, iommus) &&
	       !sysfs_path(driver, "%s/driver", path) &&
	       !sysfs_exists(ctx, driver);
}

static void explain_device(struct lend_ctx *ctx, const char *device,
			   const char *path)
{
	char above[SYSFS_PATH];

	if (group_may_come(ctx, path)) {
		lend_error_evidence(ctx,
				    "its device tree node names an IOMMU, but "
				    "it has no driver: the kernel creates the "
				    "group when a driver is first bound");
		lend_error_remedy(ctx, "lend bind %s", device);
	} else if (!sysfs_path(above, "%s", path) && find_above(ctx, above)) {
		lend_error_remedy(ctx, "lend the device it is part of: %s",
				  strrchr(above, '/') + 1);
	}
}

int group_explain_none(struct lend_ctx *ctx, const char *device,
		       const char *path)
{
	struct sysfs_names iommus = {0};
	char above[SYSFS_PATH];

	lend_error_set(ctx, LEND_ERROR_NO_GROUP, ENODATA, device,
		       "no IOMMU group");
	if (sysfs_path(above, "%s/class/iommu", ctx->sysfs) ||
	    sysfs_list(ctx, above, &iommus) || !iommus.count) {
		explain_off(ctx);
		return -ENODATA;
	}
	lend_error_evidence(
		ctx, "the IOMMU is on (%s), but this device is not behind it",
		iommus.names[0]);
	sysfs_names_free(&iommus);
	explain_device(ctx, device, path);
	return -ENODATA;
}
