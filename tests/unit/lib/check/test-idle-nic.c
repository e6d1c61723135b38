// SPDX-License-Identifier: MIT
// Network interfaces in use by the host: each use alone is found and reported.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <sys/stat.h>

#include "idle.h"

static void a_route_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_nic(m->fake);
	fake_file(m->fake, "proc/net/route",
		  "Iface\tDestination\tGateway Flags RefCnt Use Metric Mask\n"
		  "eth1\t00000000\t0202000A\t3\t0\t0\t0\t00000000\t0\t0\t0\n");
	idle_expect_idle(m);
	fake_file(m->fake, "proc/net/route",
		  "Iface\tDestination\tGateway Flags RefCnt Use Metric Mask\n"
		  "eth0\t00000000\t0202000A\t3\t0\t0\t0\t00000000\t0\t0\t0\n"
		  "eth0\t0002000A\t00000000\t1\t0\t0\t0\t00FFFFFF\t0\t0\t0\n");
	idle_expect_use(m, "eth0 has the default route\n"
			   "eth0 has the route to 10.0.2.0/24");
}

static void an_address_without_a_route_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_nic(m->fake);
	strcpy(m->fake->addressed, "eth1");
	idle_expect_idle(m);
	strcpy(m->fake->addressed, "eth0");
	idle_expect_use(m, "eth0 has the address 192.0.2.1");
}

static void an_ipv6_address_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_nic(m->fake);
	fake_file(m->fake, "proc/net/if_inet6",
		  "fe800000000000005054 bad line\n"
		  "fe80000000000000505400fffe123456 02 40 20 80     eth0\n");
	idle_expect_idle(m);
	fake_file(m->fake, "proc/net/if_inet6",
		  "20010db8000000000000000000000001 02 40 00 80     eth0\n");
	idle_expect_use(m, "eth0 has the IPv6 address "
			   "20010db8000000000000000000000001/64");
}

static void a_bridge_port_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_nic(m->fake);
	fake_link(m->fake, DEVICE "net/eth0/master",
		  "sys/devices/virtual/net/br0");
	fake_link(m->fake, DEVICE "net/eth0/upper_br0",
		  "sys/devices/virtual/net/br0");
	fake_link(m->fake, DEVICE "net/eth0/upper_vlan7",
		  "sys/devices/virtual/net/vlan7");
	idle_expect_use(m, "eth0 belongs to br0\nvlan7 is stacked on eth0");
}

static void an_interface_in_another_namespace_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_nic(m->fake);
	idle_add_container(m->fake);
	idle_expect_idle(m);
	fake_remove(m->fake, DEVICE "net/eth0");
	fake_remove(m->fake, "sys/class/net/eth0");
	fake_file(m->fake, "proc/self/mountinfo",
		  "22 1 0:4 net:[4] /run/netns/blue rw - nsfs nsfs rw\n");
	idle_expect_use(
		m,
		"1 of its network interfaces is in another network "
		"namespace\n"
		"network namespace net:[4] is at /run/netns/blue\n"
		"network namespace net:[4] is of nginx (pid 31, user unknown)");
	/* As virtio and USB devices have it. */
	fake_remove(m->fake, DEVICE "net");
	idle_expect_idle(m);
	fake_dir(m->fake, DEVICE "virtio0/net");
	idle_expect_words(m, "1 of its network interfaces is in another");
}

static int idle_test_stat(const struct kernel *k, const char *path,
			  struct stat *st)
{
	(void)k;
	(void)path;
	*st = (struct stat){.st_mode = S_IFDIR, .st_nlink = 4};
	return 0;
}

/* One of two ports: the link count is that of all namespaces. */
static void one_of_two_interfaces_in_another_namespace_is_a_use(void **state)
{
	struct machine *m = *state;

	idle_add_nic(m->fake);
	m->fake->kernel.stat = idle_test_stat;
	idle_expect_use(m, "1 of its network interfaces is in another network "
			   "namespace");
}

static void an_interface_that_is_up_may_have_users_elsewhere(void **state)
{
	struct machine *m = *state;

	idle_add_nic(m->fake);
	fake_file(m->fake, DEVICE "net/eth0/flags", "0x1002\n");
	idle_expect_idle(m);
	fake_file(m->fake, DEVICE "net/eth0/flags", "0x1003\n");
	idle_expect_unknown(m, "eth0 is up: whether an interface in another "
			       "network namespace");
	fake_file(m->fake, DEVICE "net/eth0/flags", "0x1103\n");
	idle_expect_unknown(m, "eth0 is in promiscuous mode");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MACHINE_TEST(a_route_is_a_use),
		MACHINE_TEST(an_address_without_a_route_is_a_use),
		MACHINE_TEST(an_ipv6_address_is_a_use),
		MACHINE_TEST(a_bridge_port_is_a_use),
		MACHINE_TEST(an_interface_in_another_namespace_is_a_use),
		MACHINE_TEST(
			one_of_two_interfaces_in_another_namespace_is_a_use),
		MACHINE_TEST(an_interface_that_is_up_may_have_users_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
