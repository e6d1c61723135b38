// SPDX-License-Identifier: MIT
// The device nodes by which a process gets a device that is bound to VFIO.

#include <stdio.h>
#include <string.h>

#include "cli/nodes.h"

static int nodes_take(void *opaque, const char *entry)
{
	struct nodes *nodes = opaque;

	snprintf(nodes->device, sizeof(nodes->device), "%s", entry);
	return 1;
}

void nodes_of(struct lend_address *address, struct nodes *nodes)
{
	char attribute[128], text[64];

	*nodes = (struct nodes){.group = lend_address_group(address)};
	/* The directory is there without the node, the attribute is not. */
	lend_attribute_list(address, "vfio-dev", nodes_take, nodes);
	snprintf(attribute, sizeof(attribute), "vfio-dev/%s/dev",
		 nodes->device);
	if (lend_attribute_read(address, attribute, text, sizeof(text)) <= 0)
		nodes->device[0] = '\0';
	nodes->is_unsafe = lend_attribute_read(address, "iommu_group/name",
					       text, sizeof(text)) > 0 &&
			   !strcmp(text, "vfio-noiommu");
}

bool nodes_is_vfio_driver(const char *driver)
{
	return strstr(driver, "vfio");
}

/* Drivers of mediated devices are those of VFIO, whatever their names. */
bool nodes_is_bound(const struct lend_address *address)
{
	char driver[256];

	lend_address_driver(address, driver, sizeof(driver));
	return nodes_is_vfio_driver(driver) ||
	       (driver[0] && lend_address_bus(address) == LEND_BUS_MDEV);
}
