/* SPDX-License-Identifier: MIT */
/* Reads a PCI device's BARs from sysfs. */
#ifndef CLI_RESOURCES_H
#define CLI_RESOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/address.h>

/* Six BARs, the expansion ROM, six BARs of virtual functions. */
enum { RESOURCES = 13 };

struct resource {
	uint64_t base; /* unless it is not assigned */
	uint64_t size; /* 0 if there is none */
	bool is_assigned;
	bool io;
	bool is_64bit;
	bool prefetchable;
};

/* Returns 0, or -errno if the attribute cannot be read; all sizes are 0
 * then. */
int resources_read(const struct lend_address *address,
		   struct resource resources[RESOURCES]);

#endif
