// SPDX-License-Identifier: MIT
// The device nodes that a device has, found by their numbers in sysfs.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/address/device-node.h"
#include "lib/base/context.h"
#include "lib/base/places.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"
#include "lib/check/nodes.h"

/* No device has a tenth of this. */
enum { NODES_MAX = 65536 };

/* The major number that NVIDIA's driver is assigned (devices.txt). */
enum { NVIDIA_MAJOR = 195 };

static int nodes_add(struct nodes *nodes, const struct nodes_entry *entry)
{
	struct nodes_entry *more, *added;

	if (nodes->count >= NODES_MAX)
		return -E2BIG;
	more = reallocarray(nodes->entries, nodes->count + 1UL, sizeof(*more));
	if (!more)
		return -ENOMEM;
	nodes->entries = more;
	added = &more[nodes->count];
	*added = *entry;
	added->name = strdup(entry->name);
	added->path = strdup(entry->path);
	if (added->name && added->path)
		return (int)nodes->count++;
	free(added->name);
	free(added->path);
	return -ENOMEM;
}

/* uevent has the node's path below /dev. */
static void nodes_read_name(struct lend_ctx *ctx, const char *path,
			    char name[SYSFS_NAME])
{
	char file[SYSFS_PATH], text[4096];
	char *rest = text, *line;

	snprintf(name, SYSFS_NAME, "%s", strrchr(path, '/') + 1);
	if (sysfs_path(file, "%s/uevent", path) ||
	    sysfs_read(ctx, file, text, sizeof(text)) < 0)
		return;
	while ((line = procfs_next_line(&rest)))
		if (!strncmp(line, "DEVNAME=", strlen("DEVNAME=")))
			snprintf(name, SYSFS_NAME, "%s",
				 line + strlen("DEVNAME="));
}

/* Whether one of the paths of an NVMe subsystem goes through the device. */
static bool nvme_has_path(struct lend_ctx *ctx, const char *device,
			  const char *subsystem)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH], canonical[SYSFS_PATH];
	struct sysfs_names names;
	bool found = false;

	if (sysfs_list(ctx, subsystem, &names))
		return false;
	for (unsigned int i = 0; i < names.count && !found; i++)
		found = !strncmp(names.names[i], "nvme", strlen("nvme")) &&
			!sysfs_path(path, "%s/%s", subsystem, names.names[i]) &&
			!k->realpath(k, path, canonical, sizeof(canonical)) &&
			sysfs_below(canonical, device);
	sysfs_names_free(&names);
	return found;
}

static bool nodes_is_vfio(const char *below)
{
	return !strncmp(below, "vfio-dev/", strlen("vfio-dev/")) ||
	       strstr(below, "/vfio-dev/");
}

static void nodes_add_place(struct lend_ctx *ctx, struct nodes *nodes,
			    const struct place *place, mode_t type)
{
	char name[SYSFS_NAME];
	unsigned int major, minor;

	if (sscanf(place->name, "%u:%u", &major, &minor) != 2)
		return;
	nodes_read_name(ctx, place->path, name);
	nodes_add(nodes, &(struct nodes_entry){
				 .name = name,
				 .path = place->path,
				 .type = type,
				 .number = makedev(major, minor),
			 });
}

/* Writes the directory of the NVMe subsystem that a path is in, if any. */
static bool nvme_subsystem_of(const char *path, char subsystem[SYSFS_PATH])
{
	static const char dir[] = "/nvme-subsystem/";
	char *end;

	strcpy(subsystem, path);
	end = strstr(subsystem, dir);
	if (end)
		end = strchr(end + strlen(dir), '/');
	if (end)
		*end = '\0';
	return end;
}

/* With multipath, the disk of a namespace belongs to the subsystem, not to the
 * device. */
static void nodes_collect_nvme(struct lend_ctx *ctx, const char *device,
			       struct nodes *nodes, const struct places *places,
			       mode_t type)
{
	char path[SYSFS_PATH], subsystems[SYSFS_PATH];
	unsigned int i, end;

	if (sysfs_path(path, "%s/nvme", device) || !sysfs_exists(ctx, path) ||
	    sysfs_path(path, "%s/devices/virtual/nvme-subsystem", ctx->sysfs) ||
	    ctx->kernel->realpath(ctx->kernel, path, subsystems,
				  sizeof(subsystems)))
		return;
	for (i = places_below(places, subsystems, &end); i < end; i++)
		if (nvme_subsystem_of(places->entries[i].path, path) &&
		    nvme_has_path(ctx, device, path))
			nodes_add_place(ctx, nodes, &places->entries[i], type);
}

static void nodes_collect_type(struct lend_ctx *ctx, const char *device,
			       struct nodes *nodes, enum places_kind kind,
			       mode_t type)
{
	const struct places *places;
	unsigned int i, end;

	if (places_get(ctx, kind, &places))
		return;
	for (i = places_below(places, device, &end); i < end; i++)
		if (!nodes_is_vfio(
			    sysfs_below(places->entries[i].path, device)))
			nodes_add_place(ctx, nodes, &places->entries[i], type);
	nodes_collect_nvme(ctx, device, nodes, places, type);
	places_put(ctx, places);
}

/* The nodes of NVIDIA's driver are in no class: procfs has the minor number. */
static void nodes_collect_nvidia(struct lend_ctx *ctx, const char *device,
				 struct nodes *nodes)
{
	static const char key[] = "Device Minor:";
	char file[64], text[4096], name[32], path[] = "";
	char *rest = text, *line;

	snprintf(file, sizeof(file), "driver/nvidia/gpus/%.32s/information",
		 device);
	if (procfs_read(ctx, file, text, sizeof(text)) < 0)
		return;
	while ((line = procfs_next_line(&rest))) {
		unsigned int minor;

		if (strncmp(line, key, strlen(key)) ||
		    sscanf(line + strlen(key), "%u", &minor) != 1)
			continue;
		snprintf(name, sizeof(name), "nvidia%u", minor);
		nodes_add(nodes, &(struct nodes_entry){
					 .name = name,
					 .path = path,
					 .type = S_IFCHR,
					 .number = makedev(NVIDIA_MAJOR, minor),
				 });
	}
}

void nodes_collect(struct lend_ctx *ctx, const char *device, const char *path,
		   struct nodes *nodes)
{
	*nodes = (struct nodes){0};
	nodes_collect_type(ctx, path, nodes, PLACES_BLOCK, S_IFBLK);
	nodes_collect_type(ctx, path, nodes, PLACES_CHAR, S_IFCHR);
	nodes_collect_nvidia(ctx, device, nodes);
}

int nodes_add_volume(struct lend_ctx *ctx, struct nodes *nodes,
		     const char *name)
{
	char link[SYSFS_PATH], path[SYSFS_PATH], node[SYSFS_NAME];
	struct nodes_entry entry = {
		.name = node,
		.path = path,
		.type = S_IFBLK,
		.is_volume = true,
	};
	int err = sysfs_path(link, "%s/class/block/%s/dev", ctx->sysfs, name);

	if (!err)
		err = device_node_number(ctx, link, &entry.number);
	*strrchr(link, '/') = '\0';
	if (!err)
		err = ctx->kernel->realpath(ctx->kernel, link, path,
					    sizeof(path));
	if (err)
		return err;
	for (unsigned int i = 0; i < nodes->count; i++)
		if (nodes->entries[i].type == S_IFBLK &&
		    nodes->entries[i].number == entry.number)
			return (int)i;
	nodes_read_name(ctx, path, node);
	return nodes_add(nodes, &entry);
}

void nodes_free(struct nodes *nodes)
{
	for (unsigned int i = 0; i < nodes->count; i++) {
		free(nodes->entries[i].name);
		free(nodes->entries[i].path);
	}
	free(nodes->entries);
	*nodes = (struct nodes){0};
}
