/* SPDX-License-Identifier: MIT */
/* A device that can be lent, on a machine made of files. */
#ifndef TESTS_UNIT_LIB_CHECK_READY_H
#define TESTS_UNIT_LIB_CHECK_READY_H

#include "tests/unit/lib/address/machine.h"

#define READY_DEVICE "sys/devices/pci0000:00/0000:03:00.0/"

struct ready_seen {
	const char *check; /* to look for */
	int status;        /* of the last of that name, -1 for none */
	enum lend_error_code code;
	char text[2048]; /* what, evidence, remedy */
};

/* Adds the device, on vfio-pci. */
void ready_add(struct machine *m);

/* Checks it; @seen receives the finding called @name. Returns the number of
 * failures. */
int ready_check(struct machine *m, const char *name, struct ready_seen *seen);

/* Fails unless the check called @name does, with @text in what it reports. */
void ready_expect_failure(struct machine *m, const char *name,
			  enum lend_error_code code, const char *text);

#endif
