// SPDX-License-Identifier: MIT
// The guest's device tree describes the machine.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <libfdt.h>

#include "vmm/arm64/tree.h"
#include "vmm/memory/layout.h"
#include "vmm/pci/host.h"

#define SIZE  0x10000
#define CPUS  8
#define MIB   UINT64_C(0x100000)
#define GIB   UINT64_C(0x40000000)
#define SPACE 0x03000000

static const struct layout layout = {
	.ram_low = {GIB, 512 * MIB},
	.mem32 = {LAYOUT_LOW_BASE, 512 * MIB},
	.mem64 = {4 * GIB, 8 * GIB},
	.io = {LAYOUT_IO_BASE, LAYOUT_IO_SIZE},
	.ecam = {LAYOUT_ECAM_BASE, 4 * MIB},
};
static const uint64_t mpidr[CPUS] = {0x80000000, 0x80000001, 2, 3,
				     0x80000100, 0x101,      6, 7};

static struct tree_config plain_machine(void)
{
	return (struct tree_config){
		.layout = &layout,
		.append = "console=ttyS0",
		.initrd = {GIB + 32 * MIB, 5000},
		.cpus = CPUS,
		.mpidr = mpidr,
		.gic_version = 3,
		.msi = true,
		.pmu = true,
	};
}

static void *tree_build_for(const struct tree_config *config)
{
	void *fdt = malloc(SIZE);

	assert_non_null(fdt);
	assert_int_equal(tree_build(fdt, SIZE, config), 0);
	assert_int_equal(fdt_check_full(fdt, SIZE), 0);
	return fdt;
}

static uint32_t tree_cell_of(const void *fdt, const char *path,
			     const char *name, unsigned int index)
{
	int length, node = fdt_path_offset(fdt, path);
	const fdt32_t *cells;

	assert_true(node >= 0);
	cells = fdt_getprop(fdt, node, name, &length);
	assert_non_null(cells);
	assert_true((int)(4 * index) < length);
	return fdt32_to_cpu(cells[index]);
}

static uint64_t tree_cell_pair(const void *fdt, const char *path,
			       const char *name, unsigned int index)
{
	return (uint64_t)tree_cell_of(fdt, path, name, 2 * index) << 32 |
	       tree_cell_of(fdt, path, name, 2 * index + 1);
}

static void assert_string(const void *fdt, const char *path, const char *name,
			  const char *text)
{
	int node = fdt_path_offset(fdt, path);
	const char *value;

	assert_true(node >= 0);
	value = fdt_getprop(fdt, node, name, NULL);
	assert_non_null(value);
	assert_string_equal(value, text);
}

static void tree_describes_ram_and_boot(void **state)
{
	struct tree_config config = plain_machine();
	void *fdt = tree_build_for(&config);

	(void)state;
	assert_int_equal(tree_cell_pair(fdt, "/memory@40000000", "reg", 0),
			 GIB);
	assert_int_equal(tree_cell_pair(fdt, "/memory@40000000", "reg", 1),
			 512 * MIB);
	assert_string(fdt, "/chosen", "bootargs", "console=ttyS0");
	assert_int_equal(
		tree_cell_pair(fdt, "/chosen", "linux,initrd-start", 0),
		GIB + 32 * MIB);
	assert_int_equal(tree_cell_pair(fdt, "/chosen", "linux,initrd-end", 0),
			 GIB + 32 * MIB + 5000);
	assert_string(fdt, "serial0", "compatible", "ns16550a");
	free(fdt);

	config.initrd = (struct range){0};
	fdt = tree_build_for(&config);
	assert_null(fdt_getprop(fdt, fdt_path_offset(fdt, "/chosen"),
				"linux,initrd-start", NULL));
	free(fdt);
}

static void tree_describes_processors(void **state)
{
	struct tree_config config = plain_machine();
	void *fdt = tree_build_for(&config);

	(void)state;
	for (unsigned int i = 0; i < CPUS; i++) {
		char path[32];

		snprintf(path, sizeof(path), "/cpus/cpu@%x",
			 (unsigned int)mpidr[i] & 0xffffff);
		assert_int_equal(tree_cell_pair(fdt, path, "reg", 0),
				 mpidr[i] & 0xffffff);
		assert_string(fdt, path, "enable-method", "psci");
	}
	assert_string(fdt, "/psci", "method", "hvc");
	assert_int_equal(tree_cell_of(fdt, "/pmu", "interrupts", 1), 7);
	/* The power key wakes a guest that sleeps. */
	assert_non_null(fdt_getprop(fdt,
				    fdt_path_offset(fdt, "/gpio-keys/power"),
				    "wakeup-source", NULL));
	free(fdt);
}

static void tree_describes_the_gic(void **state)
{
	struct tree_config config = plain_machine();
	const char *gic = "/interrupt-controller@8000000";
	void *fdt = tree_build_for(&config);

	(void)state;
	assert_string(fdt, gic, "compatible", "arm,gic-v3");
	assert_int_equal(tree_cell_pair(fdt, gic, "reg", 3), CPUS * 0x20000);
	assert_int_equal(
		tree_cell_pair(
			fdt,
			"/interrupt-controller@8000000/msi-controller@8080000",
			"reg", 0),
		0x8080000);
	assert_int_equal(tree_cell_of(fdt, "/timer", "interrupts", 2), 4);
	free(fdt);

	config.gic_version = 2;
	config.msi = config.pmu = false;
	fdt = tree_build_for(&config);
	assert_string(fdt, gic, "compatible", "arm,cortex-a15-gic");
	assert_int_equal(tree_cell_pair(fdt, gic, "reg", 2), LAYOUT_GICC_BASE);
	assert_int_equal(tree_cell_of(fdt, "/timer", "interrupts", 2), 0xff04);
	assert_null(fdt_getprop(fdt, fdt_path_offset(fdt, "/pcie@30000000"),
				"msi-map", NULL));
	assert_int_equal(fdt_path_offset(fdt, "/pmu"), -FDT_ERR_NOTFOUND);
	free(fdt);
}

/* The interrupt that a guest finds in the map for a slot's pin. */
static uint32_t tree_routed_line(const void *fdt, unsigned int slot,
				 unsigned int pin)
{
	const char *pci = "/pcie@30000000";
	uint32_t mask = tree_cell_of(fdt, pci, "interrupt-map-mask", 0);

	for (unsigned int i = 0;; i += 10)
		if (tree_cell_of(fdt, pci, "interrupt-map", i) ==
			    (slot << 11 & mask) &&
		    tree_cell_of(fdt, pci, "interrupt-map", i + 3) == pin)
			return tree_cell_of(fdt, pci, "interrupt-map", i + 8);
}

static void tree_pci_matches_the_host_bridge(void **state)
{
	struct tree_config config = plain_machine();
	const char *pci = "/pcie@30000000";
	void *fdt = tree_build_for(&config);

	(void)state;
	for (unsigned int slot = 0; slot < 32; slot++)
		for (unsigned int pin = 1; pin <= 4; pin++)
			assert_int_equal(
				tree_routed_line(fdt, slot, pin),
				pci_host_gsi(NULL, pci_place(0, slot, 0), pin));
	assert_int_equal(tree_cell_of(fdt, pci, "bus-range", 1), 3);
	assert_int_equal(tree_cell_of(fdt, pci, "ranges", 14), SPACE);
	assert_int_equal(tree_cell_of(fdt, pci, "ranges", 17), 1);
	assert_int_equal(tree_cell_of(fdt, pci, "ranges", 19), 2);
	assert_int_equal(tree_cell_of(fdt, pci, "msi-map", 1), TREE_ITS);
	free(fdt);
}

static void devices_can_be_added(void **state)
{
	struct tree_config config = plain_machine();
	void *fdt = tree_build_for(&config);
	int bus = fdt_path_offset(fdt, TREE_PLATFORM), node;

	(void)state;
	assert_true(bus >= 0);
	node = fdt_add_subnode(fdt, bus, "device@10000000");
	assert_true(node >= 0);
	assert_int_equal(fdt_setprop_string(fdt, node, "compatible", "x"), 0);
	assert_int_equal(fdt_pack(fdt), 0);
	assert_int_equal(fdt_check_full(fdt, SIZE), 0);
	free(fdt);
}

static void a_tree_that_does_not_fit_is_an_error(void **state)
{
	struct tree_config config = plain_machine();
	uint8_t fdt[0x800];

	(void)state;
	for (size_t size = 0; size < sizeof(fdt); size += 64)
		assert_int_equal(tree_build(fdt, size, &config), -ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tree_describes_ram_and_boot),
		cmocka_unit_test(tree_describes_processors),
		cmocka_unit_test(tree_describes_the_gic),
		cmocka_unit_test(tree_pci_matches_the_host_bridge),
		cmocka_unit_test(devices_can_be_added),
		cmocka_unit_test(a_tree_that_does_not_fit_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
