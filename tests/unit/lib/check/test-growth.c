// SPDX-License-Identifier: MIT
// Checks of all devices of a host: their calls grow with devices and processes,
// and not with the product of both or with the square of either.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "tests/unit/lib/address/machine.h"

#define DEVICES   24
#define PROCESSES 24

static struct {
	const struct kernel *inner;
	unsigned int calls;
} counted;

static int count_open(const struct kernel *k, const char *path, int flags)
{
	counted.calls++;
	return counted.inner->open(k, path, flags);
}

static ssize_t count_readlink(const struct kernel *k, const char *path,
			      char *buffer, size_t size)
{
	counted.calls++;
	return counted.inner->readlink(k, path, buffer, size);
}

static int count_realpath(const struct kernel *k, const char *path,
			  char *buffer, size_t size)
{
	counted.calls++;
	return counted.inner->realpath(k, path, buffer, size);
}

static int count_list(const struct kernel *k, const char *path,
		      int (*entry)(void *opaque, const char *name),
		      void *opaque)
{
	counted.calls++;
	return counted.inner->list(k, path, entry, opaque);
}

static int count_list_kinds(const struct kernel *k, const char *path,
			    int (*entry)(void *opaque, const char *name,
					 bool is_dir),
			    void *opaque)
{
	counted.calls++;
	return counted.inner->list_kinds(k, path, entry, opaque);
}

static int count_stat(const struct kernel *k, const char *path, struct stat *st)
{
	counted.calls++;
	return counted.inner->stat(k, path, st);
}

static int count_peek(const struct kernel *k, const char *path, struct stat *st)
{
	counted.calls++;
	return counted.inner->peek(k, path, st);
}

static int count_access(const struct kernel *k, const char *path, int mode)
{
	counted.calls++;
	return counted.inner->access(k, path, mode);
}

static void growth_count(struct kernel *kernel)
{
	static struct kernel inner;

	inner = *kernel;
	counted.inner = &inner;
	kernel->open = count_open;
	kernel->readlink = count_readlink;
	kernel->realpath = count_realpath;
	kernel->list = count_list;
	kernel->list_kinds = count_list_kinds;
	kernel->stat = count_stat;
	kernel->peek = count_peek;
	kernel->access = count_access;
}

/* Each device has a disk, an interface and a group; every other is lent. */
static void growth_add_device(struct fake_sysfs *fake, unsigned int i)
{
	char device[16], dir[64], path[128], text[64];

	snprintf(device, sizeof(device), "0000:%02x:00.0", i + 1);
	snprintf(dir, sizeof(dir), "sys/devices/pci0000:00/%s", device);
	fake_add_pci(fake, device, i % 2 ? "vfio-pci" : "ahci", (int)i);
	if (i % 2)
		return;
	snprintf(path, sizeof(path), "%s/block/sd%u/uevent", dir, i);
	snprintf(text, sizeof(text), "DEVNAME=sd%u\n", i);
	fake_file(fake, path, text);
	path[strlen(path) - strlen("/uevent")] = '\0';
	snprintf(text, sizeof(text), "sys/dev/block/8:%u", i);
	fake_link(fake, text, path);
	snprintf(text, sizeof(text), "sys/class/block/sd%u", i);
	fake_link(fake, text, path);
	snprintf(path, sizeof(path), "%s/net/eth%u", dir, i);
	fake_dir(fake, path);
	snprintf(text, sizeof(text), "sys/class/net/eth%u", i);
	fake_link(fake, text, path);
}

/* In a mount namespace of its own, with a terminal open. */
static void growth_add_process(struct fake_sysfs *fake, unsigned int i)
{
	char path[64], space[32];

	snprintf(path, sizeof(path), "proc/%u/fd/0", 100 + i);
	fake_node(fake, path, "c4:1");
	snprintf(path, sizeof(path), "proc/%u/fd/1", 100 + i);
	fake_anonymous(fake, path, "socket:[7]");
	snprintf(path, sizeof(path), "proc/%u/ns/mnt", 100 + i);
	snprintf(space, sizeof(space), "mnt:[%u]", 100 + i);
	fake_anonymous(fake, path, space);
	snprintf(path, sizeof(path), "proc/%u/mountinfo", 100 + i);
	fake_file(fake, path, "22 1 0:20 / /proc rw - proc proc rw\n");
}

static int growth_check(void *opaque, struct lend_address *address)
{
	struct lend_ctx *ctx = opaque;

	lend_check(ctx, &address, 1, NULL);
	return 0;
}

/* The calls of checks of that many devices beside that many processes. */
static long growth_calls(unsigned int devices, unsigned int processes)
{
	struct fake_sysfs *fake = fake_sysfs_new();
	struct lend_ctx *ctx;

	fake_file(fake, "sys/class/iommu/dmar0", "");
	fake_anonymous(fake, "proc/self/ns/mnt", "mnt:[1]");
	for (unsigned int i = 0; i < devices; i++)
		growth_add_device(fake, i);
	for (unsigned int i = 0; i < processes; i++)
		growth_add_process(fake, i);
	growth_count(&fake->kernel);
	ctx = fake_sysfs_ctx(fake, NULL, NULL);
	counted.calls = 0;
	lend_check_begin(ctx);
	assert_int_equal(lend_host_list(ctx, LEND_BUS_PCI, growth_check, ctx),
			 0);
	lend_check_end(ctx);
	lend_ctx_unref(ctx);
	fake->kernel = *counted.inner;
	fake_sysfs_free(fake);
	return counted.calls;
}

static void calls_do_not_multiply(void **state)
{
	long few = growth_calls(DEVICES, PROCESSES);
	long devices = growth_calls(2 * DEVICES, PROCESSES) - few;
	long processes = growth_calls(DEVICES, 2 * PROCESSES) - few;
	long both = growth_calls(2 * DEVICES, 2 * PROCESSES) - few;

	(void)state;
	assert_true(devices > DEVICES && processes > PROCESSES);
	assert_int_equal(both, devices + processes);
}

static void calls_grow_with_devices(void **state)
{
	long few = growth_calls(DEVICES, 1);
	long more = growth_calls(2 * DEVICES, 1);

	(void)state;
	assert_int_equal(growth_calls(4 * DEVICES, 1) - more, 2 * (more - few));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_do_not_multiply),
		cmocka_unit_test(calls_grow_with_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
