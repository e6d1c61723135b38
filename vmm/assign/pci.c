// SPDX-License-Identifier: MIT
// A lent PCI function in the machine: opened, plugged in, unplugged, closed.
#include <errno.h>
#include <stdlib.h>
#include <linux/pci_regs.h>

#include <lend/lend.h>

#include "vmm/assign/open.h"
#include "vmm/assign/pci-gate.h"
#include "vmm/assign/pci-ops.h"
#include "vmm/assign/pci.h"
#include "vmm/base/crew.h"
#include "vmm/base/no-memory.h"

#define PAGE 4096

static const struct lend_pci_ops guest_ops = {
	.size = sizeof(guest_ops),
	.bar_place = assign_pci_bar_place,
	.bar_drop = assign_pci_bar_drop,
	.window_map = assign_pci_window_map,
	.window_unmap = assign_pci_window_unmap,
	.intx_connect = assign_pci_intx_connect,
	.intx_disconnect = assign_pci_intx_disconnect,
	.msi_connect = assign_pci_msi_connect,
	.msi_disconnect = assign_pci_msi_disconnect,
	.msi_release = assign_pci_msi_release,
	.msi_expect = assign_pci_msi_expect,
};

static uint32_t assign_pci_config_read(void *opaque, unsigned int offset,
				       unsigned int size)
{
	struct assign_pci *a = opaque;

	return lend_pci_config_read(a->pci, offset, size);
}

/* With decoding and bus mastering off, the device can neither be accessed nor
 * do DMA; the write that enables either waits until RAM is mapped. */
static bool assign_pci_enables(unsigned int offset, uint32_t value)
{
	return offset == PCI_COMMAND &&
	       value & (PCI_COMMAND_IO | PCI_COMMAND_MEMORY |
			PCI_COMMAND_MASTER);
}

void assign_pci_config_write(void *opaque, unsigned int offset,
			     unsigned int size, uint32_t value)
{
	struct assign_pci *a = opaque;

	/* Where RAM cannot be mapped, the run ends. */
	if (assign_pci_enables(offset, value) && dma_await(&a->machine->dma))
		return;
	lend_pci_config_write(a->pci, offset, size, value);
	assign_pci_retry(a->machine);
}

/* A reset of the bus above the device resets the device. */
static void assign_pci_bus_reset(void *opaque)
{
	struct assign_pci *a = opaque;

	lend_pci_reset(a->pci);
	assign_pci_retry(a->machine);
}

static void assign_pci_leave(void *opaque)
{
	struct assign_pci *a = opaque;

	lend_pci_stop(a->pci);
}

static const struct pci_function_ops config_ops = {
	.config_read = assign_pci_config_read,
	.config_write = assign_pci_config_write,
	.reset = assign_pci_bus_reset,
	.leave = assign_pci_leave,
};

static struct assign_pci *to_pci(struct machine_device *device)
{
	return (struct assign_pci *)device;
}

/* Repeated at each start: the previous guest may have overwritten it. */
static int put_opregion(struct assign_pci *a, struct machine *machine)
{
	uint64_t size = lend_pci_opregion_size(a->pci);
	uint64_t base = machine->layout.tables.base + a->opregion;

	if (!size)
		return 0;
	return lend_pci_opregion_place(
		a->pci, memory_at(&machine->memory, base, size), base);
}

static int assign_pci_plug_in(struct assign_pci *a, struct machine *machine)
{
	int err;

	/* The guest may find the function at once. */
	a->machine = machine;
	err = pci_host_add(&machine->pci, lend_pci_name(a->pci), a->place,
			   &config_ops, a);
	if (err)
		a->machine = NULL;
	else
		assign_pci_gate_set(a->gate, a);
	return err;
}

static int assign_pci_start(struct machine_device *device,
			    struct machine *machine)
{
	struct assign_pci *a = to_pci(device);
	int err;

	assign_pci_arm(a, machine);
	err = put_opregion(a, machine);
	return err ? err : assign_pci_plug_in(a, machine);
}

/* vCPUs may be running: no trap reaches the function any more; then its memory
 * slots go and its configuration space vanishes, with its lock held. */
static void assign_pci_stop(struct machine_device *device,
			    struct machine *machine)
{
	struct assign_pci *a = to_pci(device);

	assign_pci_gate_set(a->gate, NULL);
	pci_host_remove(&machine->pci, a->place);
	a->machine = NULL;
	a->warned = false;
}

static void assign_pci_destroy(struct machine_device *device)
{
	struct assign_pci *a = to_pci(device);

	lend_pci_free(a->pci);
	lend_kvm_pci_free(a->kvm);
	assign_pci_disarm(a);
	lend_device_unref(a->lent);
	free(a->vectors);
	free(a);
}

static void assign_pci_retry_bars(struct machine_device *device)
{
	lend_pci_retry(to_pci(device)->pci);
}

static void assign_pci_reset_all(struct machine *machine);

static const struct machine_device_ops device_ops = {
	.awaits_dma = true,
	.reset = assign_pci_reset_all,
	.start = assign_pci_start,
	.stop = assign_pci_stop,
	.destroy = assign_pci_destroy,
	.retry = assign_pci_retry_bars,
};

static void assign_pci_run_resets(void *opaque, size_t count,
				  void (*work)(void *task, size_t i),
				  void *task)
{
	(void)opaque;
	crew_run(CREW_MAX, count, work, task);
}

/* Failures are logged; the guest starts with those functions unreset. */
static void assign_pci_reset_all(struct machine *machine)
{
	struct lend_pci **functions =
		calloc(machine->device_count, sizeof(struct lend_pci *));
	struct machine_device *device;
	unsigned int count = 0;
	int err = -ENOMEM;
	size_t at = 0;

	while (functions &&
	       (device = machine_device_next(machine, &device_ops, &at)))
		functions[count++] = to_pci(device)->pci;
	if (functions)
		err = lend_pci_reset_all_by(functions, count,
					    assign_pci_run_resets, NULL);
	if (err == -ENOMEM)
		lend_log(machine->ctx, LEND_LOG_WARNING,
			 "not enough memory to reset the PCI devices; the "
			 "guest finds them in the state it left");
	free(functions);
}

enum layout_bar assign_pci_kind(const struct lend_pci_bar *bar, bool is_bridge)
{
	if (bar->io)
		return LAYOUT_BAR_IO;
	return bar->is_64bit && (bar->prefetchable || !is_bridge)
		       ? LAYOUT_BAR_MEM64
		       : LAYOUT_BAR_MEM32;
}

int assign_pci_need(struct layout_need *need, const struct lend_pci_bar *bar)
{
	enum layout_bar kind = assign_pci_kind(bar, need->is_bridge);

	return bar->size ? layout_need_add(need, kind, bar->size) : 0;
}

static int assign_pci_size_bar(struct machine *machine, struct pci_place place,
			       const char *name, const struct lend_pci_bar *bar)
{
	int err = assign_pci_need(machine_need(machine, place), bar);

	return err ? lend_error_set(
			     machine->ctx, LEND_ERROR_PLACEMENT, -err, name,
			     "the devices' BARs together exceed the 64-bit "
			     "address space")
		   : 0;
}

static int assign_pci_size_bars(struct assign_pci *a, struct machine *machine)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < ASSIGN_PCI_BARS; i++)
		err = assign_pci_size_bar(machine, a->place,
					  lend_pci_name(a->pci),
					  lend_pci_bar(a->pci, i));
	return err;
}

/* Returns the OpRegion's offset in the machine's tables. */
static uint64_t take_ram(struct machine *machine, bool vga, uint64_t opregion)
{
	uint64_t at = machine->need.tables;

	machine->need.vga |= vga;
	machine->need.tables += range_align_up(opregion, PAGE);
	return at;
}

int assign_pci_measure(struct machine *machine, const void *config)
{
	const struct assign_pci_config *c = config;
	int err = 0;

	for (unsigned int i = 0; !err && c->bars && i < ASSIGN_PCI_BARS; i++)
		err = assign_pci_size_bar(machine, c->place, c->name,
					  &c->bars[i]);
	take_ram(machine, c->vga, c->opregion);
	return err;
}

static int alloc_vectors(struct assign_pci *a, struct machine *machine)
{
	unsigned int msi = lend_device_irq(a->lent, LEND_PCI_IRQ_MSI)->count;
	unsigned int msix = lend_device_irq(a->lent, LEND_PCI_IRQ_MSIX)->count;
	unsigned int count = msi > msix ? msi : msix;

	if (!count)
		return 0;
	a->vectors = calloc(count, sizeof(*a->vectors));
	if (!a->vectors)
		return vmm_no_memory(machine->ctx, lend_device_name(a->lent));
	a->vector_count = count;
	machine->vectors += count;
	for (unsigned int i = 0; i < count; i++)
		a->vectors[i] = ASSIGN_PCI_VECTOR_NONE;
	return 0;
}

int assign_pci_open(struct machine *machine, const void *config,
		    struct lend_device **lent)
{
	const struct assign_pci_config *c = config;
	const struct assign_open how = {
		.address = c->address,
		.fd = c->fd,
		.keeps_fd = c->keeps_fd,
		.name = c->name,
		.token = c->has_token ? c->token : NULL,
		.socket = c->socket,
	};

	return assign_open(machine, &how, lent);
}

static uint32_t assign_pci_requester(void *opaque)
{
	const struct assign_pci *a = opaque;

	return pci_host_requester(&a->machine->pci, a->place);
}

static int assign_pci_open_kvm(struct assign_pci *a, struct machine *machine)
{
	const struct lend_kvm_pci_options options = {
		.size = sizeof(options),
		.pci = &a->pci,
		.bar_place = assign_pci_bar_trap,
		.bar_drop = assign_pci_bar_untrap,
		.intx_gsi = assign_pci_intx_gsi,
		.requester = IRQ_MSI_FLAGS ? assign_pci_requester : NULL,
		.opaque = a,
	};

	return lend_kvm_pci_new(machine->kvm, a->lent, &options, &a->kvm);
}

static int make_function(struct assign_pci *a, struct machine *machine,
			 const struct assign_pci_config *config)
{
	const struct lend_pci_options options = {
		.size = sizeof(options),
		.no_mmap = config->no_mmap,
		.multifunction = config->multifunction,
		.ids = config->ids,
		.no_rom = config->rom.hidden,
		.rom = config->rom.bytes,
		.rom_size = config->rom.size,
		.rom_bar_size = config->rom.bar_size,
		.no_mmap_bars = config->no_mmap_bars,
		.p2p = config->p2p,
		.vga = config->vga,
		.no_nvidia_quirks = config->quirks.no_nvidia,
		.has_gpudirect_clique = config->quirks.has_clique,
		.gpudirect_clique = config->quirks.clique,
		.no_opregion = config->quirks.no_opregion || machine->up,
		.rom_anyway = config->rom.anyway,
		.below_port = config->place.port,
	};
	int err;

	machine->p2p |= config->p2p;
	err = lend_device_require(a->lent, LEND_DEVICE_PCI);
	if (!err)
		err = alloc_vectors(a, machine);
	if (!err)
		err = assign_pci_open_kvm(a, machine);
	if (!err)
		err = lend_pci_new(a->lent, &options, &guest_ops, a, &a->pci);
	/* A guest that runs has its windows and its RAM. */
	if (err || machine->up)
		return err;
	err = assign_pci_size_bars(a, machine);
	if (err)
		return err;
	a->opregion =
		take_ram(machine, config->vga, lend_pci_opregion_size(a->pci));
	return 0;
}

static int assign_pci_check_late(struct machine *machine,
				 const struct assign_pci_config *config)
{
	if (!machine->up || !config->vga)
		return 0;
	lend_error_set(machine->ctx, LEND_ERROR_ARGUMENT, EOPNOTSUPP,
		       config->name,
		       "the VGA ranges of a guest that runs are RAM");
	return lend_error_remedy(machine->ctx,
				 "omit x-vga=on, or start lend run with the "
				 "device");
}

int assign_pci_create(struct machine *machine, const void *config,
		      struct lend_device *lent, struct machine_device **device)
{
	const struct assign_pci_config *c = config;
	struct assign_pci *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return vmm_no_memory(machine->ctx, c->name);
	a->device.ops = &device_ops;
	a->lent = lend_device_ref(lent);
	a->place = c->place;
	a->no_kvm_irqs = c->no_kvm_irqs;
	a->keeps = c->keeps;
	a->error.fd = a->request.fd = -1;
	a->error.item = a->request.item = a->server = WATCH_NONE;
	a->intx = ASSIGN_PCI_INTX_NONE;
	for (unsigned int i = 0; i < LEND_PCI_BARS; i++)
		a->bars[i] = (struct assign_pci_bar){.owner = a, .index = i};
	a->device.port = c->place.port;
	a->device.name = c->name;
	a->device.id = c->id;
	a->device.place = &a->place;
	if (c->socket)
		a->device.space = lend_device_iommu(lent);
	err = assign_pci_check_late(machine, c);
	if (!err)
		err = assign_pci_gate_find(machine, c->place, &a->gate);
	if (!err)
		err = make_function(a, machine, c);
	if (err) {
		assign_pci_destroy(&a->device);
		return err;
	}
	*device = &a->device;
	return 0;
}
