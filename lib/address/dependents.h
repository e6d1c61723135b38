/* SPDX-License-Identifier: MIT */
/* The devices that exist, or have their drivers, only while another device is
 * bound to its driver. */
#ifndef LIB_ADDRESS_DEPENDENTS_H
#define LIB_ADDRESS_DEPENDENTS_H

#include "lib/base/sysfs.h"

enum dependent_kind {
	DEPENDENT_VF,       /* its virtual functions */
	DEPENDENT_FUNCTION, /* PCI functions behind it: a domain of VMD */
	DEPENDENT_MDEV,     /* mediated devices of it */
	DEPENDENT_CONSUMER, /* it supplies them: they lose their drivers */
	DEPENDENT_PART,     /* on any other bus: parts of the device itself */
};

struct dependent {
	enum dependent_kind kind;
	char *path;       /* canonical */
	const char *name; /* the end of it */
};

/* All that an unbind of one device removes or unbinds. */
struct dependents {
	struct dependent *entries;
	unsigned int count;
};

/* Finds those of the device at @path, which is canonical, by one walk of sysfs;
 * for dependents_free(). Returns 0, or -errno with nothing found. */
int dependents_collect(struct lend_ctx *ctx, const char *device,
		       const char *path, struct dependents *found);

void dependents_free(struct dependents *found);

/* How many there are, DEPENDENT_PART not counted. */
unsigned int dependents_count_others(const struct dependents *found);

/* Whether the device at @path exists only while that at @maker keeps its
 * driver; both canonical. */
bool dependents_include(struct lend_ctx *ctx, const char *maker,
			const char *path);

/* Checks that no process has one of them open: the kernel would wait for that
 * process, and nobody could end the wait. Returns 0, or -EBUSY,
 * LEND_ERROR_BUSY, with the holders. */
int dependents_check_holders(struct lend_ctx *ctx, const char *device,
			     const char *path);

/* Calls @line for each kind, DEPENDENT_PART not included, with the names:
 * "virtual functions, which its driver makes: 0000:02:10.0 0000:02:10.2". */
void dependents_name(const struct dependents *found,
		     void (*line)(void *opaque, const char *text),
		     void *opaque);

/* Adds the commands that remove them, for each kind that has one. */
void dependents_add_remedies(struct lend_ctx *ctx, const char *device,
			     const struct dependents *found);

/* Adds what helps where the device of another driver is in the IOMMU group of
 * one that exists only through that driver. */
void dependents_add_maker_remedy(struct lend_ctx *ctx, const char *maker);

/* Checks that an unbind of the device removes no other, unless it is forced,
 * and that no process has one open that the kernel would wait for. Returns 0;
 * -EBUSY, LEND_ERROR_IN_USE, with their names and the remedies; or as
 * dependents_check_holders(). */
int dependents_check(struct lend_ctx *ctx, const char *device,
		     const struct dependents *found, bool force);

#endif
