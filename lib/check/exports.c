// SPDX-License-Identifier: MIT
// The disks of a device that the kernel exports to other machines.

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/address/open-files.h"
#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/exports.h"

/* The kernel's targets open a disk without a claim, and no process has it open.
 * Each export is a directory DIR/ANY/MIDDLE/ANY of configfs, with the path of
 * the node in a file. */
static const struct exports_kind {
	const char *what;
	const char *dir;
	const char *middle;
	const char *file;
} exports_kinds[] = {
	{"NVMe", "kernel/config/nvmet/subsystems", "/namespaces",
	 "device_path"},
	{"SCSI", "kernel/config/target/core", "", "udev_path"},
};

static void exports_add_one(struct uses *uses, const struct exports_kind *kind,
			    const char *export)
{
	char path[SYSFS_PATH], text[SYSFS_PATH];
	struct open_node node;

	if (sysfs_path(path, "%s/enable", export) ||
	    sysfs_read(uses->ctx, path, text, sizeof(text)) <= 0 ||
	    strcmp(text, "1") != 0 ||
	    sysfs_path(path, "%s/%s", export, kind->file) ||
	    sysfs_read(uses->ctx, path, text, sizeof(text)) <= 0)
		return;
	node = open_node_at(uses->ctx, text);
	for (unsigned int i = 0; i < uses->nodes.count; i++) {
		struct nodes_entry *entry = &uses->nodes.entries[i];

		if (entry->type != S_IFBLK || node.type != S_IFBLK ||
		    node.number != entry->number)
			continue;
		uses_add(uses, "%s is exported by the %s target, as %s",
			 entry->name, kind->what, export);
		entry->is_used = true;
	}
}

static void exports_add_below(struct uses *uses,
			      const struct exports_kind *kind, const char *dir)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];

	if (sysfs_list_dirs(uses->ctx, dir, &names))
		return;
	for (unsigned int i = 0; i < names.count; i++)
		if (!sysfs_path(path, "%s/%s", dir, names.names[i]))
			exports_add_one(uses, kind, path);
	sysfs_names_free(&names);
}

static void exports_add_kind(struct uses *uses, const struct exports_kind *kind)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];

	if (sysfs_path(path, "%s/%s", uses->ctx->sysfs, kind->dir) ||
	    sysfs_list_dirs(uses->ctx, path, &names))
		return;
	for (unsigned int i = 0; i < names.count; i++)
		if (!sysfs_path(path, "%s/%s/%s%s", uses->ctx->sysfs, kind->dir,
				names.names[i], kind->middle))
			exports_add_below(uses, kind, path);
	sysfs_names_free(&names);
}

void exports_add_uses(struct uses *uses)
{
	for (unsigned int i = 0;
	     i < sizeof(exports_kinds) / sizeof(exports_kinds[0]); i++)
		exports_add_kind(uses, &exports_kinds[i]);
}
