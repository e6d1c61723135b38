// SPDX-License-Identifier: MIT
// -device strings: each is found, no two mean one device or want one place, and
// nothing is opened meanwhile.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "fake-sysfs.h"
#include "run-devices.h"

struct host {
	struct fake_sysfs *fake;
	struct lend_ctx *ctx;
	struct run_devices devices;
};

static int setup(void **state)
{
	static struct host host;

	host = (struct host){.fake = fake_sysfs_new()};
	host.ctx = fake_sysfs_ctx(host.fake, NULL, NULL);
	fake_add_driver(host.fake, "vfio-pci");
	fake_add_pci(host.fake, "0000:00:05.0", "vfio-pci", 4);
	fake_add_pci(host.fake, "0000:00:06.0", "vfio-pci", 5);
	*state = &host;
	return 0;
}

static int teardown(void **state)
{
	struct host *host = *state;

	lend_ctx_unref(host->ctx);
	/* Fails where a descriptor was left open. */
	fake_sysfs_free(host->fake);
	return 0;
}

/* Find one or two devices; run_devices_free() is due. */
static int find(struct host *host, const char *first, const char *second)
{
	const char *texts[] = {first, second};

	return run_devices_find(&host->devices, host->ctx, texts,
				second ? 2 : 1);
}

static void none_is_fine(void **state)
{
	struct host *host = *state;

	assert_int_equal(run_devices_find(&host->devices, host->ctx, NULL, 0),
			 0);
	assert_int_equal(host->devices.count, 0);
	run_devices_free(&host->devices);
}

static void properties_reach_the_machine(void **state)
{
	struct host *host = *state;
	const struct assign_pci_config *c;

	assert_int_equal(find(host, "vfio-pci,host=00:05.0",
			      "vfio-pci,host=0000:00:06.0,addr=1f.7,"
			      "multifunction=on,x-no-mmap=on"),
			 0);
	assert_int_equal(host->devices.count, 2);
	assert_ptr_equal(host->devices.configs[1].create, assign_pci_create);
	c = host->devices.configs[0].config;
	assert_string_equal(lend_address_name(c->address), "0000:00:05.0");
	assert_int_equal(c->at.slot, -1);
	assert_false(c->multifunction || c->no_mmap);
	c = host->devices.configs[1].config;
	assert_string_equal(lend_address_name(c->address), "0000:00:06.0");
	assert_int_equal(c->at.slot, 0x1f);
	assert_int_equal(c->at.function, 7);
	assert_true(c->multifunction && c->no_mmap);
	assert_ptr_equal(c->kvm_vfio, &host->devices.kvm_vfio);
	run_devices_free(&host->devices);
}

static const struct {
	const char *first;
	const char *second;
	const char *fact;
} refused[] = {
	{"vfio-pci,host=00:05.0", "vfio-pci,host=0000:00:05.0", "twice"},
	{"vfio-pci,host=00:05.0,addr=1", "vfio-pci,host=00:05.0,addr=2",
	 "twice"},
	{"vfio-pci,host=00:05.0,addr=4", "vfio-pci,host=00:06.0,addr=04.0",
	 "addr=4.0"},
	{"vfio-pci,host=00:05.0,addr=0", NULL, "host bridge"},
	{"vfio-pci,host=00:05.0,addr=0.1", NULL, "host bridge"},
};

static void clashes_are_told_with_both(void **state)
{
	struct host *host = *state;
	const struct lend_error *e = lend_ctx_error(host->ctx);

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(
			find(host, refused[i].first, refused[i].second),
			-EINVAL);
		assert_int_equal(e->code, LEND_ERROR_ARGUMENT);
		if (!strstr(e->what, refused[i].fact))
			fail_msg("%s: %s", refused[i].first, e->what);
		if (refused[i].second) {
			assert_non_null(strstr(e->evidence, refused[i].first));
			assert_non_null(strstr(e->evidence, refused[i].second));
		}
		run_devices_free(&host->devices);
	}
}

static void devices_find_places_beside_each_other(void **state)
{
	struct host *host = *state;

	assert_int_equal(find(host, "vfio-pci,host=00:05.0,addr=4.1",
			      "vfio-pci,host=00:06.0,addr=4.0"),
			 0);
	run_devices_free(&host->devices);
	assert_int_equal(
		find(host, "vfio-pci,host=00:05.0", "vfio-pci,host=00:06.0"),
		0);
	run_devices_free(&host->devices);
}

static void what_is_not_there_is_told(void **state)
{
	struct host *host = *state;

	assert_int_equal(
		find(host, "vfio-pci,host=00:05.0", "vfio-pci,host=00:09.0"),
		-ENODEV);
	run_devices_free(&host->devices);
	assert_int_equal(find(host, "vfio-pci,hots=00:05.0", NULL), -EINVAL);
	run_devices_free(&host->devices);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(none_is_fine),
		TEST(properties_reach_the_machine),
		TEST(clashes_are_told_with_both),
		TEST(devices_find_places_beside_each_other),
		TEST(what_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
