// SPDX-License-Identifier: MIT
// Whether the host, or a process through VFIO, uses a device.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <lend/check.h>

#include "lib/address/address.h"
#include "lib/address/group.h"
#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/check/dependent.h"
#include "lib/check/disk.h"
#include "lib/check/exports.h"
#include "lib/check/idle.h"
#include "lib/check/interface.h"
#include "lib/check/shares.h"
#include "lib/check/uses.h"

/* A watchdog that is armed resets the host, also with its node closed. */
static void idle_add_watchdogs(struct uses *uses)
{
	char path[SYSFS_PATH], state[32];

	for (unsigned int i = 0; i < uses->nodes.count; i++) {
		const struct nodes_entry *entry = &uses->nodes.entries[i];

		if (strncmp(entry->name, "watchdog", strlen("watchdog")) ||
		    sysfs_path(path, "%s/state", entry->path))
			continue;
		if (sysfs_read(uses->ctx, path, state, sizeof(state)) < 0)
			unknown_add(uses->unknown,
				    "whether %s is armed is unknown: this "
				    "kernel does not show it",
				    entry->name);
		else if (!strcmp(state, "active"))
			uses_add(uses, "%s is armed", entry->name);
	}
}

/* Adds the node that a line of /proc/consoles has the number of:
 * "ttyS4  -W- (EC  )  4:68". */
static void idle_add_console(struct uses *uses, const char *line)
{
	const char *last = strrchr(line, ' ');
	unsigned int major, minor;

	if (!last || sscanf(last, " %u:%u", &major, &minor) != 2)
		return;
	for (unsigned int i = 0; i < uses->nodes.count; i++)
		if (uses->nodes.entries[i].type == S_IFCHR &&
		    uses->nodes.entries[i].number == makedev(major, minor))
			uses_add(uses, "%s is a console of the kernel",
				 uses->nodes.entries[i].name);
}

static void idle_add_consoles(struct uses *uses)
{
	char *text = procfs_read_all(uses->ctx, "consoles");
	char *rest = text, *line;

	while (text && (line = procfs_next_line(&rest)))
		idle_add_console(uses, line);
	free(text);
}

/* Whether processes can have it open through VFIO. */
static bool idle_is_lent(const struct lend_address *address)
{
	char driver[SYSFS_NAME], path[SYSFS_PATH];

	lend_address_driver(address, driver, sizeof(driver));
	return address->bus == LEND_BUS_MDEV || group_is_vfio_driver(driver) ||
	       (!sysfs_path(path, "%s/vfio-dev", address->path) &&
		sysfs_exists(address->ctx, path));
}

/* Adds the uses of one device, and of what is below it in sysfs. */
static void idle_add_own(struct uses *uses)
{
	nodes_collect(uses->ctx, uses->name, uses->path, &uses->nodes);
	disk_add_volumes(uses);
	shares_add_mounts(uses);
	disk_add_swap(uses);
	exports_add_uses(uses);
	disk_add_claims(uses);
	interface_add_uses(uses);
	idle_add_watchdogs(uses);
	idle_add_consoles(uses);
	uses_add_holders(uses);
	nodes_free(&uses->nodes);
}

static int idle_ask_with(const struct lend_address *address,
			 const struct dependents *found,
			 struct unknown *unknown)
{
	struct uses uses = {
		.ctx = address->ctx,
		.name = address->name,
		.path = address->path,
		.unknown = unknown,
		.dependents = found,
	};
	int err = 0;

	if (idle_is_lent(address))
		err = holders_ask_device(address->ctx, address->name,
					 address->path, unknown);
	if (err)
		return err;
	idle_add_own(&uses);
	dependent_add_uses(&uses, idle_add_own);
	return uses.count ? lend_error_remedy(uses.ctx, "stop that use first")
			  : 0;
}

int idle_ask(const struct lend_address *address, struct unknown *unknown)
{
	struct dependents found;
	int err = dependents_collect(address->ctx, address->name, address->path,
				     &found);

	if (!err)
		err = idle_ask_with(address, &found, unknown);
	dependents_free(&found);
	return err;
}

int idle_check_with(const struct lend_address *address,
		    const struct dependents *found)
{
	struct unknown unknown = {0};
	int err = idle_ask_with(address, found, &unknown);

	unknown_log(address->ctx, address->name, &unknown);
	return err;
}

int lend_check_idle(const struct lend_address *address)
{
	struct unknown unknown = {0};
	int err = idle_ask(address, &unknown);

	unknown_log(address->ctx, address->name, &unknown);
	return err;
}
