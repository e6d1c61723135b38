// SPDX-License-Identifier: MIT
// What query-pci returns: the guest's PCI functions, as it has set them up.
#include <stdatomic.h>
#include <linux/pci_regs.h>

#include <lend/region.h>

#include "vmm/control/pci.h"
#include "vmm/pci/host.h"

#define BARS    7 /* with the ROM */
#define BAR_ROM 6

/* A function that is written. */
struct pci_entry {
	const struct control_pci *pci;
	struct control_function function;
	unsigned int bus;
	unsigned int devfn;
};

static void pci_list_bus(const struct control_pci *pci, struct writer *out,
			 unsigned int bus);

static uint32_t pci_entry_read(const struct pci_entry *e, unsigned int offset,
			       unsigned int size)
{
	return pci_host_read(e->pci->host, e->bus, e->devfn, offset, size);
}

/* Below a port, by the number of the bus that the guest gave it. */
static struct control_function pci_find_function(const struct pci_entry *e)
{
	unsigned int port = atomic_load(&e->pci->host->routes[e->bus]);

	return e->pci->find(e->pci->opaque, pci_place_at(port, e->devfn));
}

static void pci_write_id(const struct pci_entry *e, struct writer *out)
{
	uint32_t id = pci_entry_read(e, PCI_VENDOR_ID, 4);
	uint32_t subsystem = pci_entry_read(e, PCI_SUBSYSTEM_VENDOR_ID, 4);

	writer_open(out, "id", '{');
	writer_number(out, "device", id >> 16);
	writer_number(out, "vendor", id & 0xffff);
	if (!(pci_entry_read(e, PCI_HEADER_TYPE, 1) & PCI_HEADER_TYPE_MASK)) {
		writer_number(out, "subsystem", subsystem >> 16);
		writer_number(out, "subsystem-vendor", subsystem & 0xffff);
	}
	writer_close(out, '}');
}

/* Where the guest put a BAR; -1 where it does not decode it. */
static int64_t pci_bar_address(const struct pci_entry *e, unsigned int bar,
			       uint32_t low, bool is_io)
{
	uint32_t command = pci_entry_read(e, PCI_COMMAND, 2);
	uint64_t address = low & (is_io ? PCI_BASE_ADDRESS_IO_MASK
					: PCI_BASE_ADDRESS_MEM_MASK);
	bool is_on = command & (is_io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY);

	if (bar == BAR_ROM) {
		is_on = is_on && low & PCI_ROM_ADDRESS_ENABLE;
		address = low & PCI_ROM_ADDRESS_MASK;
	} else if (!is_io && low & PCI_BASE_ADDRESS_MEM_TYPE_64) {
		address |= (uint64_t)pci_entry_read(
				   e, PCI_BASE_ADDRESS_0 + 4 * (bar + 1), 4)
			   << 32;
	}
	return is_on && address ? (int64_t)address : -1;
}

static void pci_write_region(const struct pci_entry *e, struct writer *out,
			     unsigned int bar, uint64_t size)
{
	unsigned int at =
		bar == BAR_ROM ? PCI_ROM_ADDRESS : PCI_BASE_ADDRESS_0 + 4 * bar;
	uint32_t low = pci_entry_read(e, at, 4);
	bool is_io = bar != BAR_ROM && low & PCI_BASE_ADDRESS_SPACE_IO;

	writer_open(out, NULL, '{');
	writer_number(out, "bar", bar);
	writer_string(out, "type", is_io ? "io" : "memory");
	writer_number(out, "size", (int64_t)size);
	writer_number(out, "address", pci_bar_address(e, bar, low, is_io));
	if (!is_io) {
		writer_bool(out, "prefetch",
			    bar != BAR_ROM &&
				    low & PCI_BASE_ADDRESS_MEM_PREFETCH);
		writer_bool(out, "mem_type_64",
			    bar != BAR_ROM &&
				    low & PCI_BASE_ADDRESS_MEM_TYPE_64);
	}
	writer_close(out, '}');
}

static void pci_write_regions(const struct pci_entry *e, struct writer *out)
{
	const struct lend_device *lent = e->function.lent;

	writer_open(out, "regions", '[');
	for (unsigned int bar = 0; lent && bar < BARS; bar++) {
		uint64_t size = lend_device_region(lent, bar)->size;

		if (size)
			pci_write_region(e, out, bar, size);
	}
	writer_close(out, ']');
}

static void pci_write_range(struct writer *out, const char *name, uint64_t base,
			    uint64_t limit)
{
	writer_open(out, name, '{');
	writer_number(out, "base", (int64_t)base);
	writer_number(out, "limit", (int64_t)limit);
	writer_close(out, '}');
}

static void pci_write_windows(const struct pci_entry *e, struct writer *out)
{
	uint32_t io = pci_entry_read(e, PCI_IO_BASE, 2);
	uint32_t memory = pci_entry_read(e, PCI_MEMORY_BASE, 4);
	uint32_t prefetch = pci_entry_read(e, PCI_PREF_MEMORY_BASE, 4);
	uint64_t base = pci_entry_read(e, PCI_PREF_BASE_UPPER32, 4);
	uint64_t limit = pci_entry_read(e, PCI_PREF_LIMIT_UPPER32, 4);

	pci_write_range(out, "io_range", (io & 0xf0) << 8,
			(io & 0xf000) | 0xfff);
	pci_write_range(out, "memory_range", (memory & 0xfff0) << 16,
			(memory & 0xfff00000) | 0xfffff);
	pci_write_range(out, "prefetchable_range",
			base << 32 | (prefetch & 0xfff0) << 16,
			limit << 32 | (prefetch & 0xfff00000) | 0xfffff);
}

/* A port without a bus number has nothing below it that could be reached. */
static void pci_write_bridge(const struct pci_entry *e, struct writer *out)
{
	unsigned int secondary = pci_entry_read(e, PCI_SECONDARY_BUS, 1);

	writer_open(out, "pci_bridge", '{');
	writer_open(out, "bus", '{');
	writer_number(out, "number", pci_entry_read(e, PCI_PRIMARY_BUS, 1));
	writer_number(out, "secondary", secondary);
	writer_number(out, "subordinate",
		      pci_entry_read(e, PCI_SUBORDINATE_BUS, 1));
	pci_write_windows(e, out);
	writer_close(out, '}');
	if (secondary && e->bus == 0)
		pci_list_bus(e->pci, out, secondary);
	writer_close(out, '}');
}

static void pci_write_entry(const struct pci_entry *e, struct writer *out)
{
	unsigned int type = pci_entry_read(e, PCI_HEADER_TYPE, 1);
	unsigned int pin = pci_entry_read(e, PCI_INTERRUPT_PIN, 1);

	writer_open(out, NULL, '{');
	writer_number(out, "bus", e->bus);
	writer_number(out, "slot", e->devfn >> 3);
	writer_number(out, "function", e->devfn & 7);
	writer_open(out, "class_info", '{');
	writer_number(out, "class", pci_entry_read(e, PCI_CLASS_DEVICE, 2));
	writer_close(out, '}');
	pci_write_id(e, out);
	if (pin)
		writer_number(out, "irq",
			      pci_entry_read(e, PCI_INTERRUPT_LINE, 1));
	writer_number(out, "irq_pin", pin);
	writer_string(out, "qdev_id", e->function.id ? e->function.id : "");
	if ((type & PCI_HEADER_TYPE_MASK) == PCI_HEADER_TYPE_BRIDGE)
		pci_write_bridge(e, out);
	pci_write_regions(e, out);
	writer_close(out, '}');
}

static void pci_list_bus(const struct control_pci *pci, struct writer *out,
			 unsigned int bus)
{
	unsigned int count = bus ? PCI_PORT_FUNCTIONS : PCI_HOST_FUNCTIONS;

	writer_open(out, "devices", '[');
	for (unsigned int devfn = 0; devfn < count; devfn++) {
		struct pci_entry e = {.pci = pci, .bus = bus, .devfn = devfn};

		if (pci_entry_read(&e, PCI_VENDOR_ID, 2) == 0xffff)
			continue;
		e.function = pci_find_function(&e);
		pci_write_entry(&e, out);
	}
	writer_close(out, ']');
}

void control_list_pci(const struct control_pci *pci, struct writer *out)
{
	writer_open(out, NULL, '{');
	writer_number(out, "bus", 0);
	pci_list_bus(pci, out, 0);
	writer_close(out, '}');
}
