// SPDX-License-Identifier: MIT
// The x86 part of the machine: irqchip, ports, kernel image and ACPI tables.
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/error.h>

#include "vmm/arch.h"
#include "vmm/machine/internal.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/boot.h"
#include "vmm/x86/cpu.h"
#include "vmm/x86/reset-rom.h"

#define IOAPIC_SIZE 0x1000
#define LAPIC_SIZE  0x100000 /* includes the MSI window */
#define PAGE        4096
#define KVM_PRIVATE 0x4000 /* the identity map page, then three TSS pages */

const char *const arch_target = "x86_64";
const char *const arch_kvm_remedy =
	"modprobe kvm_intel or kvm_amd; if that fails, see dmesg";

const unsigned int arch_cpus_max = ARCH_CPUS_MAX;

int arch_check_boot(struct machine *machine)
{
	uint64_t end = machine->ram < LAYOUT_HOLE_LOWEST ? machine->ram
							 : LAYOUT_HOLE_LOWEST;
	int err;

	if (machine->layout.ram_low.size)
		end = layout_free_end(&machine->layout);
	/* What has passed with less RAM need not be read again. */
	if (machine->arch.boot_end && end >= machine->arch.boot_end)
		return 0;
	err = boot_check(&machine->boot, end);
	if (!err)
		machine->arch.boot_end = end;
	return err;
}

int arch_check_cpu(struct lend_ctx *ctx, const char *text)
{
	struct cpu_model model;

	return cpu_model_parse(ctx, text, &model);
}

int arch_configure(struct machine *machine)
{
	return cpu_model_parse(machine->ctx, machine->config->cpu,
			       &machine->arch.model);
}

int arch_open(struct machine *machine)
{
	return cpuid_init(&machine->arch.cpuid, machine->ctx,
			  machine->vm.kvm_fd, &machine->arch.model);
}

void arch_close(struct machine *machine)
{
	cpuid_free(&machine->arch.cpuid);
}

unsigned int arch_phys_bits(const struct machine *machine)
{
	return machine->arch.cpuid.phys_bits;
}

int arch_vm_init(struct vm *vm)
{
	/*
	 * For KVM's own use on Intel; AMD accepts and ignores it. The page
	 * before is that of KVM_SET_IDENTITY_MAP_ADDR by default.
	 */
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, LAYOUT_TSS_BASE) < 0)
		return vm_error(vm->ctx, "KVM_SET_TSS_ADDR");
	if (ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0) < 0)
		return vm_error(vm->ctx, "KVM_CREATE_IRQCHIP");
	return 0;
}

int arch_claim(struct machine *machine)
{
	static const struct machine_range ranges[] = {
		{{LAYOUT_IOAPIC_BASE, IOAPIC_SIZE}, "the I/O APIC"},
		{{LAYOUT_LAPIC_BASE, LAPIC_SIZE}, "the local APIC"},
		{{LAYOUT_IDENT_BASE, KVM_PRIVATE}, "KVM"},
		{{LAYOUT_ROM_HIGH, LAYOUT_ROM_SIZE}, "the reset vector"},
	};

	return machine_claim_ranges(machine, ranges,
				    sizeof(ranges) / sizeof(ranges[0]));
}

/*
 * Let KVM queue 32-bit writes to @port and deliver them, in order, before the
 * next exit of any vCPU. Only for a register that has no effect until a later
 * access.
 */
static void queue_port(struct vcpu_host *host, uint16_t port)
{
	struct kvm_coalesced_mmio_zone zone = {
		.addr = port,
		.size = sizeof(uint32_t),
		.pio = 1,
	};

	/* An optimisation: without it, each write is an exit. */
	host->queue_page = 0;
	if (host->vm->run_size >= (KVM_COALESCED_MMIO_PAGE_OFFSET + 1) * PAGE &&
	    ioctl(host->vm->fd, KVM_REGISTER_COALESCED_MMIO, &zone) == 0)
		host->queue_page = KVM_COALESCED_MMIO_PAGE_OFFSET;
}

int arch_prepare(struct machine *machine)
{
	int err = reset_rom_map(machine->kvm);

	if (err)
		return lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, -err,
				      NULL, "KVM rejected the machine's ROM");
	queue_port(&machine->vcpu_host, PCI_PORTS_ADDRESS);
	return 0;
}

int arch_start(struct machine *machine)
{
	struct vcpu_host *host = &machine->vcpu_host;
	struct power *power = &machine->arch.power;
	int err;

	*power = (struct power){
		.off = host->off, .reset = host->reset, .opaque = machine};
	err = pci_ports_init(&machine->arch.pci_ports, &machine->pci,
			     &machine->pio);
	if (!err)
		err = power_init(power, &machine->pio,
				 &machine->arch.pci_ports);
	if (!err)
		err = bus_add(&machine->pio,
			      (struct range){SERIAL_COM1, SERIAL_PORTS},
			      &serial_bus_ops, &machine->serial);
	if (err)
		return lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, -err,
				      NULL, "the platform's I/O ports overlap");
	return 0;
}

/* KVM_CREATE_IRQCHIP left nothing to complete. */
int arch_ready(struct machine *machine)
{
	(void)machine;
	return 0;
}

int arch_load(struct machine *machine, uint64_t *entry)
{
	uint8_t *acpi = memory_at(&machine->memory, ACPI_BASE, ACPI_SIZE);
	int err;

	err = boot_load(&machine->boot, &machine->memory, &machine->layout,
			entry);
	if (!err)
		err = acpi_build(machine->ctx, acpi, &machine->layout,
				 machine->cpus, machine->unplug.count);
	return err;
}

int arch_set_entry(struct machine *machine, uint64_t entry)
{
	return boot_is_pvh(&machine->boot)
		       ? cpu_set_entry_pvh(machine->ctx, machine->vcpus[0].fd,
					   entry)
		       : cpu_set_entry(machine->ctx, machine->vcpus[0].fd,
				       entry);
}

/* All of this state belongs to the VM. */
void arch_stop(struct machine *machine)
{
	(void)machine;
}

void arch_press_power(struct machine *machine)
{
	irq_line_set(&machine->irq, POWER_KEY_GSI, true);
	irq_line_set(&machine->irq, POWER_KEY_GSI, false);
}
