/* SPDX-License-Identifier: MIT */
/* Loading the modules that binding needs. */
#ifndef CLI_MODPROBE_H
#define CLI_MODPROBE_H

#include "cli/devices.h"

/* Runs modprobe for the VFIO driver of each device's bus. Returns 0 where each
 * was loaded, or -errno; the context's record stays as it is. */
int modprobe_for(struct cli *cli, const struct devices *devices);

#endif
