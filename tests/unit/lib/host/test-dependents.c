// SPDX-License-Identifier: MIT
// Devices that exist only through another device's driver: none is removed
// unless it is asked for, and none that is in use or to be lent.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <errno.h>

#include "binding.h"

#define PF  "0000:02:00.0"
#define VF  "0000:02:10.0"
#define VF2 "0000:02:10.2"
#define DIR "sys/devices/pci0000:00/"

static void dependents_add_vf(struct machine *m, const char *vf, int number,
			      int group)
{
	char path[128], target[128];

	fake_add_pci(m->fake, vf, "igbvf", group);
	snprintf(path, sizeof(path), DIR PF "/virtfn%d", number);
	snprintf(target, sizeof(target), DIR "%s", vf);
	fake_link(m->fake, path, target);
	snprintf(path, sizeof(path), DIR "%s/physfn", vf);
	fake_link(m->fake, path, DIR PF);
}

static int dependents_setup(void **state)
{
	struct machine *m;

	binding_setup(state);
	m = *state;
	fake_add_pci(m->fake, PF, "igb", 14);
	fake_file(m->fake, DIR PF "/sriov_numvfs", "0\n");
	fake_file(m->fake, DIR PF "/sriov_totalvfs", "7\n");
	return 0;
}

static int bind_forced(struct machine *m, const char *names[],
		       unsigned int count, bool force)
{
	const struct lend_bind_options options = {
		.size = sizeof(options),
		.force = force,
	};
	struct lend_address *a[4] = {NULL};
	int err;

	for (unsigned int i = 0; i < count; i++)
		a[i] = machine_find(m, names[i]);
	err = lend_bind(m->ctx, a, count, &options);
	for (unsigned int i = 0; i < count; i++)
		lend_address_unref(a[i]);
	return err;
}

static int bind_pf(struct machine *m, bool force)
{
	return bind_forced(m, (const char *[]){PF}, 1, force);
}

static int check_pf(struct machine *m)
{
	struct lend_address *a = machine_find(m, PF);
	int err = lend_check_idle(a);

	lend_address_unref(a);
	return err;
}

static void virtual_functions_are_not_removed(void **state)
{
	struct machine *m = *state;

	assert_int_equal(check_pf(m), 0);
	dependents_add_vf(m, VF, 0, 15);
	dependents_add_vf(m, VF2, 1, 16);
	assert_int_equal(bind_pf(m, false), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_IN_USE);
	assert_string_equal(m->error->device, PF);
	assert_string_equal(m->error->evidence,
			    "virtual functions, which its driver makes: " VF
			    " " VF2);
	assert_string_equal(m->error->remedy, "lend sriov " PF " 0");
	is_now(m, PF, "igb", "");
	assert_int_equal(check_pf(m), -EBUSY);
	assert_non_null(strstr(m->error->evidence, VF " " VF2));
	assert_non_null(strstr(m->error->remedy, "lend sriov " PF " 0"));
	assert_int_equal(bind_pf(m, true), 0);
	assert_non_null(strstr(m->log, PF ": not kept: "));
	is_now(m, PF, "vfio-pci", "vfio-pci");
}

static void uses_of_virtual_functions_are_uses(void **state)
{
	struct machine *m = *state;

	dependents_add_vf(m, VF, 0, 15);
	fake_dir(m->fake, DIR VF "/net/eth7");
	fake_link(m->fake, "sys/class/net/eth7", DIR VF "/net/eth7");
	strcpy(m->fake->addressed, "eth7");
	assert_int_equal(check_pf(m), -EBUSY);
	assert_non_null(
		strstr(m->error->evidence, "eth7 has the address 192.0.2.1"));
}

/* The kernel would wait for the process. */
static void a_holder_is_not_overridden(void **state)
{
	struct machine *m = *state;

	dependents_add_vf(m, VF, 0, 15);
	fake_file(m->fake, "dev/vfio/15", "");
	fake_link(m->fake, "proc/7/fd/3", "dev/vfio/15");
	assert_int_equal(bind_pf(m, true), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_BUSY);
	assert_string_equal(m->error->device, VF);
	assert_non_null(strstr(m->error->evidence, "pid 7"));
	assert_non_null(strstr(m->error->evidence, "driver of " PF));
	is_now(m, PF, "igb", "");
	assert_int_equal(check_pf(m), -EBUSY);
	assert_non_null(strstr(m->error->evidence, "pid 7"));
}

static void a_device_is_not_bound_with_its_maker(void **state)
{
	struct machine *m = *state;
	static const char *const orders[][2] = {{VF, PF}, {PF, VF}};

	dependents_add_vf(m, VF, 0, 14);
	for (unsigned int i = 0; i < 2; i++) {
		const char *names[] = {orders[i][0], orders[i][1]};

		assert_int_equal(bind_forced(m, names, 2, true), -EBUSY);
		assert_int_equal(m->error->code, LEND_ERROR_IN_USE);
		assert_string_equal(m->error->device, VF);
		assert_non_null(strstr(m->error->what, "driver of " PF));
		is_now(m, PF, "igb", "");
		is_now(m, VF, "igbvf", "");
	}
	/* Nor where it is bound already, and its group lacks the other. */
	assert_int_equal(bind_forced(m, (const char *[]){VF}, 1, false), 0);
	assert_int_equal(bind_forced(m, (const char *[]){VF, PF}, 2, true),
			 -EBUSY);
	is_now(m, PF, "igb", "");
}

static void dependents_find_remedy(void *opaque,
				   const struct lend_finding *finding)
{
	char *text = opaque;

	if (!strcmp(finding->check, "member"))
		snprintf(text, 512, "%s", finding->remedy);
}

static void no_advice_removes_the_device(void **state)
{
	struct machine *m = *state;
	char text[512] = "";
	const struct lend_check_options options = {
		.size = sizeof(options),
		.found = dependents_find_remedy,
		.opaque = text,
	};
	struct lend_address *a;

	dependents_add_vf(m, VF, 0, 14);
	a = machine_find(m, VF);
	lend_check(m->ctx, &a, 1, &options);
	assert_null(strstr(text, "--group"));
	assert_non_null(strstr(text, "ACS"));
	lend_address_unref(a);
}

static void mediated_devices_are_not_removed(void **state)
{
	static const char uuid[] = "83b8f4f2-509f-382f-3c1e-e6bfe0fa1001";
	struct machine *m = *state;
	char path[256];

	snprintf(path, sizeof(path), DIR PF "/%s", uuid);
	fake_dir(m->fake, path);
	fake_link(m->fake, "sys/bus/mdev/devices/x", path);
	assert_int_equal(bind_pf(m, false), -EBUSY);
	assert_non_null(strstr(m->error->evidence, "mediated devices"));
	snprintf(path, sizeof(path), "lend mdev remove %s", uuid);
	assert_string_equal(m->error->remedy, path);
	is_now(m, PF, "igb", "");
}

/* As VMD makes them: a root bus below the device. */
static void domains_are_not_removed(void **state)
{
	static const char disk[] = DIR PF "/pci10000:00/10000:00:00.0";
	struct machine *m = *state;

	fake_dir(m->fake, disk);
	fake_link(m->fake, "sys/bus/pci/devices/10000:00:00.0", disk);
	assert_int_equal(bind_pf(m, false), -EBUSY);
	assert_non_null(strstr(m->error->evidence,
			       "PCI functions, which its driver makes: "
			       "10000:00:00.0"));
	is_now(m, PF, "igb", "");
}

/* The kernel unbinds those with an active link. */
static void consumers_keep_their_drivers(void **state)
{
	static const char entry[] =
		"sys/devices/virtual/devlink/pci:" PF "--pci:" NIC;
	struct machine *m = *state;
	char path[256];

	snprintf(path, sizeof(path), "%s/status", entry);
	fake_file(m->fake, path, "not tracked\n");
	snprintf(path, sizeof(path), "%s/consumer", entry);
	fake_link(m->fake, path, DIR NIC);
	fake_link(m->fake, DIR PF "/consumer:pci:" NIC, entry);
	assert_int_equal(check_pf(m), 0);
	snprintf(path, sizeof(path), "%s/status", entry);
	fake_file(m->fake, path, "active\n");
	assert_int_equal(bind_pf(m, false), -EBUSY);
	assert_non_null(strstr(m->error->evidence, "lose their drivers"));
	assert_non_null(strstr(m->error->evidence, NIC));
	is_now(m, PF, "igb", "");
}

/* Under enable_sriov of vfio-pci. */
static void restore_removes_none_either(void **state)
{
	const struct lend_bind_options force = {
		.size = sizeof(force),
		.force = true,
	};
	struct machine *m = *state;
	char text[512];

	assert_int_equal(bind_pf(m, false), 0);
	dependents_add_vf(m, VF, 0, 15);
	assert_int_equal(restore_all(m, text), -EBUSY);
	assert_int_equal(m->error->code, LEND_ERROR_IN_USE);
	is_now(m, PF, "vfio-pci", "vfio-pci");
	assert_int_equal(lend_restore(m->ctx, NULL, 0, &force), 0);
	is_now(m, PF, "igb", "");
}

static unsigned int dependents_count_of(struct machine *m)
{
	struct lend_address *a = machine_find(m, PF);
	unsigned int count = 0, total;

	assert_int_equal(lend_sriov_get(a, &count, &total), 0);
	lend_address_unref(a);
	return count;
}

/* By a restore, and where another device of the call cannot be bound. */
static void virtual_functions_are_created_again(void **state)
{
	struct machine *m = *state;
	char text[512];

	dependents_add_vf(m, VF, 0, 15);
	fake_file(m->fake, DIR PF "/sriov_numvfs", "3\n");
	strcpy(m->fake->refuses, "vfio-pci");
	assert_int_equal(bind_pf(m, true), -EIO);
	is_now(m, PF, "igb", "");
	assert_int_equal(dependents_count_of(m), 3);

	m->fake->refuses[0] = '\0';
	assert_int_equal(bind_pf(m, true), 0);
	fake_remove(m->fake, DIR PF "/virtfn0");
	assert_int_equal(restore_all(m, text), 0);
	is_now(m, PF, "igb", "");
	assert_int_equal(dependents_count_of(m), 3);
}

/* As a driver does that takes a device's link away while others are moved. */
static int dependents_fsync_removes(const struct kernel *k, int fd)
{
	struct fake_sysfs *fake = (struct fake_sysfs *)(uintptr_t)k;

	fake_remove(fake, DIR VF);
	return kernel_real()->fsync(k, fd);
}

static void devices_are_looked_at_again_at_the_end(void **state)
{
	struct machine *m = *state;

	fake_add_pci(m->fake, VF, "vfio-pci", 15);
	m->fake->kernel.fsync = dependents_fsync_removes;
	assert_int_equal(bind_forced(m, (const char *[]){VF, NIC}, 2, false),
			 -EIO);
	assert_int_equal(m->error->code, LEND_ERROR_HOST_DRIVER);
	assert_string_equal(m->error->device, VF);
	is_now(m, NIC, "e1000e", "");
}

/* Each walk for dependents lists all groups once. */
static unsigned int dependents_walks;

static int dependents_list_counted(const struct kernel *k, const char *path,
				   int (*entry)(void *opaque, const char *name),
				   void *opaque)
{
	static const char groups[] = "/kernel/iommu_groups";
	size_t length = strlen(path);

	if (length > strlen(groups) &&
	    !strcmp(path + length - strlen(groups), groups))
		dependents_walks++;
	return kernel_real()->list(k, path, entry, opaque);
}

static unsigned int dependents_count_walks(struct machine *m,
					   const struct lend_bind_options *o,
					   int expected)
{
	struct lend_address *a = machine_find(m, PF);

	m->fake->kernel.list = dependents_list_counted;
	dependents_walks = 0;
	assert_int_equal(lend_bind(m->ctx, &a, 1, o), expected);
	lend_address_unref(a);
	return dependents_walks;
}

/* Once for the verdict, its reasons and its remedies; and once more with the
 * lock held, right before the device is moved. */
static void dependents_are_looked_for_once(void **state)
{
	const struct lend_bind_options idle = {.size = sizeof(idle),
					       .idle = true};
	const struct lend_bind_options force = {.size = sizeof(force),
						.force = true};
	const struct lend_bind_options rehearsal = {
		.size = sizeof(rehearsal), .dry_run = true, .idle = true};
	struct machine *m = *state;

	assert_int_equal(dependents_count_walks(m, &rehearsal, 0), 1);
	dependents_add_vf(m, VF, 0, 15);
	dependents_add_vf(m, VF2, 1, 16);
	assert_int_equal(dependents_count_walks(m, &rehearsal, -EBUSY), 1);
	assert_int_equal(dependents_count_walks(m, &idle, -EBUSY), 1);
	assert_int_equal(m->error->code, LEND_ERROR_IN_USE);
	assert_non_null(strstr(m->error->evidence, VF " " VF2));
	assert_non_null(strstr(m->error->remedy, "lend sriov " PF " 0"));
	assert_non_null(strstr(m->error->remedy, "--force"));
	is_now(m, PF, "igb", "");
	assert_int_equal(dependents_count_walks(m, &force, 0), 1);
	is_now(m, PF, "vfio-pci", "vfio-pci");
}

static void an_idle_device_is_looked_at_twice(void **state)
{
	const struct lend_bind_options idle = {.size = sizeof(idle),
					       .idle = true};
	struct machine *m = *state;

	assert_int_equal(dependents_count_walks(m, &idle, 0), 2);
	is_now(m, PF, "vfio-pci", "vfio-pci");
}

/* As another command does that makes them after the verdict. */
static int dependents_mkdir_adds(const struct kernel *k, const char *path,
				 int mode)
{
	struct fake_sysfs *fake = (struct fake_sysfs *)(uintptr_t)k;

	fake_add_pci(fake, VF, "igbvf", 15);
	fake_link(fake, DIR PF "/virtfn0", DIR VF);
	fake_link(fake, DIR VF "/physfn", DIR PF);
	return kernel_real()->mkdir(k, path, mode);
}

static void the_second_look_is_with_the_lock(void **state)
{
	const struct lend_bind_options idle = {.size = sizeof(idle),
					       .idle = true};
	struct machine *m = *state;

	m->fake->kernel.mkdir = dependents_mkdir_adds;
	assert_int_equal(dependents_count_walks(m, &idle, -EBUSY), 2);
	assert_non_null(strstr(m->error->evidence, VF));
	is_now(m, PF, "igb", "");
}

/* A use of the host, without any dependent. */
static void a_used_device_is_refused_on_request(void **state)
{
	const struct lend_bind_options idle = {.size = sizeof(idle),
					       .idle = true};
	struct machine *m = *state;
	struct lend_address *a;

	fake_dir(m->fake, DIR PF "/net/eth7");
	fake_link(m->fake, "sys/class/net/eth7", DIR PF "/net/eth7");
	strcpy(m->fake->addressed, "eth7");
	assert_int_equal(dependents_count_walks(m, &idle, -EBUSY), 1);
	assert_int_equal(m->error->code, LEND_ERROR_IN_USE);
	assert_non_null(strstr(m->error->evidence, "192.0.2.1"));
	is_now(m, PF, "igb", "");
	a = machine_find(m, PF);
	assert_int_equal(lend_bind(m->ctx, &a, 1, NULL), 0);
	/* It is not moved, so that nothing of it can be in the way. */
	assert_int_equal(lend_bind(m->ctx, &a, 1, &idle), 0);
	lend_address_unref(a);
}

/* Unless it may block other devices of its group. */
static void a_part_of_the_chipset_is_refused_on_request(void **state)
{
	const struct lend_bind_options idle = {.size = sizeof(idle),
					       .idle = true};
	struct machine *m = *state;

	fake_file(m->fake, DIR PF "/class", "0x060100\n");
	assert_int_equal(dependents_count_walks(m, &idle, -EINVAL), 0);
	assert_int_equal(m->error->code, LEND_ERROR_WRONG_TYPE);
	assert_non_null(strstr(m->error->what, "the ISA bridge"));
	assert_string_equal(m->error->remedy,
			    "override with lend bind --force");
	is_now(m, PF, "igb", "");
	fake_add_pci(m->fake, VF, "igbvf", 14);
	assert_int_equal(dependents_count_walks(m, &idle, 0), 2);
	is_now(m, PF, "vfio-pci", "vfio-pci");
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, dependents_setup, machine_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(virtual_functions_are_not_removed),
		TEST(uses_of_virtual_functions_are_uses),
		TEST(a_holder_is_not_overridden),
		TEST(a_device_is_not_bound_with_its_maker),
		TEST(no_advice_removes_the_device),
		TEST(mediated_devices_are_not_removed),
		TEST(domains_are_not_removed),
		TEST(consumers_keep_their_drivers),
		TEST(restore_removes_none_either),
		TEST(virtual_functions_are_created_again),
		TEST(devices_are_looked_at_again_at_the_end),
		TEST(dependents_are_looked_for_once),
		TEST(an_idle_device_is_looked_at_twice),
		TEST(the_second_look_is_with_the_lock),
		TEST(a_used_device_is_refused_on_request),
		TEST(a_part_of_the_chipset_is_refused_on_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
