/* SPDX-License-Identifier: MIT */
/* Runs the administrator's commands on a machine made of files. */
#ifndef TESTS_UNIT_CLI_ADMIN_H
#define TESTS_UNIT_CLI_ADMIN_H

#include <stddef.h>

#include "tests/unit/lib/address/machine.h"

struct admin {
	struct machine *machine;
	int err;      /* what the command returned */
	bool failed;  /* its answer was no */
	char *output; /* what it printed, without the machine's root */
};

/* Builds a host: a bridge, a NIC with a neighbour, a disk, a device on
 * vfio-pci, one without a group, a platform device, a mediated device. */
void admin_build_host(struct machine *machine);

/* Runs "lend COMMAND", whose words are separated by one space. */
void admin_run(struct admin *admin, struct machine *machine,
	       const char *command);

void admin_free(struct admin *admin);

/* Runs a command and compares what it prints with a file in golden/. */
void admin_expect(struct machine *machine, const char *command,
		  const char *golden);

/* The same on a terminal. */
void admin_expect_on_terminal(struct machine *machine, const char *command,
			      const char *golden);

/* Runs a command that fails, and checks its error. */
void admin_expect_error(struct machine *machine, const char *command,
			enum lend_error_code code, const char *what,
			const char *evidence, const char *remedy);

#endif
