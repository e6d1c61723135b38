// SPDX-License-Identifier: MIT
// Why a device node of VFIO cannot be opened: its owner and mode, and who we
// are; or that it is not there, and who has the device then.

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/iommu/node.h"

struct name {
	char text[64];
};

static struct name user_name(uid_t uid)
{
	struct passwd entry, *found = NULL;
	char buffer[1024];
	struct name name;

	if (getpwuid_r(uid, &entry, buffer, sizeof(buffer), &found) || !found)
		snprintf(name.text, sizeof(name.text), "%u", uid);
	else
		snprintf(name.text, sizeof(name.text), "%s", found->pw_name);
	return name;
}

static struct name group_name(gid_t gid)
{
	struct group entry, *found = NULL;
	char buffer[4096];
	struct name name;

	if (getgrgid_r(gid, &entry, buffer, sizeof(buffer), &found) || !found)
		snprintf(name.text, sizeof(name.text), "%u", gid);
	else
		snprintf(name.text, sizeof(name.text), "%s", found->gr_name);
	return name;
}

static bool mode_permits(const struct stat *st)
{
	gid_t groups[128];
	int count = getgroups(128, groups);

	if (geteuid() == 0)
		return true;
	if (st->st_uid == geteuid())
		return (st->st_mode & 0600) == 0600;
	if (st->st_gid == getegid())
		return (st->st_mode & 0060) == 0060;
	for (int i = 0; i < count; i++)
		if (groups[i] == st->st_gid)
			return (st->st_mode & 0060) == 0060;
	return (st->st_mode & 0006) == 0006;
}

int node_explain_permission(struct lend_ctx *ctx, const char *device,
			    const char *path)
{
	const struct kernel *k = ctx->kernel;
	struct name user = user_name(geteuid());
	struct stat st;

	lend_error_set(ctx, LEND_ERROR_PERMISSION, EACCES, device,
		       "cannot open %s: permission denied", path);
	if (k->stat(k, path, &st))
		return lend_error_evidence(ctx, "you are %s", user.text);
	lend_error_evidence(ctx, "%s is owned by %s:%s, mode %04o; you are %s",
			    path, user_name(st.st_uid).text,
			    group_name(st.st_gid).text, st.st_mode & 07777,
			    user.text);
	if (mode_permits(&st)) {
		lend_error_evidence(ctx, "the mode permits access: a container "
					 "or a security module denies it");
		return lend_error_remedy(ctx, "allow the container to use %s",
					 path);
	}
	lend_error_remedy(ctx, "sudo setfacl -m u:%s:rw %s", user.text, path);
	return lend_error_remedy(ctx, "without setfacl: sudo chown %s %s",
				 user.text, path);
}

int node_explain_missing(struct lend_ctx *ctx, struct lend_address *address,
			 const char *path)
{
	const char *name = lend_address_name(address);
	int group = lend_address_group(address);
	char driver[SYSFS_NAME];

	if (group < 0)
		return group;
	if (lend_address_driver(address, driver, sizeof(driver)) < 0 ||
	    !group_is_vfio_driver(driver))
		return group_explain_host_driver(ctx, (unsigned int)group,
						 name);
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOENT, name,
		       "%s does not exist, although the device is bound to %s",
		       path, driver);
	return lend_error_remedy(
		ctx, "in a container with its own /dev, pass the node in");
}

int node_open(struct lend_ctx *ctx, const char *device, const char *path)
{
	const struct kernel *k = ctx->kernel;
	int fd;

	if (ctx->is_confined)
		return error_system(ctx, EACCES, device, "open %s in a sandbox",
				    path);
	fd = k->open(k, path, O_RDWR);
	switch (fd) {
	case -ENOENT:
	case -ENODEV: /* a stale node */
	case -ENXIO:
		return -ENOENT;
	case -EACCES:
	case -EPERM:
		return node_explain_permission(ctx, device, path);
	}
	if (fd < 0)
		return error_system(ctx, -fd, device, "open %s", path);
	return fd;
}
