// SPDX-License-Identifier: MIT
// What commands read from VFIO and ask of it: lend show, and lend reset --bus.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <linux/vfio.h>

#include "cli/reset-bus.h"
#include "cli/show.h"
#include "fake/public.h"

#define FIRST  "0000:02:00.0"
#define SECOND "0000:02:00.1"

struct host {
	struct lend_test *test;
	struct lend_test_device *device;
	struct cli cli;
	struct lend_address *address;
	struct json_object *facts;
};

static int vfio_test_setup(void **state)
{
	struct lend_ctx_options options = {.size = sizeof(options)};
	struct host *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->test = lend_test_new();
	h->device = lend_test_add_pci(h->test, FIRST, 7);
	lend_test_add_pci(h->test, SECOND, 7);
	assert_int_equal(lend_test_add_bar(h->device, 0, 0x4000, 0), 0);
	assert_true(lend_test_add_msix(h->device, 4, 0, 0x2000) > 0);
	lend_test_options(h->test, &options);
	assert_int_equal(lend_ctx_new(&options, &h->cli.ctx), 0);
	assert_int_equal(lend_address_find(h->cli.ctx, FIRST, &h->address), 0);
	h->facts = json_object_new_object();
	*state = h;
	return 0;
}

/* Whatever was done, nothing is left open. */
static int vfio_test_teardown(void **state)
{
	struct host *h = *state;
	char why[256] = "";

	json_object_put(h->facts);
	lend_address_unref(h->address);
	lend_ctx_unref(h->cli.ctx);
	if (!lend_test_is_idle(h->test, why, sizeof(why)))
		fail_msg("%s", why);
	lend_test_free(h->test);
	free(h);
	return 0;
}

static const struct json_object *vfio_shown(struct host *h, const char *verdict)
{
	json_add_text(h->facts, "verdict", verdict);
	show_add_vfio(h->facts, h->cli.ctx, h->address);
	return json_get(h->facts, "vfio");
}

/* The entry of an array whose name is this. */
static const struct json_object *vfio_entry(const struct json_object *array,
					    const char *name)
{
	for (size_t i = 0; i < json_length(array); i++)
		if (!strcmp(json_text(json_at(array, i), "name"), name))
			return json_at(array, i);
	fail_msg("no %s", name);
	return NULL;
}

static void show_has_regions_and_interrupts(void **state)
{
	const struct json_object *vfio = vfio_shown(*state, "ready");
	const struct json_object *regions = json_get(vfio, "regions");
	const struct json_object *bar = vfio_entry(regions, "BAR 0");
	char flags[64];

	assert_string_equal(json_text(vfio, "backend"), "container");
	assert_true(json_is(vfio, "reset"));
	assert_int_equal(json_length(regions), 2);
	assert_int_equal(json_number(bar, "size"), 0x4000);
	json_join(json_get(bar, "flags"), " ", flags, sizeof(flags));
	assert_string_equal(flags, "read write mmap");
	assert_int_equal(json_length(json_get(bar, "areas")), 2);
	vfio_entry(regions, "config");
	assert_int_equal(
		json_number(vfio_entry(json_get(vfio, "irqs"), "MSI-X"),
			    "count"),
		4);
	vfio_entry(json_get(vfio, "irqs"), "REQ");
}

static void show_has_the_error(void **state)
{
	struct host *h = *state;
	const struct json_object *vfio;

	lend_test_fail(h->test, LEND_TEST_CALL_IOCTL, VFIO_DEVICE_GET_INFO, 1,
		       EIO);
	vfio = vfio_shown(h, "ready");
	assert_string_equal(json_text(json_get(vfio, "error"), "device"),
			    FIRST);
	assert_null(json_get(vfio, "regions"));
}

static void show_leaves_other_devices_alone(void **state)
{
	struct host *h = *state;

	assert_null(vfio_shown(h, "driver"));
	assert_int_equal(lend_test_calls(h->test, LEND_TEST_CALL_IOCTL, 0), 0);
}

/* A reset reaches both functions; the second's group is @group. */
static int reset_slot(struct host *h, int group, bool dry_run,
		      struct json_object *list)
{
	const struct fake_dependent dependents[] = {{0, 2, 0, 7, 0},
						    {0, 2, 1, group, 0}};
	struct fake_device *fake = test_device(h->device);
	struct devices devices = {&h->address, 1};

	memcpy(fake->dependents, dependents, sizeof(dependents));
	fake->dependent_count = 2;
	return reset_bus(&h->cli, &devices, dry_run, list);
}

static void a_bus_is_reset(void **state)
{
	struct json_object *list = json_object_new_array();
	struct host *h = *state;

	assert_int_equal(reset_slot(h, 7, false, list), 0);
	assert_int_equal(json_length(list), 2);
	assert_string_equal(json_text(json_at(list, 1), "device"), SECOND);
	assert_true(json_is(json_at(list, 1), "done"));
	assert_int_equal(lend_test_resets(h->device), 1);
	json_object_put(list);
}

static void a_dry_run_resets_nothing(void **state)
{
	struct json_object *list = json_object_new_array();
	struct host *h = *state;

	assert_int_equal(reset_slot(h, 8, true, list), 0);
	assert_int_equal(json_length(list), 2);
	assert_true(json_is(json_at(list, 0), "ours"));
	assert_false(json_is(json_at(list, 1), "ours"));
	assert_false(json_is(json_at(list, 0), "done"));
	assert_int_equal(lend_test_resets(h->device), 0);
	json_object_put(list);
}

static void the_host_keeps_its_functions(void **state)
{
	struct json_object *list = json_object_new_array();
	struct host *h = *state;

	assert_true(reset_slot(h, 8, false, list) < 0);
	assert_int_equal(lend_ctx_error(h->cli.ctx)->code, LEND_ERROR_BUSY);
	assert_int_equal(json_length(list), 0);
	assert_int_equal(lend_test_resets(h->device), 0);
	json_object_put(list);
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, vfio_test_setup, vfio_test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(show_has_regions_and_interrupts),
		TEST(show_has_the_error),
		TEST(show_leaves_other_devices_alone),
		TEST(a_bus_is_reset),
		TEST(a_dry_run_resets_nothing),
		TEST(the_host_keeps_its_functions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
