/* SPDX-License-Identifier: MIT */
/* Collects how the host uses a device, as evidence against binding it. */
#ifndef LIB_CHECK_USES_H
#define LIB_CHECK_USES_H

#include <lend/address.h>

#include "lib/address/dependents.h"
#include "lib/address/unknown.h"
#include "lib/base/places.h"
#include "lib/check/nodes.h"

struct uses {
	struct lend_ctx *ctx;
	const char *name; /* of the device */
	const char *path; /* canonical */
	struct nodes nodes;
	struct unknown *unknown;
	const struct dependents *dependents;
	unsigned int count;
};

/* Adds a line of evidence; the first makes the record. */
void uses_add(struct uses *uses, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Adds the processes that have one of the device's nodes open, except those
 * whose use is reported already. */
void uses_add_holders(struct uses *uses);

/* Calls each for the entries of a bus or a class that are below the device. */
void uses_for_places(struct uses *uses, enum places_kind kind,
		     void (*each)(struct uses *uses,
				  const struct place *place));

#endif
