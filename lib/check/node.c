// SPDX-License-Identifier: MIT
// Whether this user can open the nodes that a device and KVM require.

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "lib/address/address.h"
#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/node.h"
#include "lib/iommu/node.h"

static int check_node_access(struct lend_ctx *ctx, const char *path)
{
	return ctx->kernel->access(ctx->kernel, path, R_OK | W_OK);
}

/* Checks a node that must exist. Returns whether it can be opened. */
static bool check_vfio_node(struct check *check, const char *device,
			    const char *path)
{
	struct lend_ctx *ctx = check->ctx;
	int err = check_node_access(ctx, path);

	switch (-err) {
	case 0:
		return true;
	case EACCES:
	case EPERM:
	case EROFS:
		node_explain_permission(ctx, device, path);
		lend_error_remedy(ctx, "permanently: lend udev --group kvm");
		break;
	case ENOENT:
		lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOENT, device,
			       "%s does not exist", path);
		lend_error_remedy(ctx, "modprobe vfio-pci; in a container, "
				       "pass the node to it");
		break;
	default:
		error_system(ctx, -err, device, "%s", path);
		break;
	}
	report_failure(check, "node");
	return false;
}

/* Whether the device's own node and /dev/iommu can be opened, which replace the
 * nodes of group and container. */
static bool can_use_iommufd(struct check *check,
			    const struct lend_address *address)
{
	struct lend_ctx *ctx = check->ctx;
	char path[SYSFS_PATH], name[SYSFS_NAME];

	if (sysfs_path(path, "%s/vfio-dev", address->path) ||
	    sysfs_first(ctx, path, name) ||
	    sysfs_path(path, "%s/iommu", ctx->dev) ||
	    check_node_access(ctx, path) ||
	    sysfs_path(path, "%s/vfio/devices/%s", ctx->dev, name) ||
	    check_node_access(ctx, path))
		return false;
	report_ok(check, "node", address->name,
		  "%s and /dev/iommu can be opened", path);
	return true;
}

void check_nodes(struct check *check, const struct lend_address *address,
		 unsigned int group)
{
	struct lend_ctx *ctx = check->ctx;
	char path[SYSFS_PATH], container[SYSFS_PATH];

	if (can_use_iommufd(check, address) ||
	    sysfs_path(container, "%s/vfio/vfio", ctx->dev) ||
	    group_node_path(ctx, group, false, path))
		return;
	if (check_vfio_node(check, address->name, path) &&
	    check_vfio_node(check, NULL, container))
		report_ok(check, "node", address->name, "%s can be opened",
			  path);
}

void check_kvm(struct check *check)
{
	struct lend_ctx *ctx = check->ctx;
	char path[SYSFS_PATH];
	int err = sysfs_path(path, "%s/kvm", ctx->dev);

	if (!err)
		err = check_node_access(ctx, path);
	if (!err) {
		report_ok(check, "kvm", NULL, "%s can be opened", path);
		return;
	}
	if (err == -EACCES || err == -EPERM) {
		node_explain_permission(ctx, NULL, path);
	} else {
		lend_error_set(ctx, LEND_ERROR_NO_KVM, -err, NULL, "%s: %s",
			       path, strerror(-err));
		lend_error_remedy(
			ctx, "enable virtualisation (VT-x, AMD-V) in the "
			     "firmware setup; modprobe kvm_intel or kvm_amd");
	}
	report_failure(check, "kvm");
}
