// SPDX-License-Identifier: MIT
// The file systems that are mounted from a device.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/base/context.h"
#include "lib/base/sysfs.h"
#include "lib/check/mounts.h"
#include "lib/check/shares.h"

/* More transports of one device have never been seen. */
enum { TAGS_MAX = 16 };

struct shares {
	struct uses *uses;
	unsigned int count;
	char tags[TAGS_MAX][256];
	bool lacks_tag; /* a virtiofs device of a kernel that has no tags */
};

static bool shares_leads_below(const struct uses *uses, const char *link)
{
	char path[SYSFS_PATH];

	return !uses->ctx->kernel->realpath(uses->ctx->kernel, link, path,
					    sizeof(path)) &&
	       (!strcmp(path, uses->path) || sysfs_below(path, uses->path));
}

static void shares_add_tag(struct shares *shares, const char *file)
{
	if (shares->count < TAGS_MAX &&
	    sysfs_read(shares->uses->ctx, file, shares->tags[shares->count],
		       sizeof(shares->tags[0])) > 0)
		shares->count++;
}

static void shares_collect_9p(struct shares *shares)
{
	struct uses *uses = shares->uses;
	const struct places *places;
	char file[SYSFS_PATH];
	unsigned int i, end;

	if (places_get(uses->ctx, PLACES_VIRTIO, &places))
		return;
	for (i = places_below(places, uses->path, &end); i < end; i++)
		if (!sysfs_path(file, "%s/mount_tag", places->entries[i].path))
			shares_add_tag(shares, file);
	places_put(uses->ctx, places);
}

static void shares_collect_virtiofs(struct shares *shares)
{
	struct uses *uses = shares->uses;
	struct sysfs_names names;
	char path[SYSFS_PATH];

	if (sysfs_path(path, "%s/fs/virtiofs", uses->ctx->sysfs) ||
	    sysfs_list(uses->ctx, path, &names))
		return;
	for (unsigned int i = 0; i < names.count; i++)
		if (!sysfs_path(path, "%s/fs/virtiofs/%s/device",
				uses->ctx->sysfs, names.names[i]) &&
		    shares_leads_below(uses, path) &&
		    !sysfs_path(path, "%s/fs/virtiofs/%s/tag", uses->ctx->sysfs,
				names.names[i]))
			shares_add_tag(shares, path);
	sysfs_names_free(&names);
}

/* Linux before 6.9 does not show the tags of virtiofs. */
static bool shares_lack_tag(const struct uses *uses)
{
	struct sysfs_names names;
	char path[SYSFS_PATH];
	bool found = false;

	if ((!sysfs_path(path, "%s/fs/virtiofs", uses->ctx->sysfs) &&
	     sysfs_exists(uses->ctx, path)) ||
	    sysfs_path(path, "%s/bus/virtio/drivers/virtiofs",
		       uses->ctx->sysfs) ||
	    sysfs_list(uses->ctx, path, &names))
		return false;
	for (unsigned int i = 0; i < names.count && !found; i++)
		found = !strncmp(names.names[i], "virtio", strlen("virtio")) &&
			!sysfs_path(path, "%s/bus/virtio/drivers/virtiofs/%s",
				    uses->ctx->sysfs, names.names[i]) &&
			shares_leads_below(uses, path);
	sysfs_names_free(&names);
	return found;
}

/* Some file systems have a number of their own, but name their source; others,
 * such as those of flash, name it without /dev. */
static bool shares_is_from(const struct nodes_entry *entry,
			   const struct mount *mount)
{
	const char *source = sysfs_below(mount->source, "/dev");
	char number[32];

	snprintf(number, sizeof(number), "%u:%u", major(entry->number),
		 minor(entry->number));
	return (entry->type == S_IFBLK && !strcmp(mount->number, number)) ||
	       !strcmp(source ? source : mount->source, entry->name);
}

static void shares_visit_mount(void *opaque, const struct mount *mount)
{
	struct shares *shares = opaque;
	struct uses *uses = shares->uses;
	char where[512];

	for (unsigned int i = 0; i < uses->nodes.count; i++) {
		struct nodes_entry *entry = &uses->nodes.entries[i];

		/* Namespaces have copies of each other's mounts. */
		if (!shares_is_from(entry, mount) ||
		    (mount->pid && entry->is_used))
			continue;
		mounts_describe(uses->ctx, mount, where, sizeof(where));
		uses_add(uses, "%s is mounted %s", entry->name, where);
		entry->is_used = true;
	}
	if (strcmp(mount->type, "9p") && strcmp(mount->type, "virtiofs"))
		return;
	mounts_describe(uses->ctx, mount, where, sizeof(where));
	for (unsigned int i = 0; i < shares->count; i++)
		if (!strcmp(mount->source, shares->tags[i]))
			uses_add(uses, "%s %s is mounted %s", mount->type,
				 mount->source, where);
	if (shares->lacks_tag && !strcmp(mount->type, "virtiofs"))
		unknown_add(uses->unknown,
			    "whether virtiofs %s, mounted %s, is on this "
			    "device is unknown: this kernel does not show it",
			    mount->source, where);
}

void shares_add_mounts(struct uses *uses)
{
	struct shares *shares = calloc(1, sizeof(*shares));

	if (!shares)
		return;
	shares->uses = uses;
	shares_collect_9p(shares);
	shares_collect_virtiofs(shares);
	shares->lacks_tag = shares_lack_tag(uses);
	if (uses->nodes.count || shares->count || shares->lacks_tag)
		mounts_visit(uses->ctx, shares_visit_mount, shares);
	free(shares);
}
