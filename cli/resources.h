/* SPDX-License-Identifier: MIT */
/* What sysfs says of a PCI device's BARs. */
#ifndef CLI_RESOURCES_H
#define CLI_RESOURCES_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/address.h>

/* Six BARs, the expansion ROM, six BARs of virtual functions. */
enum { RESOURCES = 13 };

struct resource {
	uint64_t size; /* 0: there is none */
	bool io;
	bool is_64bit;
	bool prefetchable;
};

/* Returns 0, or -errno of reading the attribute; all are of size 0 then. */
int resources_read(const struct lend_address *address,
		   struct resource resources[RESOURCES]);

#endif
