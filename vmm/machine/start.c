// SPDX-License-Identifier: MIT
// Builds what a guest reset makes anew: buses, the devices on them, the guest's
// image; and at the first start the VM.
#include <errno.h>
#include <stdlib.h>

#include <lend/error.h>
#include <lend/kvm.h>

#include "vmm/arch.h"
#include "vmm/base/no-memory.h"
#include "vmm/machine/internal.h"
#include "vmm/pci/topology.h"

static void serial_line(void *opaque, bool level)
{
	struct machine *machine = opaque;

	irq_line_set(&machine->irq, IRQ_SERIAL, level);
}

static size_t machine_transmit_byte(void *opaque, uint8_t byte)
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
	.transmit = machine_transmit_byte,
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

int machine_claim_ranges(struct machine *machine,
			 const struct machine_range *ranges, size_t count)
{
	int err = 0;

	for (size_t i = 0; !err && i < count; i++)
		if (ranges[i].range.size)
			err = lend_kvm_claim(machine->kvm, ranges[i].range.base,
					     ranges[i].range.size,
					     ranges[i].owner, NULL);
	return err;
}

/* Guest addresses of the machine itself. */
static int claim_fixed(struct machine *machine)
{
	const struct machine_range ranges[] = {
		{machine->layout.ecam, "PCI config space"},
		{{machine->layout.end, -machine->layout.end},
		 "the end of the guest's addresses"},
	};
	int err = machine_claim_ranges(machine, ranges,
				       sizeof(ranges) / sizeof(ranges[0]));

	return err ? err : arch_claim(machine);
}

static int claim_ram(struct machine *machine)
{
	struct range ranges[LAYOUT_RAM_MAX];
	unsigned int count = layout_ram(&machine->layout, ranges);
	int err = 0;

	for (unsigned int i = 0; !err && i < count; i++)
		err = lend_kvm_claim(machine->kvm, ranges[i].base,
				     ranges[i].size, "RAM", NULL);
	return err;
}

/* RAM under video memory stays mapped for DMA with the rest of its block; no
 * guest uses it as RAM. */
static int map_ram(struct machine *machine)
{
	struct range ranges[LAYOUT_RAM_MAX];
	unsigned int count = layout_ram(&machine->layout, ranges);
	int result = 0;

	for (unsigned int i = 0; result >= 0 && i < count; i++)
		result = lend_kvm_map(machine->kvm, ranges[i].base,
				      ranges[i].size,
				      memory_at(&machine->memory,
						ranges[i].base, ranges[i].size),
				      0);
	return result < 0 ? result : 0;
}

int machine_claim(struct machine *machine)
{
	int err = claim_fixed(machine);

	if (!err)
		err = claim_ram(machine);
	if (err)
		lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, -err, NULL,
			       "the machine's address ranges overlap");
	return err;
}

static int start_space(struct machine *machine)
{
	int err = machine_claim(machine);

	if (err)
		return err;
	err = map_ram(machine);
	if (err)
		return lend_error_set(machine->ctx, LEND_ERROR_SYSTEM, -err,
				      NULL, "KVM rejected the guest's RAM");
	return 0;
}

/* All devices of a kind at once: one reset may affect several. */
static void reset_devices(struct machine *machine)
{
	for (size_t i = 0; i < machine->device_count; i++) {
		const struct machine_device_ops *ops = machine->devices[i]->ops;
		size_t at = 0;

		if (ops->reset && machine_device_next(machine, ops, &at) ==
					  machine->devices[i])
			ops->reset(machine);
	}
}

static int start_pci(struct machine *machine)
{
	const struct topology *topology =
		topology_or_none(machine->config->topology);
	int err = pci_host_init(&machine->pci, machine->ctx, &machine->mmio,
				machine->layout.ecam, topology->ports,
				topology->count);

	if (!err)
		machine_start_plug(machine);
	return err;
}

static int start_devices(struct machine *machine)
{
	int err = 0;

	/* The kernel resets a device at open and close. */
	if (machine->used)
		reset_devices(machine);
	machine->used = true;
	for (size_t i = 0; !err && i < machine->device_count; i++) {
		struct machine_device *device = machine->devices[i];

		err = device->ops->start(device, machine);
		device->started = !err;
	}
	return err;
}

static void init_vcpu_host(struct machine *machine)
{
	struct vcpu_host *host = &machine->vcpu_host;

	host->ctx = machine->ctx;
	host->vm = &machine->vm;
	host->arch = &machine->arch;
	host->cpus = machine->cpus;
	host->mmio = &machine->mmio;
	host->pio = &machine->pio;
	host->sandbox = &machine->sandbox;
	host->off = on_off;
	host->reset = on_reset;
	host->fail = machine_on_fail;
	host->opaque = machine;
	vcpu_host_init(host);
}

/* KVM's part of the machine, made at the first start and kept. */
static int make_vm(struct machine *machine)
{
	int err;

	init_vcpu_host(machine);
	err = start_space(machine);
	if (!err)
		err = arch_prepare(machine);
	if (err)
		return err;

	machine->vcpus = calloc(machine->cpus, sizeof(machine->vcpus[0]));
	if (!machine->vcpus)
		return vmm_no_memory(machine->ctx, NULL);
	for (unsigned int i = 0; i < machine->cpus; i++)
		machine->vcpus[i].fd = -1;
	for (unsigned int i = 0; !err && i < machine->cpus; i++)
		err = vcpu_open(&machine->vcpus[i], &machine->vcpu_host, i);
	return err ? err : arch_ready(machine);
}

/* The buses of this start. */
static int start_buses(struct machine *machine)
{
	machine->irq = (struct irq){
		.kvm = machine->kvm,
		.vm_fd = machine->vm.fd,
	};
	bus_init(&machine->mmio);
	bus_init(&machine->pio);
	serial_init(&machine->serial, &serial_ops, machine);
	machine->bar_refused = machine->room_made = false;
	machine->up = true;
	return start_pci(machine);
}

/* The kernel's file may have changed since the last start. */
static int reset_vm(struct machine *machine)
{
	int err = arch_reset(machine);

	return err ? err
		   : boot_read_head(&machine->boot, &machine->boot.kernel);
}

int machine_start(struct machine *machine)
{
	uint64_t entry = 0;
	int err = machine->vcpus ? reset_vm(machine) : make_vm(machine);

	if (err)
		return err;
	/* A failure that another thread reported meanwhile is kept. */
	machine->vcpu_host.stop = false;
	machine->event = MACHINE_EVENT_NONE;
	if (machine->failure)
		return machine_failure(machine);
	err = start_buses(machine);
	if (!err)
		err = arch_start(machine);
	if (!err)
		err = start_devices(machine);
	if (!err)
		err = arch_load(machine, &entry);
	if (!err)
		err = arch_set_entry(machine, entry);
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
	if (!machine->up)
		return;
	machine->vcpu_host.stop = true;
	for (unsigned int i = 0; machine->vcpus && i < machine->cpus; i++)
		vcpu_stop(&machine->vcpus[i]);
	stop_devices(machine);
	arch_stop(machine);
	hotplug_end(&machine->pci);
	pci_host_destroy(&machine->pci);
	serial_destroy(&machine->serial);
	bus_destroy(&machine->pio);
	bus_destroy(&machine->mmio);
	machine->up = false;
}

void machine_drop_vm(struct machine *machine)
{
	for (unsigned int i = 0; machine->vcpus && i < machine->cpus; i++)
		vcpu_close(&machine->vcpus[i]);
	free(machine->vcpus);
	machine->vcpus = NULL;
	if (machine->vcpu_host.ctx)
		vcpu_host_destroy(&machine->vcpu_host);
	lend_kvm_free(machine->kvm);
	machine->kvm = NULL;
	vm_close(&machine->vm);
}
