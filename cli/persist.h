/* SPDX-License-Identifier: MIT */
/* Devices that a udev rule binds to VFIO at each boot. */
#ifndef CLI_PERSIST_H
#define CLI_PERSIST_H

#include "cli/devices.h"

/* All return 0, or -errno with a record. */

/* Checks that a rule can bind each of the devices at boot. */
int persist_check(struct cli *cli, const struct devices *devices);

/* Adds rules that bind the devices to their VFIO drivers; @wanted is that of
 * lend_bind_driver(). */
int persist_add(struct cli *cli, const struct devices *devices,
		const char *wanted);

/* Removes the rules of @names, which need not be devices of this host any more.
 * -ENOENT, LEND_ERROR_STATE, if there is none. */
int persist_forget(struct cli *cli, char *const *names, unsigned int count);

/* Removes those of the rules that @each returns 0 for; 1 keeps a rule, and so
 * does -errno with a record, of which the first is returned at the end. @each
 * gets a NULL address for a device that is gone or was replaced. */
int persist_end(struct cli *cli,
		int (*each)(void *opaque, const char *device,
			    struct lend_address *address),
		void *opaque);

/* Adds findings, "boot", about what the next boot makes of each of the devices.
 */
void persist_add_findings(struct cli *cli, const struct devices *devices,
			  void *findings);

#endif
