// SPDX-License-Identifier: MIT
// Bus mastering: whether a PCI device may do DMA and raise MSI.

#include <endian.h>
#include <linux/pci_regs.h>

#include "lib/base/context.h"
#include "lib/device/device.h"

static int bus_master_set(struct lend_device *device, bool on)
{
	uint16_t command, wanted;
	int err;

	err = lend_region_read(device, LEND_PCI_REGION_CONFIG, PCI_COMMAND,
			       &command, sizeof(command));
	if (err)
		return err;
	if (on)
		wanted = command | htole16(PCI_COMMAND_MASTER);
	else
		wanted = command & (uint16_t)~htole16(PCI_COMMAND_MASTER);
	if (wanted == command)
		return 0;
	return lend_region_write(device, LEND_PCI_REGION_CONFIG, PCI_COMMAND,
				 &wanted, sizeof(wanted));
}

int lend_device_bus_master(struct lend_device *device, bool on)
{
	int err = lend_device_require(device, LEND_DEVICE_PCI);

	if (err)
		return err;
	pthread_mutex_lock(&device->lock);
	err = bus_master_set(device, on);
	pthread_mutex_unlock(&device->lock);
	if (err)
		return error_system(device->ctx, -err, lend_device_name(device),
				    "%s bus mastering",
				    on ? "enable" : "disable");
	return 0;
}
