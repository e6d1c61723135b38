/* SPDX-License-Identifier: MIT */
/* Capabilities: how long one is, and a policy applied to it. */
#ifndef LIB_PCI_CAPABILITY_H
#define LIB_PCI_CAPABILITY_H

#include "lib/pci/config.h"
#include "lib/pci/policy.h"

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
