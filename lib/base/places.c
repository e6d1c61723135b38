// SPDX-License-Identifier: MIT
// Where the entries of buses, classes and groups lead.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/places.h"
#include "lib/base/survey.h"
#include "lib/base/sysfs.h"

static const char *const places_dirs[PLACES_KINDS] = {
	[PLACES_PCI] = "bus/pci/devices",
	[PLACES_MDEV] = "bus/mdev/devices",
	[PLACES_VIRTIO] = "bus/virtio/devices",
	[PLACES_NET] = "class/net",
	[PLACES_BLOCK] = "dev/block",
	[PLACES_CHAR] = "dev/char",
	[PLACES_GROUPS] = "kernel/iommu_groups",
};

void places_free(struct places *places)
{
	for (unsigned int i = 0; i < places->count; i++) {
		free(places->entries[i].path);
		free(places->entries[i].name);
	}
	free(places->entries);
	*places = (struct places){0};
}

static int places_grow(struct places *places, unsigned int more)
{
	struct place *grown =
		reallocarray(places->entries, places->count + (size_t)more + 1,
			     sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	places->entries = grown;
	return 0;
}

static int places_add(struct places *places, const char *path, const char *name)
{
	struct place *place = &places->entries[places->count];

	*place = (struct place){strdup(path), strdup(name)};
	if (place->path && place->name) {
		places->count++;
		return 0;
	}
	free(place->path);
	free(place->name);
	return -ENOMEM;
}

/* What is no link, as class/net/bonding_masters, is no device. */
static int places_read_dir(struct lend_ctx *ctx, const char *dir,
			   struct places *places)
{
	char link[SYSFS_PATH], path[SYSFS_PATH];
	struct sysfs_names names;
	int err = sysfs_list(ctx, dir, &names);

	if (err)
		return err == -ENOENT ? 0 : err;
	err = places_grow(places, names.count);
	for (unsigned int i = 0; i < names.count && !err; i++)
		if (!sysfs_path(link, "%s/%s", dir, names.names[i]) &&
		    !sysfs_target(ctx, link, path))
			err = places_add(places, path, names.names[i]);
	sysfs_names_free(&names);
	return err;
}

static int places_read_groups(struct lend_ctx *ctx, const char *dir,
			      struct places *places)
{
	char devices[SYSFS_PATH];
	struct sysfs_names groups;
	int err = sysfs_list(ctx, dir, &groups);

	if (err)
		return err == -ENOENT ? 0 : err;
	for (unsigned int i = 0; i < groups.count && !err; i++) {
		err = sysfs_path(devices, "%s/%s/devices", dir,
				 groups.names[i]);
		if (!err)
			err = places_read_dir(ctx, devices, places);
	}
	sysfs_names_free(&groups);
	return err;
}

static int places_compare(const void *a, const void *b)
{
	const struct place *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	return order ? order : strcmp(left->name, right->name);
}

static int places_read(struct lend_ctx *ctx, enum places_kind kind,
		       struct places *places)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH], dir[SYSFS_PATH];
	int err = sysfs_path(path, "%s/%s", ctx->sysfs, places_dirs[kind]);

	if (!err)
		err = k->realpath(k, path, dir, sizeof(dir));
	if (err)
		return err == -ENOENT ? 0 : err;
	err = kind == PLACES_GROUPS ? places_read_groups(ctx, dir, places)
				    : places_read_dir(ctx, dir, places);
	if (err)
		places_free(places);
	else if (places->count)
		qsort(places->entries, places->count,
		      sizeof(places->entries[0]), places_compare);
	return err;
}

int places_get(struct lend_ctx *ctx, enum places_kind kind,
	       const struct places **result)
{
	struct survey *survey = survey_current(ctx);
	struct places *places = survey ? survey->places[kind] : NULL;
	int err = 0;

	if (!places) {
		places = calloc(1, sizeof(*places));
		if (!places)
			return -ENOMEM;
		err = places_read(ctx, kind, places);
	}
	if (err) {
		free(places);
		return err;
	}
	if (survey)
		survey->places[kind] = places;
	*result = places;
	return 0;
}

void places_put(struct lend_ctx *ctx, const struct places *given)
{
	struct places *places = (struct places *)(uintptr_t)given;
	const struct survey *survey = survey_current(ctx);

	for (unsigned int i = 0; survey && i < PLACES_KINDS; i++)
		if (survey->places[i] == places)
			return;
	places_free(places);
	free(places);
}

/* How a path compares with all that is below another: 0 is below it. */
static int places_order(const char *path, const char *above, size_t length)
{
	int order = strncmp(path, above, length);

	return order ? order : path[length] - '/';
}

/* The first entry that is not before those below @above, or after them. */
static unsigned int places_bound(const struct places *places, const char *above,
				 bool after)
{
	size_t length = strlen(above);
	unsigned int first = 0, last = places->count;

	while (first < last) {
		unsigned int middle = first + (last - first) / 2;
		int order = places_order(places->entries[middle].path, above,
					 length);

		if (order < 0 || (after && !order))
			first = middle + 1;
		else
			last = middle;
	}
	return first;
}

unsigned int places_below(const struct places *places, const char *path,
			  unsigned int *end)
{
	*end = places_bound(places, path, true);
	return places_bound(places, path, false);
}
