// SPDX-License-Identifier: MIT
// Opens device nodes by their numbers, whatever /dev has.

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/address/device-node.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

enum { PAUSE_MS = 10 };

int device_node_number(struct lend_ctx *ctx, const char *attribute,
		       dev_t *number)
{
	unsigned int major, minor;
	char text[32];
	int length = sysfs_read(ctx, attribute, text, sizeof(text));

	if (length < 0)
		return length;
	if (sscanf(text, "%u:%u", &major, &minor) != 2)
		return -EBADMSG;
	*number = makedev(major, minor);
	return 0;
}

void device_node_pause(struct lend_ctx *ctx)
{
	ctx->kernel->poll(ctx->kernel, NULL, 0, PAUSE_MS);
}

/* /dev belongs to root, and is the one directory where nodes can be expected
 * to work: /run and /tmp are often mounted with nodev. Nobody else can open the
 * node, and its name is gone before anything is done with the descriptor. */
static int device_node_open_temporary(struct lend_ctx *ctx,
				      const struct open_node *node, int flags)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH];
	int err = sysfs_path(path, "%s/.lend-%d-%u-%u", ctx->dev, (int)getpid(),
			     major(node->number), minor(node->number));
	int fd;

	if (!err)
		err = k->mknod(k, path, node->type | 0600, node->number);
	if (err)
		return err;
	fd = k->open(k, path, flags);
	k->unlink(k, path);
	return fd;
}

int device_node_open(struct lend_ctx *ctx, const struct open_node *node,
		     int flags)
{
	struct open_node now = open_node_at(ctx, node->path);

	if (now.type == node->type &&
	    (!node->type || now.number == node->number))
		return ctx->kernel->open(ctx->kernel, node->path, flags);
	return device_node_open_temporary(ctx, node, flags);
}
