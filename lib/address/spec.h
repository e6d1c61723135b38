/* SPDX-License-Identifier: MIT */
/* Parsed `-device` strings. */
#ifndef LIB_ADDRESS_SPEC_H
#define LIB_ADDRESS_SPEC_H

#include <lend/spec.h>

#include "lib/address/property.h"

struct spec_list {
	struct spec_list *next;
	size_t property; /* index among those of the front end */
	char *text;
};

struct lend_spec {
	_Atomic unsigned int refs;
	struct lend_ctx *ctx;
	const struct front_end *front_end;
	char *text;              /* what values point into */
	struct spec_list *lists; /* or in these, of lists given repeatedly */
	const char *values[];    /* one for each property of the front end */
};

/*
 * The steps of lend_spec_parse(). Each but spec_new() leaves a spec that failed
 * to its caller, and records the failure.
 *
 * spec_new() takes ownership of @text, which values may point into. It fails
 * with -EINVAL if there is no front end for @driver, or with -ENOMEM.
 */
int spec_new(struct lend_ctx *ctx, const char *driver, char *text,
	     struct lend_spec **spec);

/* Returns NULL if the front end has no property of this name. */
const struct property *spec_find_property(const struct lend_spec *spec,
					  const char *name);

int spec_set_property(struct lend_spec *spec, const struct property *property,
		      const char *value);

/* Checks what concerns several properties, after the last was set. */
int spec_check_whole(const struct lend_spec *spec);

/* lend_spec_parse() for a JSON object. */
int spec_parse_json(struct lend_ctx *ctx, const char *text,
		    struct lend_spec **spec);

/* Whether a text is, or was meant as, a JSON object. */
bool spec_is_json(const char *text);

/* Whether a text was meant as a `-device` string, not as the name of a device,
 * even if it is invalid. */
bool spec_is_attempt(const char *text);

#endif
