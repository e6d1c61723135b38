// SPDX-License-Identifier: MIT
// Devices that the host may use, and what lend_check_idle() finds of that.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>
#include <limits.h>

#include "idle.h"

void idle_add_node(struct fake_sysfs *fake, const char *dir, const char *name,
		   const char *number)
{
	char path[PATH_MAX], text[128];

	snprintf(path, sizeof(path), "%s/uevent", dir);
	snprintf(text, sizeof(text), "MAJOR=0\nDEVNAME=%s\nDEVTYPE=x\n", name);
	fake_file(fake, path, text);
	snprintf(path, sizeof(path), "%s/dev", dir);
	snprintf(text, sizeof(text), "%s\n", number + 1);
	fake_file(fake, path, text);
	snprintf(path, sizeof(path), "sys/dev/%s/%s",
		 *number == 'b' ? "block" : "char", number + 1);
	fake_link(fake, path, dir);
	snprintf(path, sizeof(path), "dev/%s", name);
	fake_node(fake, path, number);
}

void idle_add_disk(struct fake_sysfs *fake)
{
	fake_add_pci(fake, "0000:03:00.0", "ahci", 15);
	idle_add_node(fake, DEVICE "ata1/block/sda", "sda", "b8:0");
	idle_add_node(fake, DEVICE "ata1/block/sda/sda2", "sda2", "b8:2");
	fake_file(fake, DEVICE "ata1/block/sda/sda2/partition", "2\n");
	fake_link(fake, "sys/class/block/sda", DEVICE "ata1/block/sda");
	fake_link(fake, "sys/class/block/sda2", DEVICE "ata1/block/sda/sda2");
	/* A disk of another device. */
	idle_add_node(fake, "sys/devices/pci0000:00/0000:03:00.00/block/sdb",
		      "sdb", "b8:16");
	fake_link(fake, "sys/class/block/sdb",
		  "sys/devices/pci0000:00/0000:03:00.00/block/sdb");
}

void idle_add_nic(struct fake_sysfs *fake)
{
	fake_add_pci(fake, "0000:03:00.0", "e1000e", 15);
	fake_dir(fake, DEVICE "net/eth0");
	fake_link(fake, "sys/class/net/eth0", DEVICE "net/eth0");
}

void idle_expect_none(struct machine *m)
{
	struct lend_address *a = machine_find(m, "3:0.0");

	if (lend_check_idle(a))
		fail_msg("in use: %s", m->error->evidence);
	lend_address_unref(a);
}

void idle_expect_idle(struct machine *m)
{
	m->log[0] = '\0';
	idle_expect_none(m);
	if (m->log[0])
		fail_msg("unknown: %s", m->log);
}

void idle_expect_use(struct machine *m, const char *evidence)
{
	struct lend_address *a = machine_find(m, "3:0.0");

	assert_int_equal(lend_check_idle(a), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_IN_USE);
	assert_string_equal(m->error->device, "0000:03:00.0");
	assert_string_equal(m->error->evidence, evidence);
	lend_address_unref(a);
}

void idle_expect_words(struct machine *m, const char *words)
{
	struct lend_address *a = machine_find(m, "3:0.0");

	assert_int_equal(lend_check_idle(a), -EBUSY);
	if (!strstr(m->error->evidence, words))
		fail_msg("%s", m->error->evidence);
	lend_address_unref(a);
}

void idle_expect_unknown(struct machine *m, const char *words)
{
	m->log[0] = '\0';
	idle_expect_none(m);
	if (!strstr(m->log, words))
		fail_msg("%s", m->log);
}

void idle_add_container(struct fake_sysfs *fake)
{
	fake_anonymous(fake, "proc/self/ns/mnt", "mnt:[1]");
	fake_anonymous(fake, "proc/self/ns/net", "net:[3]");
	fake_anonymous(fake, "proc/7/ns/mnt", "mnt:[1]");
	fake_anonymous(fake, "proc/7/ns/net", "net:[3]");
	fake_anonymous(fake, "proc/31/ns/mnt", "mnt:[2]");
	fake_anonymous(fake, "proc/31/ns/net", "net:[4]");
	fake_anonymous(fake, "proc/32/ns/mnt", "mnt:[2]");
	fake_file(fake, "proc/31/comm", "nginx\n");
}
