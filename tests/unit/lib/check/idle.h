/* SPDX-License-Identifier: MIT */
/* Devices that the host may use, and what lend_check_idle() finds of that. */
#ifndef TESTS_UNIT_LIB_CHECK_IDLE_H
#define TESTS_UNIT_LIB_CHECK_IDLE_H

#include "tests/unit/lib/address/machine.h"

#define DEVICE "sys/devices/pci0000:00/0000:03:00.0/"

/* Adds a device below another, with its node in sysfs and in /dev: dir is of
 * the device, number "b8:2". */
void idle_add_node(struct fake_sysfs *fake, const char *dir, const char *name,
		   const char *number);

/* Add the device: a controller with a disk that has a partition, sda2, or a
 * NIC, eth0. */
void idle_add_disk(struct fake_sysfs *fake);
void idle_add_nic(struct fake_sysfs *fake);

/* Adds two processes in namespaces of their own, one of them nginx. */
void idle_add_container(struct fake_sysfs *fake);

/* No use of the device is found; and nothing is unknown. */
void idle_expect_none(struct machine *m);
void idle_expect_idle(struct machine *m);

/* No use is found, and this much is unknown. */
void idle_expect_unknown(struct machine *m, const char *words);

/* A use is found, with this evidence, or with these words in it. */
void idle_expect_use(struct machine *m, const char *evidence);
void idle_expect_words(struct machine *m, const char *words);

#endif
