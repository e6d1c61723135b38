// SPDX-License-Identifier: MIT
// The example VMM on arm64: a board with a GICv3, an ITS and a generic PCI
// host, whose device tree it writes.

#include <endian.h>
#include <errno.h>
#include <libfdt.h>
#include <linux/kvm.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "vmm-machine.h"

#define GICD_BASE  0x08000000u
#define ITS_BASE   0x08080000u
#define GICR_BASE  0x080a0000u
#define UART_BASE  0x09000000u
#define BARS_BASE  0x10000000u
#define PORTS_BASE 0x3eff0000u /* port 0 */
#define ECAM_BASE  0x3f000000u /* bus 0 alone */
#define ECAM_SIZE  0x00100000u
#define RAM_BASE   0x40000000u
#define RAM_SIZE   0x10000000u
#define TREE       0x07e00000u /* both in RAM */
#define INITRD     0x08000000u
#define TREE_SIZE  0x00010000u

#define DEVICES_SPI 3 /* level-triggered, shared by all devices' INTx */
#define UART_SPI    4
#define LINES       64

#define PHANDLE_GIC 1
#define PHANDLE_ITS 2

/* Of device-tree interrupts. */
#define KIND_SPI   0
#define KIND_PPI   1
#define LEVEL_HIGH 4

const struct machine_layout layout = {
	.kernel = "an arm64 Image",
	.ram = RAM_BASE,
	.ram_size = RAM_SIZE,
	.initrd = INITRD,
	.memory = BARS_BASE,
	.memory_end = PORTS_BASE,
	.ports = 0x1000,
	.ports_end = 0x10000,
	.platform = 0,
	.platform_end = BARS_BASE,
	.line = DEVICES_SPI,
	.serial_line = KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT |
		       (32 + UART_SPI),
	.has_requesters = true,
};

static int board_set(int fd, uint32_t group, uint64_t attribute, uint64_t value)
{
	const struct kvm_device_attr attr = {
		.group = group,
		.attr = attribute,
		.addr = (uintptr_t)&value,
	};

	return ioctl(fd, KVM_SET_DEVICE_ATTR, &attr) ? fail_errno("GIC") : 0;
}

static int board_add(struct machine *m, unsigned int index, uint32_t type)
{
	struct kvm_create_device device = {.type = type};

	if (ioctl(m->vm_fd, KVM_CREATE_DEVICE, &device))
		return fail_errno("KVM has no GICv3 with an ITS");
	m->controllers[index] = (int)device.fd;
	return 0;
}

static int board_init_vcpu(struct machine *m)
{
	struct kvm_vcpu_init init;

	if (ioctl(m->vm_fd, KVM_ARM_PREFERRED_TARGET, &init))
		return fail_errno("KVM_ARM_PREFERRED_TARGET");
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	if (ioctl(m->vcpu_fd, KVM_ARM_VCPU_INIT, &init))
		return fail_errno("KVM_ARM_VCPU_INIT");
	return 0;
}

/* The GIC is initialised once the processor exists, and the ITS after that. */
int machine_add_controllers(struct machine *m)
{
	uint32_t lines = LINES;
	const struct kvm_device_attr count = {
		.group = KVM_DEV_ARM_VGIC_GRP_NR_IRQS,
		.addr = (uintptr_t)&lines,
	};

	if (board_add(m, 0, KVM_DEV_TYPE_ARM_VGIC_V3) ||
	    board_add(m, 1, KVM_DEV_TYPE_ARM_VGIC_ITS))
		return -1;
	if (ioctl(m->controllers[0], KVM_SET_DEVICE_ATTR, &count))
		return fail_errno("GIC");
	if (board_set(m->controllers[0], KVM_DEV_ARM_VGIC_GRP_ADDR,
		      KVM_VGIC_V3_ADDR_TYPE_DIST, GICD_BASE) ||
	    board_set(m->controllers[0], KVM_DEV_ARM_VGIC_GRP_ADDR,
		      KVM_VGIC_V3_ADDR_TYPE_REDIST, GICR_BASE) ||
	    machine_add_vcpu(m) || board_init_vcpu(m) ||
	    board_set(m->controllers[0], KVM_DEV_ARM_VGIC_GRP_CTRL,
		      KVM_DEV_ARM_VGIC_CTRL_INIT, 0) ||
	    board_set(m->controllers[1], KVM_DEV_ARM_VGIC_GRP_ADDR,
		      KVM_VGIC_ITS_ADDR_TYPE, ITS_BASE))
		return -1;
	return board_set(m->controllers[1], KVM_DEV_ARM_VGIC_GRP_CTRL,
			 KVM_DEV_ARM_VGIC_CTRL_INIT, 0);
}

/* See Documentation/arch/arm64/booting.rst in the kernel's source. */
uint64_t machine_put_kernel(struct machine *m, const uint8_t *file, size_t size)
{
	uint64_t offset, image_size;

	if (size < 64 || memcmp(file + 56, "ARM\x64", 4))
		return 0;
	memcpy(&offset, file + 8, sizeof(offset));
	memcpy(&image_size, file + 16, sizeof(image_size));
	offset = le64toh(offset);
	image_size = le64toh(image_size);
	if (offset >= TREE || size > TREE - offset ||
	    image_size > TREE - offset)
		return 0;
	memcpy(m->ram + offset, file, size);
	return RAM_BASE + offset;
}

/* The device tree. A call that fails leaves it unfinished, so that the last
 * fails.
 */

static void tree_cells(void *tree, const char *name, const uint32_t *cells,
		       size_t count)
{
	uint32_t big[32];

	for (size_t i = 0; i < count; i++)
		big[i] = htobe32(cells[i]);
	fdt_property(tree, name, big, (int)(count * sizeof(big[0])));
}

#define CELLS(tree, name, ...)                                                 \
	tree_cells(tree, name, (const uint32_t[]){__VA_ARGS__},                \
		   sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void tree_put_processor(void *tree)
{
	fdt_begin_node(tree, "cpus");
	CELLS(tree, "#address-cells", 1);
	CELLS(tree, "#size-cells", 0);
	fdt_begin_node(tree, "cpu@0");
	fdt_property_string(tree, "device_type", "cpu");
	fdt_property_string(tree, "compatible", "arm,armv8");
	CELLS(tree, "reg", 0);
	fdt_end_node(tree);
	fdt_end_node(tree);
	fdt_begin_node(tree, "psci");
	fdt_property_string(tree, "compatible", "arm,psci-0.2");
	fdt_property_string(tree, "method", "hvc");
	fdt_end_node(tree);
	fdt_begin_node(tree, "timer");
	fdt_property_string(tree, "compatible", "arm,armv8-timer");
	CELLS(tree, "interrupts", KIND_PPI, 13, LEVEL_HIGH, KIND_PPI, 14,
	      LEVEL_HIGH, KIND_PPI, 11, LEVEL_HIGH, KIND_PPI, 10, LEVEL_HIGH);
	fdt_property(tree, "always-on", NULL, 0);
	fdt_end_node(tree);
}

static void tree_put_gic(void *tree)
{
	fdt_begin_node(tree, "interrupt-controller@8000000");
	fdt_property_string(tree, "compatible", "arm,gic-v3");
	fdt_property(tree, "interrupt-controller", NULL, 0);
	fdt_property(tree, "ranges", NULL, 0);
	CELLS(tree, "#interrupt-cells", 3);
	CELLS(tree, "#address-cells", 2);
	CELLS(tree, "#size-cells", 2);
	CELLS(tree, "reg", 0, GICD_BASE, 0, 0x10000, 0, GICR_BASE, 0, 0x20000);
	CELLS(tree, "phandle", PHANDLE_GIC);
	fdt_begin_node(tree, "msi-controller@8080000");
	fdt_property_string(tree, "compatible", "arm,gic-v3-its");
	fdt_property(tree, "msi-controller", NULL, 0);
	CELLS(tree, "#msi-cells", 1);
	CELLS(tree, "reg", 0, ITS_BASE, 0, 0x20000);
	CELLS(tree, "phandle", PHANDLE_ITS);
	fdt_end_node(tree);
	fdt_end_node(tree);
}

static void tree_put_pci(void *tree)
{
	fdt_begin_node(tree, "pcie@3f000000");
	fdt_property_string(tree, "compatible", "pci-host-ecam-generic");
	fdt_property_string(tree, "device_type", "pci");
	fdt_property(tree, "dma-coherent", NULL, 0);
	CELLS(tree, "#address-cells", 3);
	CELLS(tree, "#size-cells", 2);
	CELLS(tree, "#interrupt-cells", 1);
	CELLS(tree, "reg", 0, ECAM_BASE, 0, ECAM_SIZE);
	CELLS(tree, "bus-range", 0, 0);
	/* Ports, and memory of 32 bits, at the addresses that devices see. */
	CELLS(tree, "ranges", 0x01000000, 0, 0, 0, PORTS_BASE, 0, 0x10000,
	      0x02000000, 0, BARS_BASE, 0, BARS_BASE, 0,
	      PORTS_BASE - BARS_BASE);
	/* Each pin of each device is the same line. */
	CELLS(tree, "interrupt-map-mask", 0, 0, 0, 0);
	CELLS(tree, "interrupt-map", 0, 0, 0, 0, PHANDLE_GIC, 0, 0, KIND_SPI,
	      DEVICES_SPI, LEVEL_HIGH);
	CELLS(tree, "msi-map", 0, PHANDLE_ITS, 0, 0x10000);
	fdt_end_node(tree);
}

static void tree_put_chosen(void *tree, size_t initrd, const char *append)
{
	fdt_begin_node(tree, "chosen");
	fdt_property_string(tree, "bootargs", append);
	fdt_property_string(tree, "stdout-path", "/serial@9000000");
	CELLS(tree, "linux,initrd-start", 0, RAM_BASE + INITRD);
	CELLS(tree, "linux,initrd-end", 0,
	      RAM_BASE + INITRD + (uint32_t)initrd);
	fdt_end_node(tree);
	fdt_begin_node(tree, "memory@40000000");
	fdt_property_string(tree, "device_type", "memory");
	CELLS(tree, "reg", 0, RAM_BASE, 0, RAM_SIZE);
	fdt_end_node(tree);
	fdt_begin_node(tree, "serial@9000000");
	fdt_property_string(tree, "compatible", "ns16550a");
	CELLS(tree, "reg", 0, UART_BASE, 0, 0x1000);
	CELLS(tree, "interrupts", KIND_SPI, UART_SPI, LEVEL_HIGH);
	CELLS(tree, "clock-frequency", 1843200);
	fdt_end_node(tree);
}

static int tree_put(void *tree, size_t initrd, const char *append)
{
	int err;

	fdt_create(tree, TREE_SIZE);
	fdt_finish_reservemap(tree);
	fdt_begin_node(tree, "");
	fdt_property_string(tree, "compatible", "linux,dummy-virt");
	CELLS(tree, "#address-cells", 2);
	CELLS(tree, "#size-cells", 2);
	CELLS(tree, "interrupt-parent", PHANDLE_GIC);
	tree_put_processor(tree);
	tree_put_gic(tree);
	tree_put_pci(tree);
	tree_put_chosen(tree, initrd, append);
	fdt_end_node(tree);
	err = fdt_finish(tree);
	if (!err)
		err = fdt_check_full(tree, TREE_SIZE);
	if (err)
		fprintf(stderr, "device tree: %s\n", fdt_strerror(err));
	return err ? -1 : 0;
}

static int board_set_register(struct machine *m, size_t offset, uint64_t value)
{
	const struct kvm_one_reg reg = {
		.id = KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |
		      offset / sizeof(uint32_t),
		.addr = (uintptr_t)&value,
	};

	return ioctl(m->vcpu_fd, KVM_SET_ONE_REG, &reg) ? fail_errno("register")
							: 0;
}

int machine_boot(struct machine *m, uint64_t entry, size_t initrd,
		 const char *append)
{
	if (tree_put(m->ram + TREE, initrd, append) ||
	    board_set_register(m, offsetof(struct kvm_regs, regs.regs[0]),
			       RAM_BASE + TREE))
		return -1;
	return board_set_register(m, offsetof(struct kvm_regs, regs.pc), entry);
}

/* ECAM: a page for each of the bus's 256 functions, of which each first one of
 * a device exists. */
static void board_config(struct devices *devices, uint64_t at, uint8_t *data,
			 unsigned int size, bool is_write)
{
	unsigned int slot = at >> 12 & 7 ? 0 : (unsigned int)(at >> 15);

	devices_config(devices, size > 4 ? 0 : slot, at & 0xfff, data, size,
		       is_write);
}

static void board_access(struct machine *m, struct devices *devices,
			 uint64_t at, uint8_t *data, unsigned int size,
			 bool is_write)
{
	bool is_port = at - PORTS_BASE < 0x10000;

	if (at - UART_BASE < 8 && size == 1)
		serial_access(m, (unsigned int)(at - UART_BASE), data,
			      is_write);
	else if (at - ECAM_BASE < ECAM_SIZE)
		board_config(devices, at - ECAM_BASE, data, size, is_write);
	else if (!devices_access(devices, is_port ? at - PORTS_BASE : at,
				 is_port, data, size, is_write) &&
		 !is_write)
		memset(data, 0xff, size);
}

void machine_exit(struct machine *m, struct devices *devices)
{
	struct kvm_run *run = m->run;

	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		board_access(m, devices, run->mmio.phys_addr, run->mmio.data,
			     run->mmio.len, run->mmio.is_write);
		break;
	case KVM_EXIT_INTR:
		break;
	default: /* reset and power-off are system events */
		if (run->exit_reason != KVM_EXIT_SYSTEM_EVENT)
			fprintf(stderr, "unexpected exit %u\n",
				run->exit_reason);
		machine_end_run(m);
	}
}
