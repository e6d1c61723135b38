// SPDX-License-Identifier: MIT
// virtio devices of a virtual machine whose DMA bypasses its IOMMU: they would
// access the host's memory at the guest's addresses.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/iommu/bypass.h"

#define VIRTIO_VENDOR 0x1af4
#define VIRTIO_FIRST  0x1000
#define VIRTIO_LAST   0x107f

bool bypass_is_virtio(unsigned int vendor, unsigned int device)
{
	return vendor == VIRTIO_VENDOR && device >= VIRTIO_FIRST &&
	       device <= VIRTIO_LAST;
}

bool bypass_is_possible(struct lend_ctx *ctx)
{
	char *text = procfs_read_all(ctx, "cpuinfo");
	char *flags = text ? strstr(text, "\nflags\t") : NULL;
	bool possible = true;

	if (flags) {
		flags[1 + strcspn(flags + 1, "\n")] = '\0';
		possible = strstr(flags, " hypervisor");
	}
	free(text);
	return possible;
}

int bypass_explain(struct lend_ctx *ctx, const char *device,
		   const char *evidence)
{
	lend_error_set(ctx, LEND_ERROR_NO_IOMMU, ENOTSUP, device,
		       "its DMA bypasses the IOMMU: it is a virtio device "
		       "without VIRTIO_F_ACCESS_PLATFORM");
	lend_error_evidence(ctx, "%s", evidence);
	return lend_error_remedy(ctx, "in the hypervisor of this host; QEMU: "
				      "-device virtio-...,iommu_platform=on,"
				      "disable-legacy=on");
}
