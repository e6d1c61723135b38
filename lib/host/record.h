/* SPDX-License-Identifier: MIT */
/* The state of a device before it was bound, kept on disk across crashes: one
 * file for each device in the context's state directory. */
#ifndef LIB_HOST_RECORD_H
#define LIB_HOST_RECORD_H

#include "lib/host/driver.h"

struct record {
	const struct vfio_bus *bus;
	char device[SYSFS_NAME];
	char driver[SYSFS_NAME];   /* before the bind, "" for none */
	char override[SYSFS_NAME]; /* its driver_override, "" for none */
	char module[SYSFS_NAME];   /* that has the driver, "" if built in */
	char modalias[SYSFS_NAME]; /* which device it is, cut if it is long */
	char functions[8];         /* how many virtual functions, or "" */
	bool is_missing;           /* none was made: any driver may follow */
};

/* All that follow return 0 or -errno with a record of the failure; the
 * lock of lock_take() must be held. */

/* Fills in the present state of a device. */
int record_fill(struct lend_ctx *ctx, const struct driver_target *target,
		struct record *record);

/* What the device is: another one may have the same address later. */
void record_get_modalias(struct lend_ctx *ctx, const struct vfio_bus *bus,
			 const char *device, char modalias[SYSFS_NAME]);

/* Whether a record was made for the device that has its name now. */
bool record_is_of_device(struct lend_ctx *ctx, const struct record *record);

/* Writes a record atomically. */
int record_write(struct lend_ctx *ctx, const struct record *record);

/* Makes written records survive a crash of the machine. */
int record_sync(struct lend_ctx *ctx);

/* Reads a device's record. -ENOENT, without a record of the failure, if it has
 * none; -EBADMSG, LEND_ERROR_STATE, if it is damaged. */
int record_read(struct lend_ctx *ctx, const struct vfio_bus *bus,
		const char *device, struct record *record);

int record_remove(struct lend_ctx *ctx, const struct record *record);

/* Calls each for every recorded device with its bus and name; a failure of each
 * does not end it. Other files are ignored. */
int record_for_each(struct lend_ctx *ctx,
		    void (*each)(void *opaque, const struct vfio_bus *bus,
				 const char *device),
		    void *opaque);

#endif
