/* SPDX-License-Identifier: MIT */
/* Changes the settings of virtual functions, and restores them. */
#ifndef CLI_VF_H
#define CLI_VF_H

#include "cli/devices.h"
#include "cli/vf-link.h"

/* Sets the fields that @wanted knows, all or none, and records what they were.
 * @settings are the present ones. Returns 0, or -errno with a record. */
int vf_change(struct cli *cli, const struct vf_link *link,
	      const struct vf_settings *settings,
	      const struct vf_settings *wanted);

/* Restores what vf_change() changed for each of @devices, for all functions if
 * there are none; adds those that had a record to @restored. A field that has
 * been changed since is left, with a warning; a function that a process has
 * open is left as it is. Returns 0, or the first -errno with a record. */
int vf_restore(struct cli *cli, const struct devices *devices,
	       struct devices *restored);

/* Removes the record of a function whose settings are gone with it. */
int vf_forget(struct cli *cli, const char *device);

#endif
