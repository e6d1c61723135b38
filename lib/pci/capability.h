/* SPDX-License-Identifier: MIT */
/* Capability lists: walked with a bound, applied by policy, linked anew. */
#ifndef PCI_CAPABILITY_H
#define PCI_CAPABILITY_H

#include "config.h"
#include "policy.h"

/* Most capabilities that fit a list, all of the least size. */
#define CAPABILITY_STANDARD_MAX 48
#define CAPABILITY_EXTENDED_MAX 960

struct capability {
	uint16_t at;
	uint16_t id;
};

/*
 * Walk a list in @source's image: at most the maximum, each in its own place.
 * Where the list leads astray it is cut there, and *cut says why; NULL where it
 * ended well. Return how many there are.
 */
unsigned int
capability_walk_standard(const struct config_source *source,
			 struct capability found[CAPABILITY_STANDARD_MAX],
			 const char **cut);
unsigned int
capability_walk_extended(const struct config_source *source,
			 struct capability found[CAPABILITY_EXTENDED_MAX],
			 const char **cut);

/* Builds the lists in the view. The header must be built before. */
void capability_build_standard(struct config *config,
			       const struct config_source *source,
			       const struct bar bars[BAR_COUNT]);
void capability_build_extended(struct config *config,
			       const struct config_source *source,
			       const struct bar bars[BAR_COUNT]);

/* Bytes of a capability by its policy, 0 where it says nothing sensible or goes
 * past @end. */
unsigned int capability_length(const struct policy *policy,
			       const uint8_t *image, unsigned int at,
			       unsigned int end);

/* Applies those of the fields that are within @length. */
void capability_apply_fields(struct config *config,
			     const struct policy_field *fields,
			     unsigned int count, const uint8_t *image,
			     unsigned int at, unsigned int length);

/* Applies a policy's verdict to the @length bytes after @header at @at. */
void capability_apply(struct config *config, const struct policy *policy,
		      const uint8_t *image, unsigned int at,
		      unsigned int header, unsigned int length);

#endif
