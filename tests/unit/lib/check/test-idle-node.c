// SPDX-License-Identifier: MIT
// Device nodes in use by the host: each use alone is found and reported.

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

static void an_open_node_is_a_use(void **state)
{
	struct machine *m = *state;
	char evidence[PATH_MAX];

	idle_add_disk(m->fake);
	fake_file(m->fake, "proc/314/comm", "fsck\n");
	fake_file(m->fake, "proc/314/status", "Name: fsck\nUid:\t0\t0\n");
	fake_node(m->fake, "proc/314/fd/5", "b8:0");
	snprintf(evidence, sizeof(evidence),
		 "/dev/sda is open:\n%s/dev/sda is held by fsck (pid 314, "
		 "user root)",
		 m->fake->root);
	idle_expect_use(m, evidence);
}

/* Whatever its class. */
static void an_open_node_of_any_class_is_a_use(void **state)
{
	static const char *const nodes[][2] = {
		{"drm/card0", "dri/card0"},
		{"uio/uio0", "uio0"},
		{"virtio0/misc/hw_random", "hwrng"},
		{"usb1/1-1", "bus/usb/001/002"},
		{"new-class/x", "some/new0"},
	};
	struct machine *m = *state;
	char evidence[PATH_MAX], dir[PATH_MAX], number[16];

	fake_add_pci(m->fake, "0000:03:00.0", "i915", 15);
	fake_file(m->fake, "proc/7/comm", "Xorg\n");
	for (unsigned int i = 0; i < 5; i++) {
		snprintf(dir, sizeof(dir), DEVICE "%s", nodes[i][0]);
		snprintf(number, sizeof(number), "c226:%u", i);
		idle_add_node(m->fake, dir, nodes[i][1], number);
		fake_remove(m->fake, "proc/7/fd");
		idle_expect_idle(m);
		fake_node(m->fake, "proc/7/fd/3", number);
		snprintf(evidence, sizeof(evidence),
			 "/dev/%s is open:\n%s/dev/%s is held by Xorg "
			 "(pid 7, user unknown)",
			 nodes[i][1], m->fake->root, nodes[i][1]);
		idle_expect_use(m, evidence);
	}
}

static void a_node_is_known_by_its_number(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "uio_pci_generic", 15);
	idle_add_node(m->fake, DEVICE "uio/uio0", "uio0", "c240:0");
	fake_remove(m->fake, "dev/uio0");
	/* The block device of that number, and another node of that name. */
	fake_node(m->fake, "proc/7/fd/3", "b240:0");
	fake_node(m->fake, "proc/7/fd/4", "c240:1");
	fake_link(m->fake, "proc/7/fd/5", "dev/uio0");
	idle_expect_idle(m);
	fake_node(m->fake, "proc/7/map_files/1-2", "c240:0");
	idle_expect_words(m, "uio0 is held by a process (pid 7");
}

static void a_node_without_a_class_is_named_by_its_driver(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "nvidia", 15);
	fake_file(m->fake, "proc/driver/nvidia/gpus/0000:03:00.0/information",
		  "Model: \t GeForce\nDevice Minor: \t 1\n");
	fake_node(m->fake, "proc/7/fd/3", "c195:0");
	idle_expect_idle(m);
	fake_node(m->fake, "proc/7/fd/3", "c195:1");
	idle_expect_words(m, "/dev/nvidia1 is open");
}

static void an_armed_watchdog_is_a_use(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "i6300ESB", 15);
	idle_add_node(m->fake, DEVICE "watchdog/watchdog0", "watchdog0",
		      "c250:0");
	idle_expect_unknown(m, "whether watchdog0 is armed is unknown");
	fake_file(m->fake, DEVICE "watchdog/watchdog0/state", "inactive\n");
	idle_expect_idle(m);
	fake_file(m->fake, DEVICE "watchdog/watchdog0/state", "active\n");
	idle_expect_use(m, "watchdog0 is armed");
}

static void a_console_of_the_kernel_is_a_use(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "serial", 15);
	idle_add_node(m->fake, DEVICE "tty/ttyS4", "ttyS4", "c4:68");
	fake_file(m->fake, "proc/consoles",
		  "tty0                 -WU (EC  p  )    4:7\n"
		  "netcon0              -W- (E   p  )\n");
	idle_expect_idle(m);
	fake_file(m->fake, "proc/consoles",
		  "ttyS4                -W- (EC  p a)    4:68\n");
	idle_expect_use(m, "ttyS4 is a console of the kernel");
}

/* As the kernel shows it to anybody but root: another user's process. */
static int idle_test_list(const struct kernel *k, const char *path,
			  int (*entry)(void *opaque, const char *name),
			  void *opaque)
{
	(void)k;
	if (strstr(path, "proc/7/fd"))
		return -EACCES;
	return kernel_real()->list(NULL, path, entry, opaque);
}

static void other_users_files_are_unknown(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "uio_pci_generic", 15);
	fake_dir(m->fake, "proc/7/fd");
	m->fake->kernel.list = idle_test_list;
	idle_expect_idle(m);
	idle_add_node(m->fake, DEVICE "uio/uio0", "uio0", "c240:0");
	idle_expect_unknown(m,
			    "requires root to know whether a process has one "
			    "of its 1 nodes open, such as /dev/uio0");
}

static void processes_outside_a_container_are_unknown(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, "0000:03:00.0", "uio_pci_generic", 15);
	idle_add_node(m->fake, DEVICE "uio/uio0", "uio0", "c240:0");
	fake_anonymous(m->fake, "proc/self/ns/pid", "pid:[4026531836]");
	idle_expect_idle(m);
	fake_anonymous(m->fake, "proc/self/ns/pid", "pid:[4026532001]");
	idle_expect_unknown(m, "requires the host's PID namespace to know");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(an_open_node_is_a_use),
		MACHINE_TEST(an_open_node_of_any_class_is_a_use),
		MACHINE_TEST(a_node_is_known_by_its_number),
		MACHINE_TEST(a_node_without_a_class_is_named_by_its_driver),
		MACHINE_TEST(an_armed_watchdog_is_a_use),
		MACHINE_TEST(a_console_of_the_kernel_is_a_use),
		MACHINE_TEST(other_users_files_are_unknown),
		MACHINE_TEST(processes_outside_a_container_are_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
