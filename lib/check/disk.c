// SPDX-License-Identifier: MIT
// How the host uses the disks of a device.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/check/claim.h"
#include "lib/check/disk.h"

static void disk_add_volume(struct uses *uses, unsigned int disk,
			    const char *volume)
{
	char path[SYSFS_PATH], name[256];

	if (sysfs_path(path, "%s/class/block/%s/dm/name", uses->ctx->sysfs,
		       volume) ||
	    sysfs_read(uses->ctx, path, name, sizeof(name)) <= 0)
		snprintf(name, sizeof(name), "%s", volume);
	uses_add(uses, "%s is part of volume %s",
		 uses->nodes.entries[disk].name, name);
	uses->nodes.entries[disk].is_used = true;
	nodes_add_volume(uses->ctx, &uses->nodes, volume);
}

static void disk_add_holders(struct uses *uses, unsigned int disk)
{
	struct sysfs_names holders;
	char path[SYSFS_PATH];

	if (sysfs_path(path, "%s/holders", uses->nodes.entries[disk].path) ||
	    sysfs_list(uses->ctx, path, &holders))
		return;
	for (unsigned int i = 0; i < holders.count; i++)
		disk_add_volume(uses, disk, holders.names[i]);
	sysfs_names_free(&holders);
}

/* A loop device neither claims nor opens what it is on. */
static void disk_add_loop(struct uses *uses, unsigned int disk,
			  const struct sysfs_names *disks)
{
	char path[SYSFS_PATH], file[SYSFS_PATH];

	for (unsigned int i = 0; i < disks->count; i++) {
		const char *node;

		if (strncmp(disks->names[i], "loop", strlen("loop")) ||
		    sysfs_path(path, "%s/class/block/%s/loop/backing_file",
			       uses->ctx->sysfs, disks->names[i]) ||
		    sysfs_read(uses->ctx, path, file, sizeof(file)) <= 0)
			continue;
		node = sysfs_below(file, "/dev");
		if (node && !strcmp(node, uses->nodes.entries[disk].name))
			disk_add_volume(uses, disk, disks->names[i]);
	}
}

void disk_add_volumes(struct uses *uses)
{
	struct sysfs_names disks = {0};
	char path[SYSFS_PATH];

	if (!uses->nodes.count)
		return;
	if (!sysfs_path(path, "%s/class/block", uses->ctx->sysfs) &&
	    sysfs_list(uses->ctx, path, &disks))
		disks.count = 0;
	/* Volumes are added at the end, and so are those on them. */
	for (unsigned int i = 0; i < uses->nodes.count; i++) {
		if (uses->nodes.entries[i].type != S_IFBLK)
			continue;
		disk_add_holders(uses, i);
		disk_add_loop(uses, i, &disks);
	}
	sysfs_names_free(&disks);
}

void disk_add_swap(struct uses *uses)
{
	char *text = procfs_read_all(uses->ctx, "swaps");
	char *rest = text, *line;

	while (text && (line = procfs_next_line(&rest))) {
		const char *node;

		line[strcspn(line, " \t")] = '\0';
		node = sysfs_below(line, "/dev");
		for (unsigned int i = 0; node && i < uses->nodes.count; i++) {
			struct nodes_entry *entry = &uses->nodes.entries[i];

			if (entry->type != S_IFBLK || strcmp(node, entry->name))
				continue;
			uses_add(uses, "%s is used as swap", entry->name);
			entry->is_used = true;
		}
	}
	free(text);
}

/* Whether a use of the disk of a partition, or of a partition of the disk, is
 * known: it excludes others from both. */
static bool disk_is_explained(const struct uses *uses,
			      const struct nodes_entry *entry)
{
	for (unsigned int i = 0; i < uses->nodes.count; i++) {
		const struct nodes_entry *other = &uses->nodes.entries[i];

		if (other->type == S_IFBLK && other->is_used &&
		    (other == entry || sysfs_below(other->path, entry->path) ||
		     sysfs_below(entry->path, other->path)))
			return true;
	}
	return false;
}

static bool disk_is_partition(struct uses *uses,
			      const struct nodes_entry *entry)
{
	char path[SYSFS_PATH];

	return !sysfs_path(path, "%s/partition", entry->path) &&
	       sysfs_exists(uses->ctx, path);
}

static void disk_add_claim(struct uses *uses, struct nodes_entry *entry)
{
	int err = claim_ask(uses->ctx, entry);

	if (err == -EBUSY) {
		uses_add(uses,
			 "%s is claimed: its exclusive open fails, as with a "
			 "mount in another namespace, swap, or a volume of "
			 "btrfs, ZFS, MD or device mapper",
			 entry->name);
		entry->is_used = true;
	} else if (err == -EACCES || err == -EPERM) {
		unknown_add(uses->unknown,
			    "requires root, outside a container, to know "
			    "whether %s is mounted or part of a volume",
			    entry->name);
	} else if (err) {
		unknown_add(uses->unknown,
			    "whether %s is mounted or part of a volume is "
			    "unknown: open: %s",
			    entry->name, strerror(-err));
	}
}

/* Partitions first: a claim of one is one of its disk too. */
void disk_add_claims(struct uses *uses)
{
	for (int partitions = 1; partitions >= 0; partitions--)
		for (unsigned int i = 0; i < uses->nodes.count; i++) {
			struct nodes_entry *entry = &uses->nodes.entries[i];

			if (entry->type == S_IFBLK && !entry->is_volume &&
			    disk_is_partition(uses, entry) == partitions &&
			    !disk_is_explained(uses, entry))
				disk_add_claim(uses, entry);
		}
}
