/* SPDX-License-Identifier: MIT */
/* Hot reset of all functions of a slot or bus. */
#ifndef CLI_RESET_BUS_H
#define CLI_RESET_BUS_H

#include "cli/devices.h"
#include "cli/json.h"

/* Opens the devices and resets the slot or bus of the first, or with @dry_run
 * finds what that would affect; adds an object for each function to @list.
 * Returns 0, or -errno with a record: LEND_ERROR_BUSY if it would affect
 * another device. */
int reset_bus(struct cli *cli, const struct devices *devices, bool dry_run,
	      struct json_object *list);

#endif
