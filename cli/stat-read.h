/* SPDX-License-Identifier: MIT */
/* Reads what the kernel counts about lent devices. */
#ifndef CLI_STAT_READ_H
#define CLI_STAT_READ_H

#include "cli/devices.h"
#include "cli/json.h"

/* Returns an array: for each of the devices its name, driver, holder, power
 * state, link, errors, interrupts, and the memory that its holder has pinned.
 */
struct json_object *stat_read(const struct cli *cli,
			      const struct devices *devices);

/* The interrupts of a device in all: its vectors together. */
int64_t stat_interrupts(const struct json_object *device);

/* Waits, and returns the seconds that have passed. */
double stat_wait(double seconds);

#endif
