// SPDX-License-Identifier: MIT
// Whether VFIO accepts the IOMMU of a device: 1:1 mappings, interrupt
// remapping.

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/iommu.h"
#include "lib/iommu/direct.h"
#include "lib/iommu/isolation.h"

/* The module of the back end that opening the device would choose. */
static const char *check_iommu_module(struct lend_ctx *ctx,
				      const struct lend_address *address)
{
	char iommu[SYSFS_PATH], own[SYSFS_PATH], class[SYSFS_PATH];

	if (!sysfs_path(iommu, "%s/iommu", ctx->dev) &&
	    !sysfs_path(own, "%s/vfio-dev", address->path) &&
	    !sysfs_path(class, "%s/class/vfio-dev", ctx->sysfs) &&
	    sysfs_exists(ctx, iommu) &&
	    (sysfs_exists(ctx, own) || sysfs_exists(ctx, class)))
		return "iommufd";
	return "vfio_iommu_type1";
}

/* A container is tried where iommufd refuses. */
static bool check_is_waived(struct lend_ctx *ctx, const char *module)
{
	return isolation_is_waived(ctx, module) ||
	       isolation_is_waived(ctx, "vfio_iommu_type1");
}

static void check_direct(struct check *check,
			 const struct lend_address *address, unsigned int group)
{
	if (direct_check(check->ctx, group, address->name))
		report_failure(check, "direct");
}

static void check_remapping(struct check *check,
			    const struct lend_address *address)
{
	struct lend_ctx *ctx = check->ctx;
	const char *module = check_iommu_module(ctx, address);
	char witness[256];
	enum isolation isolation = isolation_find(ctx, address->name, witness);

	if (isolation == ISOLATION_UNKNOWN)
		return;
	if (isolation == ISOLATION_YES) {
		report_ok(check, "remapping", address->name,
			  "the IOMMU remaps its interrupts");
	} else if (check_is_waived(ctx, module)) {
		report_warning(check, "remapping", address->name, "",
			       "the IOMMU does not remap its interrupts: it "
			       "can forge any, as allow_unsafe_interrupts "
			       "accepts");
	} else if (isolation == ISOLATION_NO_MSI) {
		report_warning(check, "remapping", address->name, "",
			       "the kernel may refuse it unless %s allows "
			       "unsafe interrupts: its device tree node has no "
			       "msi-parent",
			       module);
	} else {
		isolation_explain(ctx, address->name, module, witness);
		report_failure(check, "remapping");
	}
}

void check_iommu(struct check *check, const struct lend_address *address,
		 unsigned int group)
{
	/* The driver of a mediated device guards its DMA and interrupts. */
	if (address->bus == LEND_BUS_MDEV)
		return;
	check_direct(check, address, group);
	check_remapping(check, address);
}
