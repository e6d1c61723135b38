// SPDX-License-Identifier: MIT
// 1:1 DMA mappings that firmware requires for a group: no guest can have them.

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/iommu/direct.h"

enum { REGIONS_TEXT = 4096 };

/* Those that the kernel calls direct-relaxable, as for USB and graphics, end
 * with the boot. */
static bool direct_is_line(const char *line)
{
	char kind[32];

	return sscanf(line, "%*x %*x %31s", kind) == 1 &&
	       !strcmp(kind, "direct");
}

int direct_check(struct lend_ctx *ctx, unsigned int group, const char *device)
{
	char path[SYSFS_PATH], text[REGIONS_TEXT];
	char *rest = text, *line;
	unsigned int count = 0;

	if (sysfs_path(path, "%s/kernel/iommu_groups/%u/reserved_regions",
		       ctx->sysfs, group) ||
	    sysfs_read(ctx, path, text, sizeof(text)) <= 0)
		return 0;
	while ((line = procfs_next_line(&rest))) {
		if (!direct_is_line(line))
			continue;
		if (!count++)
			lend_error_set(
				ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, device,
				"firmware requires that its IOMMU group %u can "
				"always access memory of the host",
				group);
		lend_error_evidence(ctx, "reserved_regions of the group: %s",
				    line);
	}
	if (!count)
		return 0;
	lend_error_evidence(ctx, "direct: a 1:1 mapping by an RMRR or IVMD "
				 "entry of the ACPI tables");
	return lend_error_remedy(
		ctx, "disable the firmware's feature that uses the device, "
		     "such as its shared memory with the management "
		     "controller, or update the firmware; no option of the "
		     "kernel removes the mapping");
}
