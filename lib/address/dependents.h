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
	const char *name;
	const char *path; /* canonical */
	enum dependent_kind kind;
};

/*
 * Calls each for the devices that an unbind of the device at @path, which is
 * canonical, removes or unbinds. A result other than 0 ends it. Returns 0, the
 * result of @each, or -errno without a record.
 */
int dependents_list(struct lend_ctx *ctx, const char *path,
		    int (*each)(void *opaque, const struct dependent *d),
		    void *opaque);

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
 * "virtual functions, which its driver makes: 0000:02:10.0 0000:02:10.2".
 * Returns how many devices there are. */
unsigned int dependents_name(struct lend_ctx *ctx, const char *path,
			     void (*line)(void *opaque, const char *text),
			     void *opaque);

/* Adds the commands that remove them, for each kind that has one. */
void dependents_add_remedies(struct lend_ctx *ctx, const char *device,
			     const char *path);

/* Adds what helps where the device of another driver is in the IOMMU group of
 * one that exists only through that driver. */
void dependents_add_maker_remedy(struct lend_ctx *ctx, const char *maker);

/* Checks that an unbind of the device removes no other, unless it is forced,
 * and that no process has one open that the kernel would wait for. Sets
 * *has_some if there are others, DEPENDENT_PART not counted. Returns 0; -EBUSY,
 * LEND_ERROR_IN_USE, with their names and the remedies; or as
 * dependents_check_holders(). */
int dependents_check(struct lend_ctx *ctx, const char *device, const char *path,
		     bool force, bool *has_some);

#endif
