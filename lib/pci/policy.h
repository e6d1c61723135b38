/* SPDX-License-Identifier: MIT */
/* Policies of capabilities, as tables with reasons: what is not listed is
 * hidden and cannot be written. */
#ifndef LIB_PCI_POLICY_H
#define LIB_PCI_POLICY_H

#include <stdbool.h>
#include <stdint.h>

/* A register of a capability. Bits in none of the masks are read from the
 * device and cannot be written. */
struct policy_field {
	uint16_t offset;
	uint8_t size;      /* 1, 2 or 4 bytes */
	uint32_t keep;     /* emulated: bits that keep the device's value */
	uint32_t zero;     /* emulated: bits that read 0 */
	uint32_t writable; /* emulated: bits that the guest can change */
	uint32_t pass;     /* bits that also reach the device */
};

struct policy_fields {
	const struct policy_field *list;
	unsigned int count;
};

enum policy_length {
	POLICY_FIXED,   /* @size */
	POLICY_IN_BYTE, /* in the byte after the link */
	POLICY_IN_VSEC, /* in the top 12 bits of the second word */
	POLICY_REBAR,   /* by the number of BARs in its first control register
			 */
	POLICY_EXPRESS, /* by the PCI Express capability's version */
	POLICY_MSI,     /* by the flags of the MSI capability */
};

enum policy_verdict {
	POLICY_HIDE,
	POLICY_KEEP,     /* by its fields; the rest is read-only */
	POLICY_PASS,     /* all after its header is passed to the device */
	POLICY_CONSTANT, /* its value does not change: never read from the
			    device */
};

struct policy {
	uint16_t id;
	enum policy_verdict verdict;
	enum policy_length length;
	uint8_t size;
	bool grows; /* hidden: it may be longer than @size */
	struct policy_fields fields;
	const char *why;
};

/* The policy of a capability; that of unknown ones hides them. Never NULL. */
const struct policy *policy_standard(unsigned int id);
const struct policy *policy_extended(unsigned int id);

#endif
