/* SPDX-License-Identifier: MIT */
/* What lend sriov set for virtual functions, and what they had before: a file
 * for each function. */
#ifndef CLI_VF_RECORD_H
#define CLI_VF_RECORD_H

#include "cli/command.h"
#include "cli/vf-settings.h"

/* Both know the same fields. */
struct vf_record {
	struct vf_settings set;
	struct vf_settings before;
};

/* Whether there may be records. */
bool vf_record_exist(const struct cli *cli);

/* All that follow return 0, or -errno with a record of the failure. */

/* Makes the directory of the records, and waits until no other command has
 * them. *@lock is for close(), or -1. */
int vf_record_lock(struct cli *cli, int *lock);

/* Reads the record of a function; one without fields if there is none. */
int vf_record_read(struct cli *cli, const char *device,
		   struct vf_record *record);

/* Replaces the record of a function; removes it if it has no fields. */
int vf_record_write(struct cli *cli, const char *device,
		    const struct vf_record *record);

/* Calls @each for each function that has a record, until it returns other than
 * 0, which is then the result. */
int vf_record_each(struct cli *cli,
		   int (*each)(void *opaque, const char *device), void *opaque);

#endif
