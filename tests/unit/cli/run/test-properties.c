// SPDX-License-Identifier: MIT
// QEMU's properties of vfio-pci: each is applied, or ignored, with a warning if
// that makes a difference.

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
#include "cli/run/options.h"
#include "tests/unit/fake/fake-sysfs.h"

struct host {
	struct fake_sysfs *fake;
	struct lend_ctx *ctx;
	struct run_devices devices;
	unsigned int warnings;
	char warning[512]; /* the last */
};

static void run_properties_test_log(void *opaque, enum lend_log_level level,
				    const char *text)
{
	struct host *host = opaque;

	if (level != LEND_LOG_WARNING)
		return;
	host->warnings++;
	snprintf(host->warning, sizeof(host->warning), "%s", text);
}

static int run_properties_test_setup(void **state)
{
	static struct host host;

	host = (struct host){.fake = fake_sysfs_new()};
	host.ctx = fake_sysfs_ctx(host.fake, run_properties_test_log, &host);
	fake_add_driver(host.fake, "vfio-pci");
	fake_add_pci(host.fake, "0000:00:05.0", "vfio-pci", 4);
	*state = &host;
	return 0;
}

static int run_properties_test_teardown(void **state)
{
	struct host *host = *state;

	lend_ctx_unref(host->ctx);
	fake_sysfs_free(host->fake);
	return 0;
}

/* Finds one device with these properties; the caller calls
 * run_devices_free(). */
static int run_properties_test_find(struct host *host, const char *properties)
{
	char text[320];
	const char *texts[] = {text};
	const struct run_options asked = {.devices = texts, .device_count = 1};
	struct run_refusals refusals = {};
	int err;

	snprintf(text, sizeof(text), "vfio-pci,host=00:05.0,%s", properties);
	host->warnings = 0;
	err = run_devices_find(&host->devices, host->ctx, &asked, &refusals);
	if (!err)
		err = run_refusals_report(&refusals, host->ctx);
	run_refusals_free(&refusals);
	return err;
}

/* Properties with QEMU's default values. */
static const char *const silent[] = {
	"bootindex=-1",
	"acpi-index=0",
	"display=off",
	"display=auto",
	"xres=0,yres=0",
	"enable-migration=off",
	"enable-migration=auto",
	"enable-migration=no",
	"migration-events=off",
	"skip-vsc-check=on",
	"skip-vsc-check",
	"ats=off",
	"ats=auto",
	"x-intx-mmap-timeout-ms=1100",
	"x-msix-relocation=off",
	"x-no-kvm-ioeventfd=off",
	"x-no-vfio-ioeventfd=on",
	"x-igd-lpc=off,x-igd-gms=0,x-igd-legacy-mode=auto",
	"x-balloon-allowed=off",
	"x-pre-copy-dirty-page-tracking=yes",
	"x-device-dirty-page-tracking=on",
	"x-migration-multifd-transfer=auto",
	"x-migration-load-config-after-iter=off",
};

static void default_properties_give_no_warning(void **state)
{
	struct host *host = *state;

	for (size_t i = 0; i < sizeof(silent) / sizeof(silent[0]); i++) {
		if (run_properties_test_find(host, silent[i]))
			fail_msg("%s: %s", silent[i],
				 lend_ctx_error(host->ctx)->what);
		if (host->warnings)
			fail_msg("%s: %s", silent[i], host->warning);
		run_devices_free(&host->devices);
	}
}

static const struct {
	const char *property;
	const char *why;
} pointless[] = {
	{"bootindex=1", "kernel of -kernel"},
	{"acpi-index=3", "slots"},
	{"failover_pair_id=net1", "virtio-net"},
	{"xres=1024", "no display"},
	{"yres=768", "no display"},
	{"migration-events=on", "no monitor"},
	{"skip-vsc-check=off", "migration is unsupported"},
	{"x-intx-mmap-timeout-ms=50", "acknowledged without"},
	{"x-msix-relocation=bar2", "MSI-X table"},
	{"x-balloon-allowed", "no balloon"},
	{"x-pre-copy-dirty-page-tracking=off", "migration is unsupported"},
	{"x-device-dirty-page-tracking=no", "migration is unsupported"},
	{"x-migration-multifd-transfer=on", "migration is unsupported"},
	{"x-migration-load-config-after-iter=on", "migration is unsupported"},
	{"x-migration-max-queued-buffers-size=18446744073709551615",
	 "migration is unsupported"},
	{"x-vpasid-cap-offset=0", "no IOMMU"},
	{"x-igd-lpc=on", "no such bridges"},
	{"x-igd-gms=2", "no firmware"},
};

static void ignored_properties_give_one_warning(void **state)
{
	struct host *host = *state;

	for (size_t i = 0; i < sizeof(pointless) / sizeof(pointless[0]); i++) {
		if (run_properties_test_find(host, pointless[i].property))
			fail_msg("%s: %s", pointless[i].property,
				 lend_ctx_error(host->ctx)->what);
		assert_int_equal(host->warnings, 1);
		if (!strstr(host->warning, pointless[i].property) ||
		    !strstr(host->warning, "0000:00:05.0") ||
		    !strstr(host->warning, pointless[i].why))
			fail_msg("%s: %s", pointless[i].property,
				 host->warning);
		run_devices_free(&host->devices);
	}
}

static const char *const refused[] = {
	/* Their purpose is unsupported. */
	"display=on",
	"enable-migration=on",
	"ats=on",
	/* Bad values. */
	"bootindex=-2",
	"acpi-index=x",
	"rombar=2",
	"romsize=1M",
	"x-msix-relocation=bar6",
	"x-msix-relocation=bar12",
	"x-pci-class-code=0x1000000",
	"x-pci-vendor-id=0x10000",
	"x-nv-gpudirect-clique=16",
	"x-migration-max-queued-buffers-size=18446744073709551616",
	"failover_pair_id=",
};

static void misleading_properties_are_refused(void **state)
{
	struct host *host = *state;
	char name[64];

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		if (run_properties_test_find(host, refused[i]) != -EINVAL)
			fail_msg("%s: taken", refused[i]);
		snprintf(name, strcspn(refused[i], "=") + 1, "%s", refused[i]);
		if (!strstr(lend_ctx_error(host->ctx)->what, name))
			fail_msg("%s: %s", refused[i],
				 lend_ctx_error(host->ctx)->what);
		run_devices_free(&host->devices);
	}
}

static void pci_ids_reach_the_machine(void **state)
{
	struct host *host = *state;
	const struct lend_pci_ids *ids;

	assert_int_equal(run_properties_test_find(
				 host, "x-pci-device-id=0x10d4,x-vga=on"),
			 0);
	assert_true(host->devices.pci[0].vga);
	ids = &host->devices.pci[0].ids;
	assert_int_equal(ids->given, LEND_PCI_ID_DEVICE);
	assert_int_equal(ids->device, 0x10d4);
	run_devices_free(&host->devices);
	assert_int_equal(run_properties_test_find(host,
						  "x-pci-vendor-id=6900,"
						  "x-pci-sub-vendor-id=0,"
						  "x-pci-sub-device-id=0xffff,"
						  "x-pci-class-code=0x020000"),
			 0);
	ids = &host->devices.pci[0].ids;
	assert_int_equal(ids->given,
			 LEND_PCI_ID_VENDOR | LEND_PCI_ID_SUB_VENDOR |
				 LEND_PCI_ID_SUB_DEVICE | LEND_PCI_ID_CLASS);
	assert_int_equal(ids->vendor, 0x1af4);
	assert_int_equal(ids->sub_vendor, 0);
	assert_int_equal(ids->sub_device, 0xffff);
	assert_int_equal(ids->class_code, 0x20000);
	run_devices_free(&host->devices);
	assert_int_equal(
		run_properties_test_find(host, "x-pci-vendor-id=0xffff"),
		-EINVAL);
	run_devices_free(&host->devices);
}

static void quirk_properties_reach_the_machine(void **state)
{
	struct host *host = *state;
	const struct assign_pci_quirks *quirks;

	assert_int_equal(run_properties_test_find(host, "x-igd-opregion=on"),
			 0);
	quirks = &host->devices.pci[0].quirks;
	assert_false(quirks->no_nvidia);
	assert_false(quirks->has_clique);
	assert_false(quirks->no_opregion);
	run_devices_free(&host->devices);
	assert_int_equal(run_properties_test_find(
				 host,
				 "x-no-geforce-quirks=on,x-igd-opregion=off,"
				 "x-nv-gpudirect-clique=0xf"),
			 0);
	quirks = &host->devices.pci[0].quirks;
	assert_true(quirks->no_nvidia);
	assert_true(quirks->has_clique);
	assert_int_equal(quirks->clique, 15);
	assert_true(quirks->no_opregion);
	assert_int_equal(host->warnings, 0);
	run_devices_free(&host->devices);
}

/* Finds a device with properties of the ROM; "%s" is the directory. */
static int find_rom(struct host *host, const char *properties)
{
	char text[256];

	snprintf(text, sizeof(text), properties, host->fake->root);
	return run_properties_test_find(host, text);
}

static void rom_properties_reach_the_machine(void **state)
{
	struct host *host = *state;
	const struct assign_pci_rom *rom;

	fake_file(host->fake, "rom", "five!");
	assert_int_equal(find_rom(host, "romfile=%s/rom"), 0);
	rom = &host->devices.pci[0].rom;
	assert_false(rom->hidden);
	assert_false(rom->anyway);
	assert_int_equal(rom->size, 5);
	assert_memory_equal(rom->bytes, "five!", 5);
	assert_int_equal(rom->bar_size, 0);
	run_devices_free(&host->devices);
	assert_int_equal(find_rom(host, "romfile=%s/rom,rombar=1,romsize=8192"),
			 0);
	assert_int_equal(host->devices.pci[0].rom.bar_size, 8192);
	assert_true(host->devices.pci[0].rom.anyway);
	assert_int_equal(host->warnings, 0);
	run_devices_free(&host->devices);
	assert_int_equal(run_properties_test_find(host, "rombar=0"), 0);
	assert_true(host->devices.pci[0].rom.hidden);
	assert_false(host->devices.pci[0].rom.anyway);
	run_devices_free(&host->devices);
	assert_int_equal(run_properties_test_find(host, "rombar=-1"), 0);
	assert_false(host->devices.pci[0].rom.anyway);
	run_devices_free(&host->devices);
	assert_int_equal(run_properties_test_find(host, "romfile="), 0);
	assert_true(host->devices.pci[0].rom.hidden);
	assert_int_equal(host->warnings, 0);
	run_devices_free(&host->devices);
	/* Properties without effect give a warning. */
	assert_int_equal(find_rom(host, "romfile=%s/rom,rombar=off"), 0);
	assert_true(host->devices.pci[0].rom.hidden);
	assert_null(host->devices.pci[0].rom.bytes);
	assert_int_equal(host->warnings, 1);
	run_devices_free(&host->devices);
	assert_int_equal(run_properties_test_find(host, "romsize=8192"), 0);
	assert_int_equal(host->warnings, 1);
	run_devices_free(&host->devices);
}

static void bad_rom_properties_are_refused(void **state)
{
	static const char *const cases[][2] = {
		{"romfile=%s/none", "romfile="},
		{"romfile=%s", "romfile="},
		{"romfile=%s/empty", "1 byte to 16 MiB"},
		{"romfile=%s/rom,romsize=1024", "romsize="},
		{"romfile=%s/rom,romsize=0x1800", "romsize="},
		{"romfile=%s/large,romsize=2048", "romsize="},
		{"romfile=%s/rom,romsize=0x100000800", "romsize="},
	};
	char large[3000];
	struct host *host = *state;
	const struct lend_error *e = lend_ctx_error(host->ctx);

	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	fake_file(host->fake, "rom", "five!");
	fake_file(host->fake, "empty", "");
	fake_file(host->fake, "large", large);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (find_rom(host, cases[i][0]) >= 0)
			fail_msg("%s: taken", cases[i][0]);
		if (!strstr(e->what, cases[i][1]) || !*e->remedy)
			fail_msg("%s: %s", cases[i][0], e->what);
		run_devices_free(&host->devices);
	}
}

#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, run_properties_test_setup,          \
					run_properties_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(default_properties_give_no_warning),
		TEST(ignored_properties_give_one_warning),
		TEST(misleading_properties_are_refused),
		TEST(pci_ids_reach_the_machine),
		TEST(quirk_properties_reach_the_machine),
		TEST(rom_properties_reach_the_machine),
		TEST(bad_rom_properties_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
