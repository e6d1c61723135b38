// SPDX-License-Identifier: MIT
// Asks the kernel whether a block device is claimed.

#include <errno.h>
#include <fcntl.h>

#include "lib/address/device-node.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/claim.h"

/*
 * An exclusive open claims the device: it fails as long as somebody else has
 * claimed it, or the disk of the partition, or a partition of the disk. For as
 * long as it is open, a mount by another process fails. So it is closed at
 * once, before anything else is done.
 *
 * It is opened for reading, as the end of a writer makes udev probe the device
 * again, and without waiting for a medium.
 */
static int claim_try(struct lend_ctx *ctx, const struct open_node *node)
{
	int fd = device_node_open(ctx, node, O_RDONLY | O_EXCL | O_NONBLOCK);

	if (fd < 0)
		return fd;
	ctx->kernel->close(ctx->kernel, fd);
	return 0;
}

int claim_ask(struct lend_ctx *ctx, const struct nodes_entry *entry)
{
	char path[SYSFS_PATH];
	struct open_node node = {
		.type = entry->type,
		.number = entry->number,
		.path = path,
	};
	int err = sysfs_path(path, "%s/%s", ctx->dev, entry->name);

	if (err)
		return err;
	err = claim_try(ctx, &node);
	for (int i = 0; err == -EBUSY && i < DEVICE_NODE_RETRIES; i++) {
		device_node_pause(ctx);
		err = claim_try(ctx, &node);
	}
	return err == -ENOMEDIUM ? 0 : err;
}
