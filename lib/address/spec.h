/* SPDX-License-Identifier: MIT */
/* `-device` strings after they were taken apart. */
#ifndef LIB_ADDRESS_SPEC_H
#define LIB_ADDRESS_SPEC_H

#include <lend/spec.h>

#include "lib/address/property.h"

struct lend_spec {
	_Atomic unsigned int refs;
	struct lend_ctx *ctx;
	const struct front_end *front_end;
	char *text;           /* taken apart; what values point into */
	char *list;           /* or into this, where one was given again */
	const char *values[]; /* one for each property of the front end */
};

/* Whether a text was meant as a `-device` string and is no name of a device,
 * so that it is one even where it is wrong. */
bool spec_is_attempt(const char *text);

#endif
