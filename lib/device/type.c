// SPDX-License-Identifier: MIT
// The type of a device, from the kernel's flags, and the front end for it.

#include <errno.h>
#include <linux/vfio.h>

#include <lend/attribute.h>

#include "lib/base/context.h"
#include "lib/device/device.h"
#include "lib/device/reach.h"

static const struct type {
	const char *what;
	const char *front_end; /* NULL where there is none */
	unsigned int regions;  /* minimum */
	unsigned int irqs;
} types[] = {
	[LEND_DEVICE_PCI] = {"a PCI device", "vfio-pci",
			     VFIO_PCI_CONFIG_REGION_INDEX + 1,
			     VFIO_PCI_MSIX_IRQ_INDEX + 1},
	[LEND_DEVICE_PLATFORM] = {"a platform device", "vfio-platform", 0, 0},
	[LEND_DEVICE_OTHER] = {"neither a PCI nor a platform device", NULL, 0,
			       0},
};

enum lend_device_type lend_device_type(const struct lend_device *device)
{
	if (device->flags & VFIO_DEVICE_FLAGS_PCI)
		return LEND_DEVICE_PCI;
	if (device->flags & VFIO_DEVICE_FLAGS_PLATFORM)
		return LEND_DEVICE_PLATFORM;
	return LEND_DEVICE_OTHER;
}

int lend_device_require(const struct lend_device *device,
			enum lend_device_type type)
{
	const struct type *is = &types[lend_device_type(device)];
	const char *name = lend_device_name(device);
	struct lend_ctx *ctx = device->ctx;

	if (type < LEND_DEVICE_PCI || type > LEND_DEVICE_OTHER)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, name,
				      "%d is not a device type", type);
	if (is != &types[type]) {
		lend_error_set(ctx, LEND_ERROR_WRONG_TYPE, EINVAL, name,
			       "this is not %s", types[type].what);
		lend_error_evidence(ctx, "the %s reports %s",
				    reach_name(device), is->what);
		if (!is->front_end)
			return lend_error_remedy(
				ctx, "no front end supports such a device");
		if (!device->address)
			return lend_error_remedy(ctx, "use -device %s",
						 is->front_end);
		return lend_error_remedy(ctx, "use -device %s,sysfsdev=%s",
					 is->front_end,
					 lend_address_path(device->address));
	}
	if (device->region_count >= is->regions &&
	    device->irq_count >= is->irqs)
		return 0;
	lend_error_set(ctx, LEND_ERROR_WRONG_TYPE, EINVAL, name,
		       "too few regions or interrupts for %s", is->what);
	return lend_error_evidence(
		ctx, "regions: %u of %u; interrupts: %u of %u",
		device->region_count, is->regions, device->irq_count, is->irqs);
}

bool device_is_virtual(const struct lend_device *device)
{
	char physical[256];

	return device->address &&
	       lend_attribute_link(device->address, "physfn", physical,
				   sizeof(physical)) > 0;
}
