/* SPDX-License-Identifier: MIT */
/* Loads the modules that binding needs. */
#ifndef CLI_MODPROBE_H
#define CLI_MODPROBE_H

#include "cli/devices.h"

/* Runs modprobe for the VFIO driver that each device would be bound to; @wanted
 * is that of lend_bind_driver(). Returns 0 if each was loaded, or -errno; the
 * context's record does not change. */
int modprobe_for(struct cli *cli, const struct devices *devices,
		 const char *wanted);

#endif
