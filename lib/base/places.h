/* SPDX-License-Identifier: MIT */
/* Where the entries of buses, classes and groups lead, so that what is below a
 * device is found without a look at every entry. */
#ifndef LIB_BASE_PLACES_H
#define LIB_BASE_PLACES_H

#include <lend/context.h>

/* Directories of links to devices. */
enum places_kind {
	PLACES_PCI,    /* bus/pci/devices */
	PLACES_MDEV,   /* bus/mdev/devices */
	PLACES_VIRTIO, /* bus/virtio/devices */
	PLACES_NET,    /* class/net */
	PLACES_BLOCK,  /* dev/block, by number */
	PLACES_CHAR,   /* dev/char, by number */
	PLACES_GROUPS, /* the devices of all IOMMU groups */
	PLACES_KINDS,
};

struct place {
	char *path; /* canonical */
	char *name; /* of the entry */
};

/* Sorted by path. */
struct places {
	struct place *entries;
	unsigned int count;
};

/*
 * Gets the entries of one kind, for places_put(). During lend_check_begin()
 * they are read once. Returns 0, with none if the directory does not exist, or
 * -errno. No record is made.
 */
int places_get(struct lend_ctx *ctx, enum places_kind kind,
	       const struct places **places);
void places_put(struct lend_ctx *ctx, const struct places *places);

/* The entries below @path are those from the one returned up to @end. */
unsigned int places_below(const struct places *places, const char *path,
			  unsigned int *end);

void places_free(struct places *places);

#endif
