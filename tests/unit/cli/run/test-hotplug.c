// SPDX-License-Identifier: MIT
// Slots for devices that are plugged; one is configured as a device of the
// start, and what it borrows lasts until it has left.

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <lend/lend.h>

#include "cli/run/devices.h"
#include "cli/run/hotplug.h"
#include "cli/run/options.h"
#include "tests/unit/vmm/context.h"
#include "vmm/assign/pci.h"
#include "vmm/machine/device.h"
#include "vmm/machine/plug.h"

int __wrap_machine_plug(struct machine *machine,
			const struct plug_request *request);

static struct {
	struct lend_ctx *ctx;
	struct run_iommu iommu;
	struct run_hotplug hotplug;
	struct plug_request request;
	struct assign_pci_config config;
	unsigned int plugged;
	int err;
} hotplug_test;

int __wrap_machine_plug(struct machine *machine,
			const struct plug_request *request)
{
	(void)machine;
	hotplug_test.request = *request;
	hotplug_test.config =
		*(const struct assign_pci_config *)request->device->config;
	hotplug_test.plugged++;
	return hotplug_test.err;
}

static int hotplug_test_plug(const char *text)
{
	const struct machine_plugger *plugger = &hotplug_test.hotplug.plugger;

	return plugger->plug(plugger->opaque, NULL, text);
}

static int hotplug_test_setup(void **state)
{
	if (context_setup(state))
		return -1;
	memset(&hotplug_test, 0, sizeof(hotplug_test));
	hotplug_test.ctx = *state;
	run_hotplug_init(&hotplug_test.hotplug, hotplug_test.ctx,
			 &hotplug_test.iommu);
	return 0;
}

static int hotplug_test_teardown(void **state)
{
	run_hotplug_free(&hotplug_test.hotplug);
	return context_teardown(state);
}

static void a_plugged_device_is_configured(void **state)
{
	const struct assign_pci_config *c = &hotplug_test.config;

	(void)state;
	assert_int_equal(
		hotplug_test_plug("{'driver':'vfio-pci','id':'nic','fd':'77',"
				  "'host':'0000:00:05.0','iommufd':'auto',"
				  "'bus':'plug2','x-no-mmap':true}"),
		0);
	assert_string_equal(hotplug_test.request.id, "nic");
	assert_string_equal(hotplug_test.request.bus, "plug2");
	assert_int_equal(c->fd, 77);
	assert_true(c->keeps_fd && c->no_mmap);
	assert_null(c->address);
	assert_string_equal(c->name, "0000:00:05.0");
	assert_string_equal(c->id, "nic");
}

static void devices_come_and_go_in_any_order(void **state)
{
	const struct run_hotplug *hotplug = &hotplug_test.hotplug;
	const struct machine_plugger *plugger = &hotplug->plugger;
	const char *first;

	(void)state;
	assert_int_equal(hotplug_test_plug("vfio-pci,fd=5,iommufd=auto,id=a"),
			 0);
	first = hotplug_test.config.name;
	assert_string_equal(first, "a");
	assert_int_equal(hotplug_test_plug("vfio-pci,fd=6,iommufd=auto"), 0);
	assert_null(hotplug_test.request.id);
	plugger->gone(plugger->opaque, first);
	plugger->gone(plugger->opaque, "a device of the start");
	assert_non_null(hotplug->first);
	plugger->gone(plugger->opaque, hotplug_test.config.name);
	assert_null(hotplug->first);
	hotplug_test.err = -ENOSPC;
	assert_int_equal(hotplug_test_plug("vfio-pci,fd=5,iommufd=auto,id=a"),
			 -ENOSPC);
	assert_null(hotplug->first);
}

static void what_cannot_come_later_is_refused(void **state)
{
	static const struct {
		const char *more, *words;
	} cases[] = {
		{"iommufd=auto,romfile=/etc/passwd", "romfile: it requires"},
		{"iommufd=auto,x-vga=on", "x-vga: it requires"},
		{"iommufd=auto,x-no-iommu-unsafe-dma=on", "unsafe-dma: it"},
		{"iommufd=other", "not the iommufd of this run"},
		{"iommufd=auto,bus=pcie.0",
		 "Bus 'pcie.0' does not support hotplugging"},
		{"iommufd=auto,bus=plug1,addr=1", "addr: a root port has one"},
		{"iommufd=auto,bus=plug1,addr=0.1",
		 "addr: a root port has one"},
		{"iommufd=auto,nosuch=1", "unknown property"},
	};
	char text[128];

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), "vfio-pci,fd=5,%s", cases[i].more);
		assert_int_equal(hotplug_test_plug(text), -EINVAL);
		if (!context_says(*state, cases[i].words))
			fail_msg("%s: %s", text,
				 lend_ctx_error(hotplug_test.ctx)->what);
	}
	assert_int_equal(hotplug_test.plugged, 0);
	hotplug_test.iommu.id = "mine";
	assert_int_equal(hotplug_test_plug("vfio-pci,fd=5,iommufd=mine"), 0);
}

/* They have names, and keep an iommufd open that no device of the start uses.
 */
static void spare_slots_are_root_ports(void **state)
{
	char first[] = "first", second[] = "second";
	struct run_object objects[] = {{first, 77}, {second, -1}};
	struct run_options asked = {.plug_slots = 9};
	struct run_refusals refusals = {0};
	struct run_devices d;

	assert_int_equal(run_devices_find(&d, *state, &asked, &refusals), 0);
	assert_int_equal(d.count, 0);
	assert_int_equal(d.topology.count, 9);
	assert_string_equal(d.topology.ports[0].name, "plug1");
	assert_string_equal(d.topology.ports[8].name, "plug9");
	assert_true(d.topology.ports[8].pluggable);
	assert_int_equal(d.topology.ports[7].place.slot, 1);
	assert_int_equal(d.topology.ports[8].place.slot, 2);
	assert_int_equal(d.iommu.options.backend, LEND_BACKEND_IOMMUFD);
	assert_int_equal(d.iommu.options.iommufd, -1);
	run_devices_free(&d);

	asked.objects.list = objects;
	asked.objects.count = 2;
	assert_int_equal(run_devices_find(&d, *state, &asked, &refusals), 0);
	assert_int_equal(d.iommu.options.iommufd, 77);
	assert_string_equal(d.iommu.id, "first");
	run_devices_free(&d);
	assert_int_equal(refusals.count, 0);
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, hotplug_test_setup,                 \
					hotplug_test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(spare_slots_are_root_ports),
		TEST(a_plugged_device_is_configured),
		TEST(devices_come_and_go_in_any_order),
		TEST(what_cannot_come_later_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
