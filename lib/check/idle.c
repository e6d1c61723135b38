// SPDX-License-Identifier: MIT
// Whether the host uses a device.

#include <string.h>

#include <lend/check.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/disk.h"
#include "lib/check/interface.h"
#include "lib/check/uses.h"

/* Adds the processes that have an entry's node open; uevent has the node's path
 * below /dev. */
static void idle_add_holders(struct uses *uses, const char *entry,
			     const char *path)
{
	char file[SYSFS_PATH], text[1024];
	char *name;

	(void)entry;
	if (sysfs_path(file, "%s/uevent", path) ||
	    sysfs_read(uses->ctx, file, text, sizeof(text)) < 0)
		return;
	name = strstr(text, "DEVNAME=");
	if (!name)
		return;
	name += strlen("DEVNAME=");
	name[strcspn(name, "\n")] = '\0';
	uses_add_holders(uses, name);
}

int lend_check_idle(const struct lend_address *address)
{
	static const char *const classes[] = {
		"drm", "tty", "sound", "video4linux", "input",
	};
	struct uses uses = {
		.ctx = address->ctx,
		.name = address->name,
		.path = address->path,
	};

	disk_add_uses(&uses);
	interface_add_uses(&uses);
	for (unsigned int i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		uses_for_class(&uses, classes[i], idle_add_holders);
	if (!uses.count)
		return 0;
	return lend_error_remedy(uses.ctx, "stop that use first");
}
