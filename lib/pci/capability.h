/* SPDX-License-Identifier: MIT */
/* Capabilities: their length, and policies applied to them. */
#ifndef LIB_PCI_CAPABILITY_H
#define LIB_PCI_CAPABILITY_H

#include "lib/pci/config.h"
#include "lib/pci/policy.h"

/* Bytes of a capability by its policy; 0 if its length is invalid or exceeds
 * @end. */
unsigned int capability_length(const struct policy *policy,
			       const uint8_t *image, unsigned int at,
			       unsigned int end);

/* A capability in configuration space: @length bytes at @at, of which the first
 * @header are its ID and its link. */
struct capability_place {
	unsigned int at;
	unsigned int header;
	unsigned int length;
};

/* Applies those of the fields that are within the capability. */
void capability_apply_fields(struct config *config, struct policy_fields fields,
			     const uint8_t *image,
			     struct capability_place place);

/* Applies a policy's verdict to what follows the header. */
void capability_apply(struct config *config, const struct policy *policy,
		      const uint8_t *image, struct capability_place place);

#endif
