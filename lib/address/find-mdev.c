// SPDX-License-Identifier: MIT
// Finds a mediated device by its UUID.

#include <ctype.h>
#include <errno.h>

#include "lib/address/address.h"
#include "lib/address/find-mdev.h"
#include "lib/address/spelling.h"
#include "lib/address/value.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"

/* A longer list helps nobody. */
enum { LISTED_MAX = 6 };

/* Records which mediated devices exist. */
static int no_mdev(struct lend_ctx *ctx, const char *uuid)
{
	struct sysfs_names names = {0};
	char path[SYSFS_PATH];

	lend_error_set(ctx, LEND_ERROR_NO_DEVICE, ENODEV, uuid,
		       "no such mediated device");
	if (sysfs_path(path, "%s/bus/mdev/devices", ctx->sysfs) ||
	    sysfs_list(ctx, path, &names) || !names.count)
		lend_error_evidence(ctx, "this machine has no mediated "
					 "devices");
	for (unsigned int i = 0; i < names.count && i < LISTED_MAX; i++)
		lend_error_evidence(ctx, "present: %s", names.names[i]);
	sysfs_names_free(&names);
	return lend_error_remedy(ctx,
				 "create it: lend mdev create PARENT TYPE %s; "
				 "lend mdev types lists parents and types",
				 uuid);
}

int find_mdev(struct lend_ctx *ctx, const char *uuid,
	      struct lend_address **address)
{
	const char *wrong = value_check_uuid(uuid);
	char path[SYSFS_PATH], name[sizeof("xxxxxxxx-xxxx-xxxx-xxxx-"
					   "xxxxxxxxxxxx")];
	int err = 1;

	if (wrong)
		return spelling_refuse(ctx, uuid, "UUID of a mediated device",
				       wrong);
	/* The kernel uses lower case. */
	for (unsigned int i = 0; i < sizeof(name); i++)
		name[i] = (char)tolower((unsigned char)uuid[i]);
	if (!sysfs_path(path, "%s/bus/mdev/devices/%s", ctx->sysfs, name))
		err = address_find_if_there(ctx, path, address);
	return err > 0 ? no_mdev(ctx, name) : err;
}
