// SPDX-License-Identifier: MIT
// PCI host bridge: bus 0, its slots, and config space by ECAM and CF8/CFC.
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/error.h>

#include "bus.h"
#include "irq.h"
#include "pci-host.h"

#define CONFIG_DATA     0xcfc
#define RESET_CONTROL   1 /* port cf9 lies inside the address latch */
#define CONFIG_ENABLE   0x80000000u
#define HEADER_TYPE     0x0e
#define HEADER_MULTI    0x80
#define FUNCTION_CONFIG 4096
#define ONES(size)      ((uint32_t)(UINT64_MAX >> (64 - 8 * (size))))

static unsigned devfn_of(unsigned slot, unsigned function)
{
	return slot << 3 | function;
}

/* Guests look for functions 1 to 7 only where function 0 says so. */
static bool has_siblings(const struct pci_host *host, unsigned devfn)
{
	for (unsigned fn = 1; fn < 8; fn++)
		if (host->functions[(devfn & ~7u) | fn])
			return true;
	return false;
}

static bool acceptable(unsigned offset, unsigned size)
{
	return size <= 4 && !(offset & (size - 1)) &&
	       offset + size <= FUNCTION_CONFIG;
}

static uint32_t config_read(struct pci_host *host, unsigned devfn,
			    unsigned offset, unsigned size)
{
	struct pci_function *function = host->functions[devfn];
	uint32_t value;

	if (!function || !acceptable(offset, size))
		return ONES(size <= 4 ? size : 4);
	pthread_mutex_lock(&function->lock);
	value = function->ops->config_read(function->opaque, offset, size);
	pthread_mutex_unlock(&function->lock);
	if (offset <= HEADER_TYPE && HEADER_TYPE < offset + size &&
	    has_siblings(host, devfn))
		value |= HEADER_MULTI << 8 * (HEADER_TYPE - offset);
	return value & ONES(size);
}

static void config_write(struct pci_host *host, unsigned devfn, unsigned offset,
			 uint32_t value, unsigned size)
{
	struct pci_function *function = host->functions[devfn];

	if (!function || !acceptable(offset, size))
		return;
	pthread_mutex_lock(&function->lock);
	function->ops->config_write(function->opaque, offset, value, size);
	pthread_mutex_unlock(&function->lock);
}

static uint64_t ecam_read(void *opaque, uint64_t offset, unsigned size)
{
	if (size > 4)
		return UINT64_MAX;
	return config_read(opaque, offset >> 12, offset & 0xfff, size);
}

static void ecam_write(void *opaque, uint64_t offset, uint64_t value,
		       unsigned size)
{
	if (size <= 4)
		config_write(opaque, offset >> 12, offset & 0xfff,
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

/* Does the latch select something on this one bus, and what? */
static bool selected(struct pci_host *host, unsigned *devfn, unsigned *offset)
{
	uint32_t address =
		atomic_load_explicit(&host->address, memory_order_relaxed);

	*devfn = address >> 8 & 0xff;
	*offset += address & 0xfc;
	return (address & CONFIG_ENABLE) && !(address >> 16 & 0xff);
}

static uint64_t data_read(void *opaque, uint64_t port, unsigned size)
{
	unsigned devfn, offset = (unsigned)port;

	if (!selected(opaque, &devfn, &offset))
		return UINT64_MAX;
	return config_read(opaque, devfn, offset, size);
}

static void data_write(void *opaque, uint64_t port, uint64_t value,
		       unsigned size)
{
	unsigned devfn, offset = (unsigned)port;

	if (selected(opaque, &devfn, &offset))
		config_write(opaque, devfn, offset, (uint32_t)value, size);
}

static const struct bus_ops data_ops = {data_read, data_write};

/*
 * The bridge itself: identity and nothing else. The IDs are the ones that Red
 * Hat set aside for a generic PCI host, so that no kernel applies quirks.
 */
static uint32_t bridge_read(void *opaque, unsigned offset, unsigned size)
{
	static const uint8_t identity[16] = {
		0x36, 0x1b, 0x08, 0x00, /* vendor 1b36, device 0008 */
		0x00, 0x00, 0x00, 0x00, /* command, status */
		0x00, 0x00, 0x00, 0x06, /* revision, class: host bridge */
	};
	uint32_t value = 0;

	(void)opaque;
	if (offset + size <= sizeof(identity))
		memcpy(&value, &identity[offset], size);
	return value;
}

static void bridge_write(void *opaque, unsigned offset, uint32_t value,
			 unsigned size)
{
	(void)opaque;
	(void)offset;
	(void)value;
	(void)size;
}

static const struct pci_function_ops bridge_ops = {bridge_read, bridge_write};

static int plug(struct pci_host *host, unsigned devfn, const char *name,
		const struct pci_function_ops *ops, void *opaque)
{
	struct pci_function *function = calloc(1, sizeof(*function));

	if (!function)
		return lend_error_set(host->ctx, LEND_ERROR_MEMORY, ENOMEM,
				      NULL, "no memory for a PCI function");
	pthread_mutex_init(&function->lock, NULL);
	function->ops = ops;
	function->opaque = opaque;
	function->name = name;
	host->functions[devfn] = function;
	return (int)devfn;
}

int pci_host_init(struct pci_host *host, struct lend_ctx *ctx, struct bus *mmio,
		  struct bus *pio, struct range ecam)
{
	int err;

	*host = (struct pci_host){.ctx = ctx};
	err = bus_add(mmio, ecam, &ecam_ops, host);
	if (!err)
		err = bus_add(pio, (struct range){PCI_HOST_ADDRESS_PORT, 4},
			      &address_ops, host);
	if (!err)
		err = bus_add(pio, (struct range){CONFIG_DATA, 4}, &data_ops,
			      host);
	if (err)
		return lend_error_set(ctx, LEND_ERROR_SYSTEM, -err, NULL,
				      "config space does not fit the bus");
	err = plug(host, 0, "host bridge", &bridge_ops, host);
	return err < 0 ? err : 0;
}

void pci_host_destroy(struct pci_host *host)
{
	for (int devfn = 0; devfn < PCI_HOST_FUNCTIONS; devfn++)
		pci_host_remove(host, devfn);
}

/* Function `function` of the first slot that holds nothing. */
static int next_free(const struct pci_host *host, unsigned function)
{
	for (unsigned slot = 1; slot < 32; slot++) {
		unsigned devfn = devfn_of(slot, 0);

		if (!host->functions[devfn] && !has_siblings(host, devfn))
			return (int)devfn_of(slot, function);
	}
	return -ENOSPC;
}

static int pick(struct pci_host *host, const char *name, struct pci_slot at)
{
	struct lend_ctx *ctx = host->ctx;
	int devfn;

	if (at.slot > 31 || at.slot < -1 || at.function < 0 || at.function > 7)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, name,
				      "addr=%x.%x: slots go from 1 to 1f, "
				      "functions from 0 to 7",
				      at.slot, at.function);
	devfn = at.slot < 0 ? next_free(host, (unsigned)at.function)
			    : (int)devfn_of((unsigned)at.slot,
					    (unsigned)at.function);
	if (devfn < 0)
		return lend_error_set(
			ctx, LEND_ERROR_PLACEMENT, ENOSPC, name,
			"all 31 PCI slots of the guest are taken");
	if (!host->functions[devfn])
		return devfn;
	lend_error_set(ctx, LEND_ERROR_PLACEMENT, EBUSY, name,
		       "the guest's PCI address %02x.%x is taken by %s",
		       (unsigned)devfn >> 3, (unsigned)devfn & 7,
		       host->functions[devfn]->name);
	return lend_error_remedy(ctx, "choose another addr=, or leave it out");
}

int pci_host_add(struct pci_host *host, const char *name, struct pci_slot at,
		 const struct pci_function_ops *ops, void *opaque)
{
	int devfn = pick(host, name, at);

	return devfn < 0 ? devfn
			 : plug(host, (unsigned)devfn, name, ops, opaque);
}

void pci_host_remove(struct pci_host *host, int devfn)
{
	struct pci_function *function;

	if (devfn < 0 || devfn >= PCI_HOST_FUNCTIONS)
		return;
	function = host->functions[devfn];
	if (!function)
		return;
	host->functions[devfn] = NULL;
	pthread_mutex_destroy(&function->lock);
	free(function);
}

int pci_host_check(struct pci_host *host)
{
	for (unsigned devfn = 0; devfn < PCI_HOST_FUNCTIONS; devfn += 8) {
		if (host->functions[devfn] || !has_siblings(host, devfn))
			continue;
		lend_error_set(host->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "the guest's PCI slot %02x has no function 0; "
			       "no guest looks for the others",
			       devfn >> 3);
		return lend_error_remedy(host->ctx, "give one device addr=%x.0",
					 devfn >> 3);
	}
	return 0;
}

unsigned pci_host_gsi(int devfn, unsigned pin)
{
	unsigned slot = (unsigned)devfn >> 3;

	return IRQ_PCI_FIRST + (slot + pin - 1) % IRQ_PCI_COUNT;
}
