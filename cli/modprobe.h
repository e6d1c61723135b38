/* SPDX-License-Identifier: MIT */
/* Loads the modules that binding needs. */
#ifndef CLI_MODPROBE_H
#define CLI_MODPROBE_H

#include "cli/devices.h"

/* Runs modprobe for the VFIO driver of each device's bus. Returns 0 if each was
 * loaded, or -errno; the context's record does not change. */
int modprobe_for(struct cli *cli, const struct devices *devices);

#endif
