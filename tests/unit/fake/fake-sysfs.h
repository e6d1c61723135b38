/* SPDX-License-Identifier: MIT */
/* A machine for tests: trees of sysfs, procfs and /dev in a temporary
 * directory, and a kernel that moves devices between drivers there, fails on
 * request, and finds descriptors that were left open. */
#ifndef TESTS_UNIT_FAKE_FAKE_SYSFS_H
#define TESTS_UNIT_FAKE_FAKE_SYSFS_H

#include <stdbool.h>

#include <lend/context.h>

#include "lib/base/context.h"
#include "fake/tree.h"

enum fake_fault {
	FAKE_FAIL_ONCE, /* call number fault_at fails with EIO */
	FAKE_FAIL_ON,   /* it and all that follow */
	FAKE_CRASH,     /* the process ends before it */
};

enum { FAKE_FDS = 256, FAKE_REFUSALS = 8 };

/* An open that fails. */
struct fake_refusal {
	char what[64]; /* the file's path, or the number of its node */
	int flags;     /* with all of these */
	int err;
};

struct fake_sysfs {
	struct kernel kernel; /* first: what the library calls */
	char root[TREE_ROOT]; /* holds sys, dev, proc, state */
	char refuses[64];     /* driver that takes no device; "" for none */
	char hangs[128];      /* end of a path that is never written; "" */
	char addressed[64];   /* interface with 192.0.2.1; "" for none */

	struct fake_refusal refusals[FAKE_REFUSALS];
	unsigned int refusal_count;
	unsigned int locked; /* as often, the lock is taken yet */
	int mknod_error;     /* mknod() fails with it, if not 0 */

	enum fake_fault fault;
	unsigned int fault_at; /* number of the call; 0 for none */
	unsigned int calls;

	/* An override was written before all records were on disk, or a record
	 * got its name before it was. */
	bool is_rash;
	bool has_unsynced;
	bool has_unwritten;

	/* of each descriptor that is open, the path it was opened by */
	char *paths[FAKE_FDS];
};

struct fake_sysfs *fake_sysfs_new(void);

/* Also checks that no descriptor was left open. */
void fake_sysfs_free(struct fake_sysfs *fake);

typedef void (*fake_log_function)(void *opaque, enum lend_log_level level,
				  const char *text);

/* A context in that machine; log may be NULL. */
struct lend_ctx *fake_sysfs_ctx(struct fake_sysfs *fake, fake_log_function log,
				void *opaque);

/* Makes a file, directory or link, and the directories above it; paths are
 * relative to the root: "sys/class/iommu/dmar0". */
void fake_file(struct fake_sysfs *fake, const char *path, const char *text);
void fake_bytes(struct fake_sysfs *fake, const char *path, const void *bytes,
		size_t size);
void fake_dir(struct fake_sysfs *fake, const char *path);
void fake_link(struct fake_sysfs *fake, const char *path, const char *target);
void fake_remove(struct fake_sysfs *fake, const char *path);
bool fake_exists(const struct fake_sysfs *fake, const char *path);

/* Makes a device node, or an open file that leads to one: number is "b8:2" or
 * "c240:15". */
void fake_node(struct fake_sysfs *fake, const char *path, const char *number);

/* Makes a link whose target is no path, as procfs has for sockets. */
void fake_anonymous(struct fake_sysfs *fake, const char *path,
		    const char *target);

/* From now on, opens of what with these flags fail with err. */
void fake_refuse(struct fake_sysfs *fake, const char *what, int flags, int err);

void fake_add_driver(struct fake_sysfs *fake, const char *driver);

/* Adds a PCI function behind sys/devices/pci0000:00, bound to the driver that
 * matches it; NULL for none. It has no group if group is negative. */
void fake_add_pci(struct fake_sysfs *fake, const char *device,
		  const char *driver, int group);

/* Read a device's driver and driver_override, "" for none. */
void fake_driver(const struct fake_sysfs *fake, const char *device,
		 char driver[64]);
void fake_override(const struct fake_sysfs *fake, const char *device,
		   char driver[64]);

#endif
