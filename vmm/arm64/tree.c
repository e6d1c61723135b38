// SPDX-License-Identifier: MIT
// Builds the guest's device tree, from RAM to the console.
#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <libfdt.h>
#include <linux/input-event-codes.h>

#include "vmm/arm64/cpu.h"
#include "vmm/arm64/tree.h"
#include "vmm/irq/irq.h"
#include "vmm/memory/layout.h"

#define UART_CLOCK     1843200
#define GPIO_CLOCK     24000000
#define AFFINITY_FIELD UINT64_C(0xff00ffffff) /* of MPIDR */
#define CELLS_MAX      512

static void tree_note_error(struct tree *tree, int err)
{
	if (!tree->err)
		tree->err = err;
}

void tree_begin(struct tree *tree, const char *name, uint64_t address)
{
	char text[64];

	snprintf(text, sizeof(text), address ? "%s@%" PRIx64 : "%s", name,
		 address);
	tree_note_error(tree, fdt_begin_node(tree->fdt, text));
}

void tree_end(struct tree *tree)
{
	tree_note_error(tree, fdt_end_node(tree->fdt));
}

void tree_string(struct tree *tree, const char *name, const char *value)
{
	tree_note_error(tree, fdt_property_string(tree->fdt, name, value));
}

void tree_flag(struct tree *tree, const char *name)
{
	tree_note_error(tree, fdt_property(tree->fdt, name, NULL, 0));
}

void tree_cells(struct tree *tree, const char *name, const uint32_t *cells,
		size_t count)
{
	uint32_t *to;

	if (tree->err)
		return;
	tree_note_error(tree,
			fdt_property_placeholder(tree->fdt, name,
						 (int)(count * sizeof(*cells)),
						 (void **)&to));
	for (size_t i = 0; !tree->err && i < count; i++)
		to[i] = htobe32(cells[i]);
}

void tree_cell(struct tree *tree, const char *name, uint32_t cell)
{
	tree_cells(tree, name, &cell, 1);
}

void tree_pairs(struct tree *tree, const char *name, const uint64_t *values,
		size_t count)
{
	uint32_t cells[CELLS_MAX];

	if (2 * count > CELLS_MAX) {
		tree_note_error(tree, -FDT_ERR_NOSPACE);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		cells[2 * i] = (uint32_t)(values[i] >> 32);
		cells[2 * i + 1] = (uint32_t)values[i];
	}
	tree_cells(tree, name, cells, 2 * count);
}

static void put_address_cells(struct tree *tree, uint32_t address,
			      uint32_t size)
{
	tree_cell(tree, "#address-cells", address);
	tree_cell(tree, "#size-cells", size);
}

static void put_chosen(struct tree *tree, const struct tree_config *config)
{
	struct range initrd = config->initrd;
	const uint64_t ends[] = {initrd.base, initrd.base + initrd.size};

	tree_begin(tree, "chosen", 0);
	tree_string(tree, "bootargs", config->append);
	tree_string(tree, "stdout-path", "serial0:115200n8");
	if (initrd.size) {
		tree_pairs(tree, "linux,initrd-start", &ends[0], 1);
		tree_pairs(tree, "linux,initrd-end", &ends[1], 1);
	}
	tree_note_error(tree,
			fdt_property(tree->fdt, "kaslr-seed", config->seed, 8));
	tree_note_error(tree, fdt_property(tree->fdt, "rng-seed",
					   config->seed + 8, TREE_SEED - 8));
	tree_end(tree);
	tree_begin(tree, "aliases", 0);
	tree_string(tree, "serial0", "/serial@9000000");
	tree_end(tree);
}

static void put_memory(struct tree *tree, struct range ram)
{
	tree_begin(tree, "memory", ram.base);
	tree_string(tree, "device_type", "memory");
	tree_pairs(tree, "reg", (uint64_t[]){ram.base, ram.size}, 2);
	tree_end(tree);
}

static void put_cpus(struct tree *tree, const struct tree_config *config)
{
	static const char psci[] = "arm,psci-1.0\0arm,psci-0.2";

	tree_begin(tree, "cpus", 0);
	put_address_cells(tree, 2, 0);
	for (unsigned int i = 0; i < config->cpus; i++) {
		uint64_t id = config->mpidr[i] & AFFINITY_FIELD;
		char name[32];

		snprintf(name, sizeof(name), "cpu@%" PRIx64, id);
		tree_begin(tree, name, 0);
		tree_string(tree, "device_type", "cpu");
		tree_string(tree, "compatible", "arm,armv8");
		tree_string(tree, "enable-method", "psci");
		tree_pairs(tree, "reg", &id, 1);
		tree_end(tree);
	}
	tree_end(tree);
	tree_begin(tree, "psci", 0);
	tree_note_error(tree, fdt_property(tree->fdt, "compatible", psci,
					   sizeof(psci)));
	tree_string(tree, "method", "hvc");
	tree_end(tree);
}

static void put_timer(struct tree *tree, const struct tree_config *config)
{
	/* Secure, non-secure, virtual and hypervisor timer: the usual PPIs. */
	static const uint32_t irqs[] = {13, 14, 11, 10};
	uint32_t cells[3 * 4], flags = TREE_LEVEL_HIGH;

	/* For a GICv2, the flags hold the CPU mask of a private interrupt. */
	if (config->gic_version == 2)
		flags |= ((1u << config->cpus) - 1) << 8;
	for (unsigned int i = 0; i < 4; i++) {
		cells[3 * i] = TREE_PPI;
		cells[3 * i + 1] = irqs[i];
		cells[3 * i + 2] = flags;
	}
	tree_begin(tree, "timer", 0);
	tree_string(tree, "compatible", "arm,armv8-timer");
	tree_cells(tree, "interrupts", cells, 12);
	tree_flag(tree, "always-on");
	tree_end(tree);
	if (!config->pmu)
		return;
	tree_begin(tree, "pmu", 0);
	tree_string(tree, "compatible", "arm,armv8-pmuv3");
	tree_cells(tree, "interrupts",
		   (uint32_t[]){TREE_PPI, CPU_PMU_IRQ - 16, flags}, 3);
	tree_end(tree);
}

static void put_its(struct tree *tree)
{
	tree_begin(tree, "msi-controller", LAYOUT_ITS_BASE);
	tree_string(tree, "compatible", "arm,gic-v3-its");
	tree_flag(tree, "msi-controller");
	tree_cell(tree, "#msi-cells", 1);
	tree_pairs(tree, "reg", (uint64_t[]){LAYOUT_ITS_BASE, LAYOUT_ITS_SIZE},
		   2);
	tree_cell(tree, "phandle", TREE_ITS);
	tree_end(tree);
}

static void put_gic(struct tree *tree, const struct tree_config *config)
{
	bool v3 = config->gic_version == 3;
	const uint64_t reg[] = {
		LAYOUT_GICD_BASE,
		LAYOUT_GICD_SIZE,
		v3 ? LAYOUT_GICR_BASE : LAYOUT_GICC_BASE,
		v3 ? config->cpus * LAYOUT_GICR_SIZE : LAYOUT_GICC_SIZE,
	};

	tree_begin(tree, "interrupt-controller", LAYOUT_GICD_BASE);
	tree_string(tree, "compatible",
		    v3 ? "arm,gic-v3" : "arm,cortex-a15-gic");
	tree_flag(tree, "interrupt-controller");
	tree_cell(tree, "#interrupt-cells", 3);
	put_address_cells(tree, 2, 2);
	tree_flag(tree, "ranges");
	tree_pairs(tree, "reg", reg, 4);
	tree_cell(tree, "phandle", TREE_GIC);
	if (config->msi)
		put_its(tree);
	tree_end(tree);
}

static void put_serial(struct tree *tree)
{
	tree_begin(tree, "serial", LAYOUT_SERIAL_BASE);
	tree_string(tree, "compatible", "ns16550a");
	tree_pairs(tree, "reg",
		   (uint64_t[]){LAYOUT_SERIAL_BASE, LAYOUT_SERIAL_SIZE}, 2);
	tree_cells(tree, "interrupts",
		   (uint32_t[]){TREE_SPI, IRQ_SERIAL, TREE_LEVEL_HIGH}, 3);
	tree_cell(tree, "clock-frequency", UART_CLOCK);
	tree_end(tree);
}

/* The PrimeCell bus driver requires a clock, although the device has none. */
static void put_power_key(struct tree *tree)
{
	static const char pl061[] = "arm,pl061\0arm,primecell";

	tree_begin(tree, "clock", 0);
	tree_string(tree, "compatible", "fixed-clock");
	tree_cell(tree, "#clock-cells", 0);
	tree_cell(tree, "clock-frequency", GPIO_CLOCK);
	tree_cell(tree, "phandle", TREE_CLOCK);
	tree_end(tree);

	tree_begin(tree, "gpio", LAYOUT_GPIO_BASE);
	tree_note_error(tree, fdt_property(tree->fdt, "compatible", pl061,
					   sizeof(pl061)));
	tree_pairs(tree, "reg",
		   (uint64_t[]){LAYOUT_GPIO_BASE, LAYOUT_GPIO_SIZE}, 2);
	tree_cells(tree, "interrupts",
		   (uint32_t[]){TREE_SPI, IRQ_GPIO, TREE_LEVEL_HIGH}, 3);
	tree_flag(tree, "gpio-controller");
	tree_cell(tree, "#gpio-cells", 2);
	tree_cell(tree, "clocks", TREE_CLOCK);
	tree_string(tree, "clock-names", "apb_pclk");
	tree_cell(tree, "phandle", TREE_GPIO);
	tree_end(tree);

	tree_begin(tree, "gpio-keys", 0);
	tree_string(tree, "compatible", "gpio-keys");
	tree_begin(tree, "power", 0);
	tree_string(tree, "label", "Power");
	tree_cell(tree, "linux,code", KEY_POWER);
	tree_cells(tree, "gpios", (uint32_t[]){TREE_GPIO, 0, 0}, 3);
	/* A guest that sleeps (s2idle) wakes up by it. */
	tree_flag(tree, "wakeup-source");
	tree_end(tree);
	tree_end(tree);
}

/* Platform devices use guest-physical addresses: no translation. */
static void put_platform(struct tree *tree)
{
	tree_begin(tree, TREE_PLATFORM_NAME, 0);
	tree_string(tree, "compatible", "simple-bus");
	put_address_cells(tree, 2, 2);
	tree_flag(tree, "ranges");
	tree_end(tree);
}

int tree_build(void *fdt, size_t size, const struct tree_config *config)
{
	struct tree tree = {.fdt = fdt};

	tree.err = fdt_create(fdt, (int)size);
	tree_note_error(&tree, fdt_finish_reservemap(fdt));
	tree_begin(&tree, "", 0);
	tree_string(&tree, "compatible", "linux,dummy-virt");
	tree_string(&tree, "model", "lend");
	put_address_cells(&tree, 2, 2);
	tree_cell(&tree, "interrupt-parent", TREE_GIC);
	put_chosen(&tree, config);
	put_memory(&tree, config->layout->ram_low);
	put_cpus(&tree, config);
	put_timer(&tree, config);
	put_gic(&tree, config);
	put_serial(&tree);
	put_power_key(&tree);
	tree_put_pci(&tree, config);
	put_platform(&tree);
	tree_end(&tree);
	tree_note_error(&tree, fdt_finish(fdt));
	tree_note_error(&tree, fdt_open_into(fdt, fdt, (int)size));
	return tree.err ? -ENOSPC : 0;
}
