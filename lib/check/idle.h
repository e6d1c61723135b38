/* SPDX-License-Identifier: MIT */
/* What the host does with a device, as evidence against taking it. */
#ifndef LIB_CHECK_IDLE_H
#define LIB_CHECK_IDLE_H

#include <stdbool.h>

#include <lend/address.h>

#include "lib/base/sysfs.h"

struct uses {
	struct lend_ctx *ctx;
	const char *name; /* of the device */
	const char *path; /* canonical */
	unsigned int count;
};

/* Adds a line of evidence; the first makes the record. */
void uses_add(struct uses *uses, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds the processes that have a node below /dev open. */
void uses_add_holders(struct uses *uses, const char *node);

/* Calls each for the entries of a class that belong to the device: with the
 * entry's name and its canonical path. */
void uses_for_class(struct uses *uses, const char *class,
		    void (*each)(struct uses *uses, const char *entry,
				 const char *path));

/* Disks: file systems, swap, volumes. */
void uses_of_disks(struct uses *uses);

/* Network interfaces: addresses, routes, bridges. */
void uses_of_interfaces(struct uses *uses);

#endif
