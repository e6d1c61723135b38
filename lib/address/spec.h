/* SPDX-License-Identifier: MIT */
/* Parsed `-device` strings. */
#ifndef LIB_ADDRESS_SPEC_H
#define LIB_ADDRESS_SPEC_H

#include <lend/spec.h>

#include "lib/address/property.h"

struct lend_spec {
	_Atomic unsigned int refs;
	struct lend_ctx *ctx;
	const struct front_end *front_end;
	char *text;           /* what values point into */
	char *list;           /* or this, if a list was repeated */
	const char *values[]; /* one for each property of the front end */
};

/* Whether a text was meant as a `-device` string, not as the name of a device,
 * even if it is invalid. */
bool spec_is_attempt(const char *text);

#endif
