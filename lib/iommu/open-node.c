// SPDX-License-Identifier: MIT
// Opens a device's node for another process.

#include <lend/device.h>

#include "lib/address/address.h"
#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/iommu/cdev.h"
#include "lib/iommu/users.h"

/* The kernel lets any number of processes open the node, and refuses later what
 * the receiver may not see the reason of: a user of the device, and a host
 * driver of another one in its group. What can be seen is reported here. */
int lend_device_open_node(struct lend_address *address)
{
	struct lend_ctx *ctx = address_ctx(address);
	const struct request request = {
		.name = lend_address_name(address),
		.address = address,
		.fd = -1,
	};
	int group = lend_address_group(address);
	int fd;

	if (users_of_device(ctx, &request))
		return users_explain(ctx, &request);
	fd = cdev_open(ctx, &request);
	if (fd < 0 || group < 0 || !group_is_blocked(ctx, (unsigned int)group))
		return fd;
	ctx->kernel->close(ctx->kernel, fd);
	return group_explain_not_viable(ctx, (unsigned int)group, request.name);
}
