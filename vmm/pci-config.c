// SPDX-License-Identifier: MIT
// Ways into PCI config space: ECAM, and the ports CF8 and CFC.
#include <stdatomic.h>
#include <stdbool.h>

#include "bus.h"
#include "pci-config.h"
#include "pci-host.h"

#define CONFIG_DATA   0xcfc
#define RESET_CONTROL 1 /* port cf9 lies inside the address latch */
#define CONFIG_ENABLE 0x80000000u

static uint64_t ecam_read(void *opaque, uint64_t offset, unsigned size)
{
	if (size > 4)
		return UINT64_MAX;
	return pci_host_read(opaque, (unsigned)(offset >> 20),
			     offset >> 12 & 0xff, offset & 0xfff, size);
}

static void ecam_write(void *opaque, uint64_t offset, uint64_t value,
		       unsigned size)
{
	if (size <= 4)
		pci_host_write(opaque, (unsigned)(offset >> 20),
			       offset >> 12 & 0xff, offset & 0xfff,
			       (uint32_t)value, size);
}

static const struct bus_ops ecam_ops = {ecam_read, ecam_write};

/* Only whole 32-bit accesses reach the address latch. */
static uint64_t address_read(void *opaque, uint64_t offset, unsigned size)
{
	struct pci_host *host = opaque;

	if (offset == RESET_CONTROL && size == 1 && host->reset_ops)
		return host->reset_ops->read(host->reset_opaque, 0, 1);
	if (offset || size != 4)
		return UINT64_MAX;
	return atomic_load_explicit(&host->address, memory_order_relaxed);
}

static void address_write(void *opaque, uint64_t offset, uint64_t value,
			  unsigned size)
{
	struct pci_host *host = opaque;

	if (offset == RESET_CONTROL && size == 1 && host->reset_ops)
		host->reset_ops->write(host->reset_opaque, 0, value, 1);
	else if (!offset && size == 4)
		atomic_store_explicit(&host->address, (uint32_t)value & ~3u,
				      memory_order_relaxed);
}

static const struct bus_ops address_ops = {address_read, address_write};

/* The function and the register that the latch selects. */
struct selection {
	unsigned bus;
	unsigned devfn;
	unsigned offset;
};

static bool selected(struct pci_host *host, uint64_t port,
		     struct selection *selection)
{
	uint32_t address =
		atomic_load_explicit(&host->address, memory_order_relaxed);

	*selection = (struct selection){
		.bus = address >> 16 & 0xff,
		.devfn = address >> 8 & 0xff,
		.offset = (address & 0xfc) + (unsigned)port,
	};
	return address & CONFIG_ENABLE;
}

static uint64_t data_read(void *opaque, uint64_t port, unsigned size)
{
	struct selection s;

	if (!selected(opaque, port, &s))
		return UINT64_MAX;
	return pci_host_read(opaque, s.bus, s.devfn, s.offset, size);
}

static void data_write(void *opaque, uint64_t port, uint64_t value,
		       unsigned size)
{
	struct selection s;

	if (selected(opaque, port, &s))
		pci_host_write(opaque, s.bus, s.devfn, s.offset,
			       (uint32_t)value, size);
}

static const struct bus_ops data_ops = {data_read, data_write};

int pci_config_init(struct pci_host *host, struct bus *mmio, struct bus *pio,
		    struct range ecam)
{
	int err = bus_add(mmio, ecam, &ecam_ops, host);

	if (!err)
		err = bus_add(pio, (struct range){PCI_HOST_ADDRESS_PORT, 4},
			      &address_ops, host);
	if (!err)
		err = bus_add(pio, (struct range){CONFIG_DATA, 4}, &data_ops,
			      host);
	return err;
}
