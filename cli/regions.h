/* SPDX-License-Identifier: MIT */
/* The BARs of a PCI device as facts. */
#ifndef CLI_REGIONS_H
#define CLI_REGIONS_H

#include "cli/json.h"

struct lend_address;

/* Adds "regions", from sysfs: the BARs, the ROM and those of virtual
 * functions. */
void regions_add(struct json_object *facts, const struct lend_address *address);

#endif
