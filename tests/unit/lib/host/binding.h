/* SPDX-License-Identifier: MIT */
/* A machine with a NIC and a disk, bound to VFIO and restored. */
#ifndef TESTS_UNIT_LIB_HOST_BINDING_H
#define TESTS_UNIT_LIB_HOST_BINDING_H

#include "tests/unit/lib/address/machine.h"

#define NIC  "0000:00:05.0"
#define DISK "0000:00:06.0"

/* For cmocka: machine_setup(), with both devices on host drivers. */
int binding_setup(void **state);

/* Call lend_bind() and lend_restore(); text gets a line for each move. */
int bind_some(struct machine *m, const char *names[], unsigned int count,
	      char text[512]);
int bind_nic(struct machine *m);
int restore_all(struct machine *m, char text[512]);

/* Fails the test unless a device has this driver and this override. */
void is_now(struct machine *m, const char *device, const char *driver,
	    const char *override);

#endif
