// SPDX-License-Identifier: MIT
// Whether a device can raise only its own interrupts, by what the kernel shows
// of its interrupt controllers.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/iommu/isolation.h"

/* The interrupts of the I/O APICs come first. */
enum { INTERRUPTS_MAX = 32 };

/* On x86 interrupts are remapped all or none: the names of the controllers have
 * a prefix then. Elsewhere the names show nothing of the kind. */
static enum isolation isolation_of_x86(struct lend_ctx *ctx, char witness[256])
{
	char path[SYSFS_PATH], name[64];

	for (unsigned int i = 0; i < INTERRUPTS_MAX; i++) {
		if (sysfs_path(path, "%s/kernel/irq/%u/chip_name", ctx->sysfs,
			       i) ||
		    sysfs_read(ctx, path, name, sizeof(name)) <= 0)
			continue;
		snprintf(witness, 256, "/sys/kernel/irq/%u/chip_name: %s", i,
			 name);
		if (!strcmp(name, "IO-APIC"))
			return ISOLATION_NO;
		if (!strcmp(name, "IR-IO-APIC"))
			return ISOLATION_YES;
	}
	witness[0] = '\0';
	return ISOLATION_UNKNOWN;
}

enum isolation isolation_find(struct lend_ctx *ctx, const char *device,
			      char witness[256])
{
	char path[SYSFS_PATH];

	witness[0] = '\0';
	if (sysfs_path(path, "%s/bus/platform/devices/%s", ctx->sysfs,
		       device) ||
	    !sysfs_exists(ctx, path))
		return isolation_of_x86(ctx, witness);
	if (sysfs_path(path, "%s/bus/platform/devices/%s/of_node/msi-parent",
		       ctx->sysfs, device) ||
	    sysfs_exists(ctx, path))
		return ISOLATION_UNKNOWN;
	snprintf(witness, 256,
		 "since Linux 6.3 the kernel assumes this of a platform device "
		 "without an MSI controller; its node has no msi-parent");
	return ISOLATION_NO_MSI;
}

bool isolation_is_waived(struct lend_ctx *ctx, const char *module)
{
	char path[SYSFS_PATH], value[8];

	return !sysfs_path(path,
			   "%s/module/%s/parameters/"
			   "allow_unsafe_interrupts",
			   ctx->sysfs, module) &&
	       sysfs_read(ctx, path, value, sizeof(value)) > 0 &&
	       (value[0] == 'Y' || value[0] == '1');
}

int isolation_explain(struct lend_ctx *ctx, const char *device,
		      const char *module, const char *witness)
{
	lend_error_set(ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, device,
		       "the IOMMU does not remap interrupts: the device could "
		       "forge any interrupt");
	lend_error_evidence(ctx, "%s", witness);
	if (!strncmp(witness, "/sys/", strlen("/sys/")))
		lend_error_remedy(ctx,
				  "enable interrupt remapping (and x2APIC) in "
				  "firmware, or for a virtual machine in its "
				  "hypervisor; boot without intremap=off");
	return lend_error_remedy(ctx,
				 "where guests are trusted: echo 1 > "
				 "%s/module/%s/parameters/"
				 "allow_unsafe_interrupts",
				 ctx->sysfs, module);
}
