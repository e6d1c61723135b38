// SPDX-License-Identifier: MIT
// The arm64 part of the machine: GIC, console, ports, image and device tree.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <libfdt.h>
#include <linux/kvm.h>

#include <lend/error.h>

#include "vmm/arch.h"
#include "vmm/arm64/boot.h"
#include "vmm/arm64/tree.h"
#include "vmm/arm64/unpack.h"
#include "vmm/arm64/vcpu-init.h"
#include "vmm/base/no-memory.h"
#include "vmm/machine/internal.h"

#define PHYS_BITS_DEFAULT 40 /* every KVM accepts it */
#define PHYS_BITS_CHEAP   43

const char *const arch_target = "aarch64";
const char *const arch_kvm_remedy =
	"boot the host at EL2; see the kvm messages in dmesg";

const unsigned int arch_cpus_max = ARCH_CPUS_MAX;

int arch_check_boot(struct machine *machine)
{
	struct range ram = {LAYOUT_RAM_BASE, machine->ram};
	int err = unpack_kernel(&machine->boot);

	if (err)
		return err;
	if (machine->layout.ram_low.size)
		ram = machine->layout.ram_low;
	return boot_check(&machine->boot, ram);
}

int arch_check_cpu(struct lend_ctx *ctx, const char *text)
{
	struct cpu_model model;

	return cpu_model_parse(ctx, text, &model);
}

const char *arch_cpu_feature(unsigned int index)
{
	return index < CPU_FEATURES ? cpu_feature_names[index] : NULL;
}

int arch_configure(struct machine *machine)
{
	machine->arch.gic.fd = machine->arch.gic.its_fd = -1;
	return cpu_model_parse(machine->ctx, machine->config->cpu,
			       &machine->arch.model);
}

/*
 * Three-level page tables cover 43 bits (8 TiB); each further level adds a step
 * to every page walk. Use 43 bits if RAM leaves enough room for the devices.
 */
static unsigned int phys_bits(int kvm_fd, uint64_t ram)
{
	int most = ioctl(kvm_fd, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);

	if (most <= 0)
		return PHYS_BITS_DEFAULT;
	if (most > PHYS_BITS_CHEAP && ram <= 1ULL << (PHYS_BITS_CHEAP - 2))
		return PHYS_BITS_CHEAP;
	return (unsigned int)most;
}

int arch_open(struct machine *machine)
{
	int kvm_fd = machine->vm.kvm_fd;
	unsigned int bits = phys_bits(kvm_fd, machine->ram);

	machine->arch.phys_bits = bits;
	/* Older kernels accept the default only as 0. */
	machine->vm.type = bits == PHYS_BITS_DEFAULT ? 0 : bits;
	return cpu_host_init(&machine->arch.cpu, machine->ctx, kvm_fd,
			     &machine->arch.model);
}

void arch_close(struct machine *machine)
{
	free(machine->arch.mpidr);
	machine->arch.mpidr = NULL;
	gic_close(&machine->arch.gic);
}

unsigned int arch_phys_bits(const struct machine *machine)
{
	return machine->arch.phys_bits;
}

/* Kernels before 5.5 lack this capability: KVM_RUN fails with ENOSYS there. */
int arch_vm_init(struct vm *vm)
{
	struct kvm_enable_cap undecoded = {.cap = KVM_CAP_ARM_NISV_TO_USER};

	ioctl(vm->fd, KVM_ENABLE_CAP, &undecoded);
	return 0;
}

int arch_claim(struct machine *machine)
{
	const struct machine_range ranges[] = {
		{{LAYOUT_GICR_BASE, machine->cpus * LAYOUT_GICR_SIZE},
		 "the interrupt controller"},
		{{LAYOUT_GICD_BASE, LAYOUT_GICD_SIZE + LAYOUT_GICC_SIZE},
		 "the interrupt controller"},
		{{LAYOUT_ITS_BASE, LAYOUT_ITS_SIZE},
		 "the interrupt controller"},
		{{LAYOUT_SERIAL_BASE, LAYOUT_SERIAL_SIZE}, "the serial port"},
		{{LAYOUT_GPIO_BASE, LAYOUT_GPIO_SIZE}, "the power key"},
		{{LAYOUT_PORTS_BASE, LAYOUT_PORTS_SIZE}, "the PCI I/O ports"},
	};

	return machine_claim_ranges(machine, ranges,
				    sizeof(ranges) / sizeof(ranges[0]));
}

static uint64_t pio_window_read(void *opaque, uint64_t offset,
				unsigned int size)
{
	struct machine *machine = opaque;
	uint64_t value = 0;

	bus_read(&machine->pio, offset, &value, size);
	return value;
}

static void pio_window_write(void *opaque, uint64_t offset, unsigned int size,
			     uint64_t value)
{
	struct machine *machine = opaque;

	bus_write(&machine->pio, offset, &value, size);
}

/* I/O ports are memory-mapped on arm64. */
static const struct bus_ops ports_ops = {pio_window_read, pio_window_write};

int arch_prepare(struct machine *machine)
{
	return gic_create(&machine->arch.gic, machine->ctx, machine->vm.fd);
}

static int read_affinities(struct machine *machine)
{
	uint64_t *mpidr = calloc(machine->cpus, sizeof(*mpidr));

	machine->arch.mpidr = mpidr;
	if (!mpidr)
		return vmm_no_memory(machine->ctx, NULL);
	for (unsigned int i = 0; i < machine->cpus; i++)
		if (cpu_get_mpidr(machine->vcpus[i].fd, &mpidr[i]) < 0)
			return vcpu_error(&machine->vcpus[i],
					  "KVM_GET_ONE_REG");
	return 0;
}

int arch_ready(struct machine *machine)
{
	int err = gic_finish(&machine->arch.gic, machine->ctx, machine->vm.fd);

	for (unsigned int i = 0; !err && i < machine->cpus; i++)
		if (machine->arch.cpu.has[CPU_PMU] &&
		    cpu_start_pmu(machine->vcpus[i].fd) < 0)
			err = vcpu_error(&machine->vcpus[i],
					 "KVM_SET_DEVICE_ATTR for the PMU");
	return err ? err : read_affinities(machine);
}

int arch_reset(struct machine *machine)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < machine->cpus; i++) {
		vcpu_end_access(&machine->vcpus[i]);
		err = vcpu_init(&machine->vcpus[i]);
	}
	return err ? err
		   : gic_reset(&machine->arch.gic, machine->ctx,
			       machine->arch.mpidr, machine->cpus);
}

static void gpio_line(void *opaque, bool level)
{
	struct machine *machine = opaque;

	irq_line_set(&machine->irq, IRQ_GPIO, level);
}

int arch_start(struct machine *machine)
{
	int err;

	gpio_init(&machine->arch.gpio, gpio_line, machine);
	err = bus_add(&machine->mmio,
		      (struct range){LAYOUT_SERIAL_BASE, SERIAL_PORTS},
		      &serial_bus_ops, &machine->serial);
	if (!err)
		err = bus_add(
			&machine->mmio,
			(struct range){LAYOUT_GPIO_BASE, LAYOUT_GPIO_SIZE},
			&gpio_bus_ops, &machine->arch.gpio);
	if (!err)
		err = bus_add(
			&machine->mmio,
			(struct range){LAYOUT_PORTS_BASE, LAYOUT_PORTS_SIZE},
			&ports_ops, machine);
	if (err)
		return lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, -err,
				      NULL, "the platform's devices overlap");
	return 0;
}

static int describe_devices(struct machine *machine, void *fdt)
{
	struct machine_tree tree = {
		.fdt = fdt,
		.bus = TREE_PLATFORM,
		.interrupts = TREE_GIC,
		.phandle = TREE_FREE,
	};
	int err = 0;

	for (size_t i = 0; !err && i < machine->device_count; i++) {
		struct machine_device *device = machine->devices[i];

		if (device->ops->describe)
			err = device->ops->describe(device, machine, &tree);
	}
	if (!err)
		fdt_pack(fdt);
	return err;
}

static int put_tree(struct machine *machine, const struct boot_places *places)
{
	struct tree_config config = {
		.layout = &machine->layout,
		.append = machine->boot.append,
		.initrd = places->initrd,
		.cpus = machine->cpus,
		.mpidr = machine->arch.mpidr,
		.gic_version = machine->arch.gic.version,
		.msi = machine->arch.gic.its_fd >= 0,
		.pmu = machine->arch.cpu.has[CPU_PMU],
	};
	void *fdt = memory_at(&machine->memory, places->tree, BOOT_TREE_SIZE);

	/* Without a seed the guest boots with less entropy. */
	if (getrandom(config.seed, sizeof(config.seed), GRND_NONBLOCK) < 0)
		memset(config.seed, 0, sizeof(config.seed));
	if (!fdt || tree_build(fdt, BOOT_TREE_SIZE, &config))
		return lend_error_set(machine->ctx, LEND_ERROR_IMAGE, ENOSPC,
				      NULL,
				      "the guest's device tree does not fit");
	machine->arch.tree = places->tree;
	return describe_devices(machine, fdt);
}

/* Such a kernel would stop before its first message. */
static int check_pages(struct machine *machine, uint64_t page)
{
	if (cpu_has_pages(machine->vcpus[0].fd, page))
		return 0;
	lend_error_set(machine->ctx, LEND_ERROR_IMAGE, ENOTSUP, NULL,
		       "%s uses pages of %u KiB, which this processor does not "
		       "support",
		       machine->boot.kernel.path, (unsigned int)(page >> 10));
	return lend_error_remedy(machine->ctx,
				 "give a kernel with another page size");
}

int arch_load(struct machine *machine, uint64_t *entry)
{
	struct boot_places places;
	int err = boot_load(&machine->boot, &machine->memory, &machine->layout,
			    &places);

	if (!err)
		err = check_pages(machine, places.page);
	*entry = places.entry;
	return err ? err : put_tree(machine, &places);
}

int arch_set_entry(struct machine *machine, uint64_t entry)
{
	struct vcpu *vcpu = &machine->vcpus[0];

	if (cpu_set_entry(vcpu->fd, entry, machine->arch.tree) < 0)
		return vcpu_error(vcpu, "KVM_SET_ONE_REG");
	return 0;
}

/* KVM keeps the levels of lines: lower those of emulated devices. */
void arch_stop(struct machine *machine)
{
	irq_line_set(&machine->irq, IRQ_SERIAL, false);
	irq_line_set(&machine->irq, IRQ_GPIO, false);
	gpio_destroy(&machine->arch.gpio);
}

void arch_press_power(struct machine *machine)
{
	gpio_press(&machine->arch.gpio);
}
