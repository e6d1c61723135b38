/* SPDX-License-Identifier: MIT */
/* The file of udev rules that bind devices at each boot. */
#ifndef CLI_PERSIST_RULES_H
#define CLI_PERSIST_RULES_H

#include "cli/command.h"

enum { PERSIST_DEVICE = 64, PERSIST_DRIVER = 256 };

/* A PCI device, and the VFIO driver that it gets. The IDs guard the address,
 * where another card may be at the next boot. */
struct persist_rule {
	char device[PERSIST_DEVICE];
	char driver[PERSIST_DRIVER];
	unsigned int vendor;
	unsigned int model;
};

struct persist_rules {
	char path[256];
	struct persist_rule *rules;
	unsigned int count;
	int lock; /* on the directory of the file, or -1 */
};

/*
 * Reads the rules, for persist_rules_close(); no file means no rules. To change
 * them, other commands are locked out until then. Returns 0, or -errno with a
 * record: -EBADMSG, LEND_ERROR_STATE, if a line is not one of lend bind.
 */
int persist_rules_open(const struct cli *cli, bool change,
		       struct persist_rules *rules);
void persist_rules_close(struct persist_rules *rules);

/* Returns the rule of a device, or NULL. */
const struct persist_rule *persist_rules_find(const struct persist_rules *rules,
					      const char *device);

/* Adds a rule, or replaces that of the device. Returns 0, or -ENOMEM with a
 * record. */
int persist_rules_set(const struct cli *cli, struct persist_rules *rules,
		      const struct persist_rule *rule);

/* Returns whether there was one. */
bool persist_rules_remove(struct persist_rules *rules, const char *device);

/* Writes the file, or removes it if there are no rules. Returns 0, or -errno
 * with a record. */
int persist_rules_save(const struct cli *cli,
		       const struct persist_rules *rules);

#endif
