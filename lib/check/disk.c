// SPDX-License-Identifier: MIT
// How the host uses the disks of a device.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/check/disk.h"

/* Volumes are stacked on volumes, but not deeper than this. */
enum { DEPTH_MAX = 8 };

/* Adds the mounts of the block device with this number or name. Some file
 * systems have a number of their own, but name their source. */
static void disk_add_mounts(struct uses *uses, const char *disk,
			    const char *number)
{
	char *text = procfs_read_all(uses->ctx, "self/mountinfo");
	char *rest = text, *line;

	while (text && (line = procfs_next_line(&rest))) {
		char its_number[32], where[256], source[256] = "";
		const char *dash = strstr(line, " - ");

		if (!dash || sscanf(line, "%*s %*s %31s %*s %255s", its_number,
				    where) != 2)
			continue;
		if (sscanf(dash, " - %*s %255s", source) == 1 &&
		    !strncmp(source, "/dev/", strlen("/dev/")))
			memmove(source, source + strlen("/dev/"),
				strlen(source + strlen("/dev/")) + 1);
		if (!strcmp(its_number, number) || !strcmp(source, disk))
			uses_add(uses, "%s is mounted on %s", disk, where);
	}
	free(text);
}

static void disk_add_swap(struct uses *uses, const char *disk)
{
	char *text = procfs_read_all(uses->ctx, "swaps");
	char *rest = text, *line;

	while (text && (line = procfs_next_line(&rest))) {
		line[strcspn(line, " \t")] = '\0';
		if (!strncmp(line, "/dev/", strlen("/dev/")) &&
		    !strcmp(line + strlen("/dev/"), disk))
			uses_add(uses, "%s is used as swap", disk);
	}
	free(text);
}

static void disk_add_all(struct uses *uses, const char *disk,
			 unsigned int depth);

/* Adds the volumes on a disk or a partition: device mapper (LVM, LUKS),
 * RAID. */
static void disk_add_volumes(struct uses *uses, const char *disk,
			     unsigned int depth)
{
	struct sysfs_names holders;
	char path[SYSFS_PATH], name[256];

	if (sysfs_path(path, "%s/class/block/%s/holders", uses->ctx->sysfs,
		       disk) ||
	    sysfs_list(uses->ctx, path, &holders))
		return;
	for (unsigned int i = 0; i < holders.count; i++) {
		const char *holder = holders.names[i];

		if (sysfs_path(path, "%s/class/block/%s/dm/name",
			       uses->ctx->sysfs, holder) ||
		    sysfs_read(uses->ctx, path, name, sizeof(name)) <= 0)
			snprintf(name, sizeof(name), "%s", holder);
		uses_add(uses, "%s is part of volume %s", disk, name);
		if (depth < DEPTH_MAX)
			disk_add_all(uses, holder, depth + 1);
	}
	sysfs_names_free(&holders);
}

/* disk is a name in /sys/class/block; it may be a partition. */
static void disk_add_all(struct uses *uses, const char *disk,
			 unsigned int depth)
{
	char path[SYSFS_PATH], number[32];
	unsigned int before = uses->count;

	if (sysfs_path(path, "%s/class/block/%s/dev", uses->ctx->sysfs, disk) ||
	    sysfs_read(uses->ctx, path, number, sizeof(number)) < 0)
		number[0] = '\0';
	disk_add_mounts(uses, disk, number);
	disk_add_swap(uses, disk);
	disk_add_volumes(uses, disk, depth);
	if (uses->count == before)
		uses_add_holders(uses, disk);
}

static void disk_add_own(struct uses *uses, const char *entry, const char *path)
{
	(void)path;
	disk_add_all(uses, entry, 0);
}

/* Whether one of the paths of an NVMe subsystem goes through the device. */
static bool nvme_has_path(const struct uses *uses, const char *subsystem)
{
	const struct kernel *k = uses->ctx->kernel;
	char path[SYSFS_PATH], canonical[SYSFS_PATH];
	struct sysfs_names names;
	bool found = false;

	if (sysfs_list(uses->ctx, subsystem, &names))
		return false;
	for (unsigned int i = 0; i < names.count && !found; i++)
		found = !strncmp(names.names[i], "nvme", strlen("nvme")) &&
			!sysfs_path(path, "%s/%s", subsystem, names.names[i]) &&
			!k->realpath(k, path, canonical, sizeof(canonical)) &&
			sysfs_below(canonical, uses->path);
	sysfs_names_free(&names);
	return found;
}

/* With multipath, the disk of a namespace belongs to the subsystem, not to the
 * device. */
static void disk_add_nvme_subsystems(struct uses *uses)
{
	const struct kernel *k = uses->ctx->kernel;
	char path[SYSFS_PATH], canonical[SYSFS_PATH];
	struct sysfs_names names;

	if (sysfs_path(path, "%s/class/block", uses->ctx->sysfs) ||
	    sysfs_list(uses->ctx, path, &names))
		return;
	for (unsigned int i = 0; i < names.count; i++) {
		char *subsystem, *slash;

		if (sysfs_path(path, "%s/class/block/%s", uses->ctx->sysfs,
			       names.names[i]) ||
		    k->realpath(k, path, canonical, sizeof(canonical)) < 0)
			continue;
		subsystem = strstr(canonical, "/nvme-subsystem/");
		if (!subsystem)
			continue;
		slash = strchr(subsystem + strlen("/nvme-subsystem/"), '/');
		if (!slash)
			continue;
		*slash = '\0';
		if (nvme_has_path(uses, canonical))
			disk_add_all(uses, names.names[i], 0);
	}
	sysfs_names_free(&names);
}

void disk_add_uses(struct uses *uses)
{
	uses_for_class(uses, "block", disk_add_own);
	disk_add_nvme_subsystems(uses);
}
