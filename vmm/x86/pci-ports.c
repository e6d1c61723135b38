// SPDX-License-Identifier: MIT
// PCI config space access through I/O ports CF8 and CFC.
#include <stdatomic.h>
#include <stdbool.h>

#include "vmm/base/bus.h"
#include "vmm/pci/host.h"
#include "vmm/x86/pci-ports.h"

#define CONFIG_DATA   0xcfc
#define RESET_CONTROL 1 /* port CF9 is within the address latch */
#define CONFIG_ENABLE 0x80000000u

/* Only whole 32-bit accesses reach the address latch. */
static uint64_t address_read(void *opaque, uint64_t offset, unsigned int size)
{
	struct pci_ports *ports = opaque;

	if (offset == RESET_CONTROL && size == 1 && ports->reset_ops)
		return ports->reset_ops->read(ports->reset_opaque, 0, 1);
	if (offset || size != 4)
		return UINT64_MAX;
	return atomic_load_explicit(&ports->address, memory_order_relaxed);
}

static void address_write(void *opaque, uint64_t offset, unsigned int size,
			  uint64_t value)
{
	struct pci_ports *ports = opaque;

	if (offset == RESET_CONTROL && size == 1 && ports->reset_ops)
		ports->reset_ops->write(ports->reset_opaque, 0, 1, value);
	else if (!offset && size == 4)
		atomic_store_explicit(&ports->address, (uint32_t)value & ~3u,
				      memory_order_relaxed);
}

static const struct bus_ops address_ops = {address_read, address_write};

/* The function and the register that the latch selects. */
struct selection {
	unsigned int bus;
	unsigned int devfn;
	unsigned int offset;
};

static bool selected_register(const struct pci_ports *ports, uint64_t port,
			      struct selection *selection)
{
	uint32_t address =
		atomic_load_explicit(&ports->address, memory_order_relaxed);

	*selection = (struct selection){
		.bus = address >> 16 & 0xff,
		.devfn = address >> 8 & 0xff,
		.offset = (address & 0xfc) + (unsigned int)port,
	};
	return address & CONFIG_ENABLE;
}

static uint64_t data_read(void *opaque, uint64_t port, unsigned int size)
{
	struct pci_ports *ports = opaque;
	struct selection s;

	if (!selected_register(ports, port, &s))
		return UINT64_MAX;
	return pci_host_read(ports->host, s.bus, s.devfn, s.offset, size);
}

static void data_write(void *opaque, uint64_t port, unsigned int size,
		       uint64_t value)
{
	struct pci_ports *ports = opaque;
	struct selection s;

	if (selected_register(ports, port, &s))
		pci_host_write(ports->host, s.bus, s.devfn, s.offset, size,
			       (uint32_t)value);
}

static const struct bus_ops data_ops = {data_read, data_write};

int pci_ports_init(struct pci_ports *ports, struct pci_host *host,
		   struct bus *pio)
{
	int err;

	*ports = (struct pci_ports){.host = host};
	err = bus_add(pio, (struct range){PCI_PORTS_ADDRESS, 4}, &address_ops,
		      ports);
	return err ? err
		   : bus_add(pio, (struct range){CONFIG_DATA, 4}, &data_ops,
			     ports);
}
