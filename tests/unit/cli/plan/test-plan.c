// SPDX-License-Identifier: MIT
// lend run --dry-run: plans places, needs and verdicts from sysfs, and opens
// only files.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <cmocka.h>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/plan/device.h"
#include "cli/plan/facts.h"
#include "cli/plan/limits.h"
#include "cli/plan/machine-plan.h"
#include "cli/plan/place.h"
#include "cli/plan/plan.h"
#include "cli/run/devices.h"
#include "cli/run/options.h"
#include "tests/unit/cli/documents.h"
#include "tests/unit/fake/fake-sysfs.h"
#include "vmm/machine/internal.h"
#include "vmm/memory/layout.h"

#define MIB  (1ull << 20)
#define GIB  (1ull << 30)
#define ROOT "sys/devices/pci0000:00/"
#define NIC  "0000:00:05.0"
#define GPU  "0000:00:06.0"

struct host {
	struct fake_sysfs *fake;
	struct lend_ctx *ctx;
	struct run_devices devices;
	struct machine_plan plan;
	struct plan_device known[2];
};

static void add_config(const struct host *host, const char *device,
		       unsigned int msi, unsigned int msix)
{
	/* Intel graphics, for the OpRegion. */
	uint8_t config[256] = {0x86, 0x80, 0x12, 0x59, [0x0b] = 0x03};
	char path[256];

	config[0x06] = 0x10;
	config[0x34] = 0x40;
	config[0x3d] = 1;
	config[0x40] = 0x05; /* MSI */
	config[0x41] = 0x50;
	config[0x42] = (uint8_t)(msi << 1);
	config[0x50] = 0x11; /* MSI-X */
	config[0x51] = 0x50; /* its next pointer loops */
	config[0x52] = (uint8_t)(msix - 1);
	config[0x53] = (uint8_t)((msix - 1) >> 8);
	config[0x55] = 0x20; /* its table */
	config[0x59] = 0x10; /* its pending bits */
	config[0xfe] = 0x01; /* where the OpRegion is */
	snprintf(path, sizeof(path), ROOT "%s/config", device);
	fake_bytes(host->fake, path, config, sizeof(config));
}

static int plan_test_setup(void **state)
{
	static struct host host;

	host = (struct host){.fake = fake_sysfs_new()};
	host.ctx = fake_sysfs_ctx(host.fake, NULL, NULL);
	fake_add_driver(host.fake, "vfio-pci");
	fake_add_pci(host.fake, NIC, "vfio-pci", 4);
	fake_add_pci(host.fake, GPU, "vfio-pci", 5);
	fake_file(host.fake, ROOT NIC "/resource",
		  "0x00000000e0000000 0x00000000e001ffff 0x0000000000040200\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		  "0x000000000000c000 0x000000000000c01f 0x0000000000040101\n"
		  "0x0000000000000000 0x00000000000000ff 0x0000000020040200\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		  "0x00000000e0040000 0x00000000e007ffff 0x0000000000046200\n");
	fake_file(host.fake, ROOT GPU "/resource",
		  "0x0000002000000000 0x0000002fffffffff 0x000000000014220c\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n"
		  "0x0000003000000000 0x0000003001ffffff 0x000000000014220c\n"
		  "0x0000000000000000 0x0000000000000000 0x0000000000000000\n");
	add_config(&host, NIC, 5, 5);
	add_config(&host, GPU, 0, 2048);
	host.plan.ctx = host.ctx;
	host.plan.devices = host.known;
	host.plan.findings = json_object_new_array();
	*state = &host;
	return 0;
}

static int plan_test_teardown(void **state)
{
	struct host *host = *state;

	run_devices_free(&host->devices);
	json_object_put(host->plan.findings);
	lend_ctx_unref(host->ctx);
	fake_sysfs_free(host->fake);
	return 0;
}

static void plan_test_locate(struct host *host, const struct run_options *asked)
{
	struct run_refusals refusals = {};

	assert_int_equal(
		run_devices_find(&host->devices, host->ctx, asked, &refusals),
		0);
	assert_int_equal(refusals.count, 0);
	run_refusals_free(&refusals);
}

static void plan_test_find(struct host *host, const char *nic, const char *gpu)
{
	const char *texts[] = {nic, gpu};
	const struct run_options asked = {.devices = texts, .device_count = 2};

	plan_test_locate(host, &asked);
	host->plan.topology = &host->devices.topology;
	host->plan.count = 2;
	for (unsigned int i = 0; i < 2; i++) {
		host->known[i].config = &host->devices.pci[i];
		plan_read_device(&host->plan, &host->known[i]);
	}
}

static void find_both(struct host *host)
{
	plan_test_find(host, "vfio-pci,host=00:05.0",
		       "vfio-pci,host=00:06.0,x-p2p=on");
}

/* The last finding's status, "" if there is none. */
static const char *plan_test_last_status(const struct host *host)
{
	size_t count = json_length(host->plan.findings);

	return count ? json_text(json_at(host->plan.findings, count - 1),
				 "status")
		     : "";
}

static const char *plan_test_status(const struct host *host, const char *check)
{
	for (size_t i = 0; i < json_length(host->plan.findings); i++) {
		const struct json_object *finding =
			json_at(host->plan.findings, i);

		if (!strcmp(json_text(finding, "check"), check))
			return json_text(finding, "status");
	}
	return "";
}

static void plan_reads_devices_from_sysfs(void **state)
{
	struct host *host = *state;
	const struct plan_device *nic = &host->known[0];
	const struct plan_device *gpu = &host->known[1];

	find_both(host);
	assert_string_equal(plan_test_last_status(host), "");
	assert_int_equal(nic->bars[0].size, 0x20000);
	assert_true(nic->bars[2].io);
	assert_int_equal(nic->bars[2].size, 0x20);
	assert_int_equal(nic->bars[3].size, 0x100); /* without an address */
	assert_int_equal(nic->bars[6].size, 0x40000);
	assert_int_equal(nic->vectors, 32);
	assert_true(nic->intx);
	assert_true(gpu->bars[0].is_64bit && gpu->bars[0].prefetchable);
	assert_int_equal(gpu->bars[0].size, 64 * GIB);
	assert_int_equal(gpu->vectors, 2048);
}

static void plan_reports_what_sysfs_lacks(void **state)
{
	static const uint8_t config[64] = {0x86, 0x80, 0x12, 0x59};
	struct host *host = *state;

	fake_remove(host->fake, ROOT GPU "/resource");
	fake_bytes(host->fake, ROOT NIC "/config", config, sizeof(config));
	find_both(host);
	assert_true(host->known[0].has_bars);
	assert_false(host->known[0].has_interrupts);
	assert_false(host->known[1].has_bars);
	assert_int_equal(json_length(host->plan.findings), 2);
	assert_string_equal(
		json_text(json_at(host->plan.findings, 0), "status"), "warn");
	assert_string_equal(plan_test_last_status(host), "FAIL");
}

/* A bridge has no window above 4 GiB for BARs that are not prefetchable. */
static void plan_places_bars_below_a_port_in_its_windows(void **state)
{
	struct host *host = *state;
	const struct plan_device *gpu = &host->known[1];
	const struct layout layout = {
		.mem32 = {3 * GIB, GIB / 2},
		.mem64 = {64 * GIB, 256 * GIB},
		.io = {0x1000, 0xf000},
	};

	find_both(host);
	host->known[1].bars[2].prefetchable = false;
	plan_place_bars(&host->plan, &layout);
	assert_true(gpu->at[2] >= layout.mem64.base);
	host->devices.pci[1].place = pci_place(1, 0, 0);
	plan_place_bars(&host->plan, &layout);
	assert_true(gpu->at[0] >= layout.mem64.base);
	assert_true(gpu->at[2] < layout.mem64.base);
}

static void plan_aligns_bars_in_windows(void **state)
{
	struct host *host = *state;
	struct layout layout;
	struct layout_need need = {};

	plan_test_find(host, "vfio-pci,host=00:05.0,rombar=0",
		       "vfio-pci,host=00:06.0");
	for (unsigned int d = 0; d < 2; d++)
		for (unsigned int i = 0; i < ASSIGN_PCI_BARS; i++)
			assign_pci_need(&need, &host->known[d].bars[i]);
	assert_int_equal(layout_compute(&layout, host->ctx, GIB, &need, 40), 0);
	plan_place_bars(&host->plan, &layout);
	assert_int_equal(host->known[0].at[0], layout.mem32.base);
	assert_int_equal(host->known[0].at[3], layout.mem32.base + 0x20000);
	assert_int_equal(host->known[0].at[2], layout.io.base);
	assert_int_equal(host->known[0].at[6], 0);
	assert_int_equal(host->known[1].at[0], 64 * GIB);
	assert_int_equal(host->known[1].at[2], 128 * GIB);
	/* What does not fit into a window is not placed. */
	layout.mem64.size = 64 * GIB;
	host->known[1].at[0] = host->known[1].at[2] = 0;
	plan_place_bars(&host->plan, &layout);
	assert_int_equal(host->known[1].at[0], 64 * GIB);
	assert_int_equal(host->known[1].at[2], 0);
}

static void plan_compares_needs_with_limits(void **state)
{
	struct host *host = *state;
	struct json_object *document = json_object_new_object();
	const struct json_object *interrupts;
	const struct rlimit low = {100, 1000};

	find_both(host);
	setrlimit(RLIMIT_NOFILE, &low);
	plan_add_limits(&host->plan, document, 512 * MIB, 2);
	interrupts = json_get(document, "interrupts");
	assert_int_equal(json_number(interrupts, "vectors"), 2080);
	assert_int_equal(
		json_number(json_get(interrupts, "descriptors"), "limit"),
		1000);
	assert_true(json_number(json_get(interrupts, "descriptors"), "need") >
		    2080);
	assert_string_equal(plan_test_status(host, "descriptors"), "warn");
	assert_string_equal(plan_test_status(host, "slots"), "ok");
	/* RAM, the ROM, and the BARs and tables of both devices. */
	assert_int_equal(json_number(json_get(document, "slots"), "need"),
			 LAYOUT_RAM_MAX + 1 + 4 + 3);
	assert_int_equal(json_number(json_get(document, "pinned"), "need"),
			 512 * MIB);
	/* Nothing is mapped in no-IOMMU mode. */
	host->plan.unguarded = true;
	plan_add_limits(&host->plan, document, 512 * MIB, 2);
	assert_int_equal(json_number(json_get(document, "pinned"), "need"), 0);
	json_object_put(document);
}

static void plan_reports_reserved_memory(void **state)
{
	static const struct {
		const char *reserved; /* the range is inside RAM */
		const char *status;
	} cases[] = {
		{"0x00000000fee00000 0x00000000feefffff msi\n", "ok"},
		{"%#018llx %#018llx direct\n"
		 "0x00000000fee00000 0x00000000feefffff msi\n",
		 "FAIL"},
		{"%#018llx %#018llx direct-relaxable\n", "ok"},
		{"0x0000000000000000 0xffffffffffffffff reserved\n", "FAIL"},
		{"no such thing\n", "ok"},
	};
	const struct layout_need need = {};
	struct host *host = *state;
	struct layout layout;
	unsigned long long at;
	char text[128];

	find_both(host);
	assert_int_equal(layout_compute(&layout, host->ctx, GIB, &need, 40), 0);
	at = layout.ram_low.base + 0x100000;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		snprintf(text, sizeof(text), cases[i].reserved, at,
			 at + 0xfffff);
		fake_file(host->fake,
			  "sys/kernel/iommu_groups/5/reserved_regions", text);
		plan_check_reach(&host->plan, &layout);
		assert_string_equal(plan_test_last_status(host),
				    cases[i].status);
	}
}

static const struct json_object *
plan_test_first(const struct json_object *document, const char *list)
{
	return json_at(json_get(document, list), 0);
}

static void plan_prints_places_as_addr_does(void **state)
{
	static const char *texts[] = {
		"pcie-root-port,id=rp0,addr=1f.0,chassis=2,slot=7",
		"vfio-pci,host=00:05.0,bus=rp0",
		"vfio-pci,host=00:06.0,addr=a.0",
	};
	const struct run_options asked = {.devices = texts, .device_count = 3};
	struct json_object *document = json_object_new_object();
	struct host *host = *state;
	const struct json_object *entry;

	plan_test_locate(host, &asked);
	host->plan.topology = &host->devices.topology;
	host->plan.count = 2;
	for (unsigned int i = 0; i < 2; i++)
		host->known[i].config = &host->devices.pci[i + 1];
	plan_add_ports(&host->devices, document);
	plan_add_devices(&host->plan, document);
	assert_int_equal(json_length(json_get(document, "root_ports")), 1);
	entry = plan_test_first(document, "root_ports");
	assert_string_equal(json_text(entry, "id"), "rp0");
	assert_string_equal(json_text(entry, "addr"), "1f.0");
	assert_int_equal(json_number(entry, "slot"), 7);
	entry = plan_test_first(document, "devices");
	assert_string_equal(json_text(entry, "addr"), "0.0");
	assert_string_equal(json_text(entry, "root_port"), "1f.0");
	entry = json_at(json_get(document, "devices"), 1);
	assert_string_equal(json_text(entry, "addr"), "a.0");
	assert_null(json_get(entry, "root_port"));
	json_object_put(document);
}

static void plan_counts_the_ram_of_an_opregion(void **state)
{
	struct host *host = *state;
	struct machine machine = {.ctx = host->ctx};
	const struct assign_pci_config *config;

	plan_test_find(host, "vfio-pci,host=00:05.0,x-igd-opregion=off",
		       "vfio-pci,host=00:06.0,x-vga=on");
	assert_int_equal(host->known[0].opregion, 0);
	assert_int_equal(host->known[1].opregion, 8192);
	host->devices.pci[1].opregion = 8193;
	config = &host->devices.pci[1];
	assert_int_equal(assign_pci_measure(&machine, config), 0);
	assert_int_equal(machine.need.tables, 3 * 4096);
	assert_true(machine.need.vga);
}

static void plan_maps_ram_as_the_guest_does(void **state)
{
	static const struct {
		const char *what;
		uint64_t first, last;
	} want[] = {
		{"RAM", 0x0, 0x9ffff},
		{"VGA memory", 0xa0000, 0xbffff},
		{"RAM", 0xc0000, 0x1ffdfff},
		{"RAM with OpRegions", 0x1ffe000, 0x1ffffff},
		{"32-bit BARs", 0xc0000000, 0xc000ffff},
		{"RAM", 0x100000000, 0x1000fffff},
	};
	const struct layout layout = {
		.ram_low = {0, 32 * MIB},
		.ram_high = {4 * GIB, MIB},
		.vga = {0xa0000, 0x20000},
		.tables = {32 * MIB - 0x2000, 0x2000},
		.mem32 = {3 * GIB, 0x10000},
	};
	struct json_object *map = plan_map(&layout);

	(void)state;
	assert_int_equal(json_length(map), 6);
	for (size_t i = 0; i < 6; i++) {
		const struct json_object *range = json_at(map, i);

		assert_string_equal(json_text(range, "what"), want[i].what);
		assert_int_equal(json_address(range, "first"), want[i].first);
		assert_int_equal(json_address(range, "last"), want[i].last);
	}
	json_object_put(map);
}

int __real_machine_plan(struct machine **machine, struct lend_ctx *ctx,
			const struct machine_config *config);
int __wrap_machine_plan(struct machine **machine, struct lend_ctx *ctx,
			const struct machine_config *config);
void __wrap_machine_destroy(struct machine *machine);

/* In the place of what requires KVM: without a kernel to boot, only the guest's
 * addresses are planned. */
int __wrap_machine_plan(struct machine **machine, struct lend_ctx *ctx,
			const struct machine_config *config)
{
	static struct machine planned;
	const struct layout_need need = {};

	if (config->kernel)
		return __real_machine_plan(machine, ctx, config);
	planned.ram = config->ram;
	planned.cpus = config->cpus;
	*machine = &planned;
	return layout_compute(&planned.layout, ctx, config->ram, &need, 40);
}

void __wrap_machine_destroy(struct machine *machine)
{
	(void)machine;
}

/* Runs it twice, for text and for the document. */
static void plan_test_run(struct host *host,
			  const struct machine_config *config)
{
	struct cli cli = {.ctx = host->ctx};
	int real = dup(STDOUT_FILENO);

	fflush(stdout);
	assert_non_null(freopen("/dev/null", "w", stdout));
	documents_of("run");
	assert_int_equal(plan_run(&cli, config, &host->devices), 0);
	assert_true(cli.failed);
	cli.json = true;
	assert_int_equal(plan_run(&cli, config, &host->devices), 0);
	fflush(stdout);
	dup2(real, STDOUT_FILENO);
	close(real);
	assert_null(host->devices.pci[0].bars);
}

/* A missing kernel ends it before KVM is opened. */
static void plan_of_a_machine_that_fails_is_no_error(void **state)
{
	const struct machine_config config = {
		.kernel = "/nowhere/vmlinuz",
		.ram = 512 * MIB,
		.cpus = 1,
	};

	find_both(*state);
	plan_test_run(*state, &config);
}

static void plan_is_a_document(void **state)
{
	const struct machine_config config = {.ram = 512 * MIB, .cpus = 1};

	find_both(*state);
	plan_test_run(*state, &config);
}

int main(void)
{
#define TEST(t)                                                                \
	cmocka_unit_test_setup_teardown(t, plan_test_setup, plan_test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(plan_reads_devices_from_sysfs),
		TEST(plan_reports_what_sysfs_lacks),
		TEST(plan_places_bars_below_a_port_in_its_windows),
		TEST(plan_aligns_bars_in_windows),
		TEST(plan_compares_needs_with_limits),
		TEST(plan_reports_reserved_memory),
		TEST(plan_prints_places_as_addr_does),
		TEST(plan_counts_the_ram_of_an_opregion),
		TEST(plan_maps_ram_as_the_guest_does),
		TEST(plan_of_a_machine_that_fails_is_no_error),
		TEST(plan_is_a_document),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
