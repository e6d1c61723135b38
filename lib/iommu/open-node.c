// SPDX-License-Identifier: MIT
// Opens a device's node for another process.

#include <lend/device.h>

#include "lib/address/address.h"
#include "lib/iommu/cdev.h"
#include "lib/iommu/users.h"

/* The kernel lets any number of processes open the node, and refuses the second
 * one that uses the device: a user that is seen is reported here. */
int lend_device_open_node(struct lend_address *address)
{
	struct lend_ctx *ctx = address_ctx(address);
	const struct request request = {
		.name = lend_address_name(address),
		.address = address,
		.fd = -1,
	};

	return users_of_device(ctx, &request) ? users_explain(ctx, &request)
					      : cdev_open(ctx, &request);
}
