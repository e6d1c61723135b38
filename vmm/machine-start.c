// SPDX-License-Identifier: MIT
// Builds what a guest reset makes anew: KVM machine, busses, vCPUs, guest
// image.
#include <errno.h>
#include <stdlib.h>

#include <lend/error.h>

#include "machine.h"
#include "x86/acpi.h"
#include "x86/boot.h"
#include "x86/cpu.h"

#define IOAPIC_SIZE 0x1000
#define LAPIC_SIZE  0x100000 /* with the window that MSIs are written to */
#define KVM_PRIVATE 0x4000   /* identity map page, then three of the TSS */

static void serial_line(void *opaque, bool level)
{
	struct machine *machine = opaque;

	irq_line_set(&machine->irq, SERIAL_COM1_GSI, level);
}

static size_t serial_transmit(void *opaque, uint8_t byte)
{
	struct machine *machine = opaque;

	return console_put(&machine->console, byte);
}

static void serial_ready(void *opaque)
{
	machine_wake(opaque);
}

static const struct serial_ops serial_ops = {
	.line = serial_line,
	.transmit = serial_transmit,
	.ready = serial_ready,
};

static void on_off(void *opaque)
{
	machine_post(opaque, MACHINE_EVENT_OFF);
}

static void on_reset(void *opaque)
{
	machine_post(opaque, MACHINE_EVENT_RESET);
}

static void on_fail(void *opaque, int err)
{
	machine_fail(opaque, err);
}

/* What the machine itself owns of the guest's addresses. */
static int claim_fixed(struct machine *machine)
{
	const struct space_claim claims[] = {
		{machine->layout.ram_low, "RAM"},
		{machine->layout.ram_high, "RAM"},
		{machine->layout.ecam, "PCI config space"},
		{{LAYOUT_IOAPIC_BASE, IOAPIC_SIZE}, "the I/O APIC"},
		{{LAYOUT_LAPIC_BASE, LAPIC_SIZE}, "the local APIC"},
		{{LAYOUT_IDENT_BASE, KVM_PRIVATE}, "KVM"},
	};
	int err = 0;

	for (size_t i = 0; !err && i < sizeof(claims) / sizeof(claims[0]); i++)
		if (claims[i].range.size)
			err = space_claim(&machine->space, claims[i].range,
					  claims[i].owner, NULL);
	return err;
}

static int map_ram(struct machine *machine)
{
	for (unsigned i = 0; i < machine->memory.count; i++) {
		const struct memory_block *block = &machine->memory.blocks[i];
		int slot = space_map(&machine->space,
				     (struct range){block->gpa, block->size},
				     block->vaddr);

		if (slot < 0)
			return slot;
	}
	return 0;
}

static int start_space(struct machine *machine)
{
	int err = claim_fixed(machine);

	if (!err)
		err = map_ram(machine);
	if (err)
		return lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, -err,
				      NULL, "KVM refuses the guest's RAM");
	return 0;
}

static int start_platform(struct machine *machine)
{
	int err;

	machine->power = (struct power){
		.off = on_off, .reset = on_reset, .opaque = machine};
	err = power_init(&machine->power, &machine->pio, &machine->pci);
	if (!err)
		err = bus_add(&machine->pio,
			      (struct range){SERIAL_COM1, SERIAL_PORTS},
			      &serial_bus_ops, &machine->serial);
	if (err)
		return lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, -err,
				      NULL, "the platform's ports clash");
	return 0;
}

static int start_devices(struct machine *machine)
{
	int err = 0;

	for (size_t i = 0; !err && i < machine->device_count; i++) {
		struct machine_device *device = machine->devices[i];

		err = device->ops->start(device, machine);
		device->started = !err;
	}
	return err ? err : pci_host_check(&machine->pci);
}

static int load_guest(struct machine *machine, uint64_t *entry)
{
	uint8_t *acpi = memory_at(&machine->memory, ACPI_BASE, ACPI_SIZE);
	int err;

	err = boot_load(&machine->boot, &machine->memory, &machine->layout,
			entry);
	if (!err)
		err = acpi_build(machine->ctx, acpi, &machine->layout,
				 machine->cpus);
	return err;
}

static int open_vcpus(struct machine *machine, uint64_t entry)
{
	struct vcpu_host *host = &machine->vcpu_host;
	int err = 0;

	host->ctx = machine->ctx;
	host->vm = &machine->vm;
	host->mmio = &machine->mmio;
	host->pio = &machine->pio;
	host->off = on_off;
	host->reset = on_reset;
	host->fail = on_fail;
	host->opaque = machine;
	vcpu_queue_port(host, PCI_HOST_ADDRESS_PORT);
	machine->vcpus = calloc(machine->cpus, sizeof(machine->vcpus[0]));
	if (!machine->vcpus)
		return lend_error_set(machine->ctx, LEND_ERROR_MEMORY, ENOMEM,
				      NULL, "no memory for the vCPUs");
	for (unsigned i = 0; i < machine->cpus; i++)
		machine->vcpus[i].fd = -1;
	for (unsigned i = 0; !err && i < machine->cpus; i++) {
		cpuid_personalise(&machine->cpuid, i, machine->cpus);
		err = vcpu_open(&machine->vcpus[i], host, i, &machine->cpuid);
	}
	return err ? err
		   : cpu_set_entry(machine->ctx, machine->vcpus[0].fd, entry);
}

int machine_start(struct machine *machine)
{
	uint64_t entry = 0;
	int err = vm_start(&machine->vm);

	if (err)
		return err;
	/* A failure that another thread told meanwhile is not forgotten. */
	machine->vcpu_host.stop = false;
	machine->event = MACHINE_EVENT_NONE;
	if (machine->failure)
		return machine->failure;
	space_init(&machine->space, machine->vm.fd);
	irq_init(&machine->irq, machine->ctx, machine->vm.fd);
	bus_init(&machine->mmio);
	bus_init(&machine->pio);
	serial_init(&machine->serial, &serial_ops, machine);
	pthread_mutex_init(&machine->vcpu_host.queue_lock, NULL);
	machine->up = true;
	err = pci_host_init(&machine->pci, machine->ctx, &machine->mmio,
			    &machine->pio, machine->layout.ecam);
	if (!err)
		err = start_space(machine);
	if (!err)
		err = start_platform(machine);
	if (!err)
		err = start_devices(machine);
	if (!err)
		err = load_guest(machine, &entry);
	if (!err)
		err = open_vcpus(machine, entry);
	return err;
}

static void stop_devices(struct machine *machine)
{
	for (size_t i = machine->device_count; i-- > 0;) {
		struct machine_device *device = machine->devices[i];

		if (device->started)
			device->ops->stop(device, machine);
		device->started = false;
	}
}

void machine_stop(struct machine *machine)
{
	if (!machine->up) {
		vm_stop(&machine->vm);
		return;
	}
	machine->vcpu_host.stop = true;
	for (unsigned i = 0; machine->vcpus && i < machine->cpus; i++)
		vcpu_stop(&machine->vcpus[i]);
	stop_devices(machine);
	for (unsigned i = 0; machine->vcpus && i < machine->cpus; i++)
		vcpu_close(&machine->vcpus[i]);
	free(machine->vcpus);
	machine->vcpus = NULL;
	pci_host_destroy(&machine->pci);
	pthread_mutex_destroy(&machine->vcpu_host.queue_lock);
	serial_destroy(&machine->serial);
	bus_destroy(&machine->pio);
	bus_destroy(&machine->mmio);
	irq_destroy(&machine->irq);
	space_destroy(&machine->space);
	vm_stop(&machine->vm);
	machine->up = false;
}
