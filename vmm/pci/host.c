// SPDX-License-Identifier: MIT
// PCI host bridge: the root bus, root ports and the buses below them.
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <lend/error.h>

#include "vmm/base/bus.h"
#include "vmm/base/no-memory.h"
#include "vmm/irq/irq.h"
#include "vmm/pci/host.h"

#define HEADER_TYPE     0x0e
#define HEADER_MULTI    0x80
#define FUNCTION_CONFIG 4096
#define ONES(size)      ((uint32_t)(UINT64_MAX >> (64 - 8 * (size))))

/* The entry of the function at @place; NULL if there is no such place. */
static pci_function_at *slot_of_devfn(struct pci_host *host,
				      struct pci_place place)
{
	unsigned int devfn = pci_place_devfn(place);

	if (place.port > host->port_count)
		return NULL;
	if (!place.port)
		return devfn < PCI_HOST_FUNCTIONS ? &host->functions[devfn]
						  : NULL;
	return devfn < PCI_PORT_FUNCTIONS
		       ? &host->ports[place.port - 1].functions[devfn]
		       : NULL;
}

static bool devfn_is_used(const pci_function_at *at)
{
	const struct pci_function *function = *at;

	return function && function->ops;
}

/* Guests probe functions 1 to 7 only if function 0 is multi-function. */
static bool has_siblings(const pci_function_at *at, unsigned int function)
{
	for (unsigned int fn = 1; fn < 8; fn++)
		if (devfn_is_used(&at[(int)fn - (int)function]))
			return true;
	return false;
}

static bool port_acceptable(unsigned int offset, unsigned int size)
{
	return size <= 4 && !(offset & (size - 1)) &&
	       offset + size <= FUNCTION_CONFIG;
}

/*
 * The function at the guest's bus number and devfn, as slot_of_devfn() returns
 * it.
 */
static pci_function_at *find_function(struct pci_host *host, unsigned int bus,
				      unsigned int devfn)
{
	unsigned int port = 0;

	if (bus > 0xff)
		return NULL;
	if (bus)
		port = atomic_load_explicit(&host->routes[bus],
					    memory_order_relaxed);
	return bus && !port ? NULL
			    : slot_of_devfn(host, pci_place_at(port, devfn));
}

uint32_t pci_host_read(struct pci_host *host, unsigned int bus,
		       unsigned int devfn, unsigned int offset,
		       unsigned int size)
{
	pci_function_at *at = find_function(host, bus, devfn);
	struct pci_function *function = at ? *at : NULL;
	uint32_t value = UINT32_MAX;
	bool answers;

	if (!function || !port_acceptable(offset, size))
		return ONES(size <= 4 ? size : 4);
	pthread_mutex_lock(&function->lock);
	answers = function->ops;
	if (answers)
		value = function->ops->config_read(function->opaque, offset,
						   size);
	pthread_mutex_unlock(&function->lock);
	if (answers && offset <= HEADER_TYPE && HEADER_TYPE < offset + size &&
	    has_siblings(at, devfn & 7))
		value |= HEADER_MULTI << 8 * (HEADER_TYPE - offset);
	return value & ONES(size);
}

void pci_host_write(struct pci_host *host, unsigned int bus, unsigned int devfn,
		    unsigned int offset, unsigned int size, uint32_t value)
{
	pci_function_at *at = find_function(host, bus, devfn);
	struct pci_function *function = at ? *at : NULL;

	if (!function || !port_acceptable(offset, size))
		return;
	pthread_mutex_lock(&function->lock);
	if (function->ops)
		function->ops->config_write(function->opaque, offset, size,
					    value);
	pthread_mutex_unlock(&function->lock);
}

static uint64_t ecam_read(void *opaque, uint64_t offset, unsigned int size)
{
	if (size > 4)
		return UINT64_MAX;
	return pci_host_read(opaque, (unsigned int)(offset >> 20),
			     offset >> 12 & 0xff, offset & 0xfff, size);
}

static void ecam_write(void *opaque, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	if (size <= 4)
		pci_host_write(opaque, (unsigned int)(offset >> 20),
			       offset >> 12 & 0xff, offset & 0xfff, size,
			       (uint32_t)value);
}

static const struct bus_ops ecam_ops = {ecam_read, ecam_write};

/*
 * The bridge itself has an identity only. Red Hat reserves these IDs for a
 * generic PCI host, so no kernel applies quirks.
 */
static uint32_t bridge_read(void *opaque, unsigned int offset,
			    unsigned int size)
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

static void bridge_write(void *opaque, unsigned int offset, unsigned int size,
			 uint32_t value)
{
	(void)opaque;
	(void)offset;
	(void)value;
	(void)size;
}

static const struct pci_function_ops bridge_ops = {
	.config_read = bridge_read,
	.config_write = bridge_write,
};

/*
 * Map bus numbers to ports. Each port has a single bus below it, so of the
 * range from its secondary to its subordinate number only the secondary one
 * answers.
 */
static void routes_rebuild(struct pci_host *host, struct pci_port *changed)
{
	uint8_t routes[256] = {0};

	pthread_mutex_lock(&host->route_lock);
	changed->secondary = root_port_secondary(&changed->regs);
	changed->subordinate = root_port_subordinate(&changed->regs);
	for (unsigned int i = host->port_count; i-- > 0;) {
		const struct pci_port *port = &host->ports[i];

		if (port->secondary && port->secondary <= port->subordinate)
			routes[port->secondary] = (uint8_t)(i + 1);
	}
	for (unsigned int bus = 0; bus < 256; bus++)
		atomic_store_explicit(&host->routes[bus], routes[bus],
				      memory_order_relaxed);
	pthread_mutex_unlock(&host->route_lock);
}

/* The port's lock is held, and is always taken before those below it. */
static void reset_below(struct pci_port *port)
{
	for (unsigned int fn = 0; fn < PCI_PORT_FUNCTIONS; fn++) {
		struct pci_function *function = port->functions[fn];

		if (!function)
			continue;
		pthread_mutex_lock(&function->lock);
		if (function->ops && function->ops->reset)
			function->ops->reset(function->opaque);
		pthread_mutex_unlock(&function->lock);
	}
}

static uint32_t config_port_read(void *opaque, unsigned int offset,
				 unsigned int size)
{
	struct pci_port *port = opaque;

	return root_port_read(&port->regs, offset, size);
}

static void config_port_write(void *opaque, unsigned int offset,
			      unsigned int size, uint32_t value)
{
	struct pci_port *port = opaque;
	unsigned int done = root_port_write(&port->regs, offset, size, value);

	if (done & ROOT_PORT_BUSES)
		routes_rebuild(port->host, port);
	if (done & ROOT_PORT_RESET)
		reset_below(port);
	if (done & ROOT_PORT_SLOT && port->host->slot_changed)
		port->host->slot_changed(port);
}

static const struct pci_function_ops port_ops = {
	.config_read = config_port_read,
	.config_write = config_port_write,
};

static int devfn_plug(struct pci_host *host, pci_function_at *at,
		      const char *name, const struct pci_function_ops *ops,
		      void *opaque)
{
	struct pci_function *function = *at;

	if (!function) {
		function = calloc(1, sizeof(*function));
		if (!function)
			return vmm_no_memory(host->ctx, NULL);
		pthread_mutex_init(&function->lock, NULL);
		*at = function;
	}
	pthread_mutex_lock(&function->lock);
	function->opaque = opaque;
	function->name = name;
	function->ops = ops;
	pthread_mutex_unlock(&function->lock);
	return 0;
}

static void devfn_unplug(const pci_function_at *at)
{
	struct pci_function *function = *at;

	if (!function)
		return;
	pthread_mutex_lock(&function->lock);
	if (function->ops && function->ops->leave)
		function->ops->leave(function->opaque);
	function->ops = NULL;
	pthread_mutex_unlock(&function->lock);
}

static void devfn_free(pci_function_at *at)
{
	struct pci_function *function = *at;

	if (!function)
		return;
	pthread_mutex_destroy(&function->lock);
	free(function);
	*at = NULL;
}

static int add_ports(struct pci_host *host, const struct pci_port_config *ports,
		     unsigned int count)
{
	int err = 0;

	if (!count)
		return 0;
	host->ports = calloc(count, sizeof(*host->ports));
	if (!host->ports)
		return vmm_no_memory(host->ctx, NULL);
	host->port_count = count;
	for (unsigned int i = 0; !err && i < count; i++) {
		struct pci_port *port = &host->ports[i];

		port->host = host;
		port->place = ports[i].place;
		root_port_init(&port->regs, ports[i].slot, ports[i].link,
			       ports[i].pluggable);
		err = pci_host_add(host, ports[i].name, ports[i].place,
				   &port_ops, port);
		if (!err)
			port->function = *slot_of_devfn(host, port->place);
	}
	return err;
}

int pci_host_init(struct pci_host *host, struct lend_ctx *ctx, struct bus *mmio,
		  struct range ecam, const struct pci_port_config *ports,
		  unsigned int count)
{
	int err;

	*host = (struct pci_host){.ctx = ctx};
	pthread_mutex_init(&host->route_lock, NULL);
	err = bus_add(mmio, ecam, &ecam_ops, host);
	if (err)
		return lend_error_set(ctx, LEND_ERROR_SYSTEM, -err, NULL,
				      "config space does not fit the bus");
	err = devfn_plug(host, &host->functions[0], "the host bridge",
			 &bridge_ops, host);
	return err ? err : add_ports(host, ports, count);
}

void pci_host_destroy(struct pci_host *host)
{
	for (unsigned int i = 0; i < host->port_count; i++)
		for (unsigned int fn = 0; fn < PCI_PORT_FUNCTIONS; fn++)
			devfn_free(&host->ports[i].functions[fn]);
	for (unsigned int devfn = 0; devfn < PCI_HOST_FUNCTIONS; devfn++)
		devfn_free(&host->functions[devfn]);
	free(host->ports);
	host->ports = NULL;
	host->port_count = 0;
	pthread_mutex_destroy(&host->route_lock);
}

/* The port's registers follow the device's, which a vCPU may be reading. */
static void port_follow(struct pci_port *port)
{
	struct pci_function *function = port->functions[0];

	pthread_mutex_lock(&port->function->lock);
	pthread_mutex_lock(&function->lock);
	root_port_plug(&port->regs, function->ops, function->opaque);
	pthread_mutex_unlock(&function->lock);
	pthread_mutex_unlock(&port->function->lock);
}

int pci_host_add(struct pci_host *host, const char *name,
		 struct pci_place place, const struct pci_function_ops *ops,
		 void *opaque)
{
	pci_function_at *at = slot_of_devfn(host, place);
	int err;

	if (!at)
		return lend_error_set(host->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      name, "the guest has no PCI slot %02x.%x",
				      place.slot, place.function);
	if (devfn_is_used(at))
		return lend_error_set(
			host->ctx, LEND_ERROR_PLACEMENT, EBUSY, name,
			"the guest's PCI slot %02x.%x is in use by %s",
			place.slot, place.function, (*at)->name);
	err = devfn_plug(host, at, name, ops, opaque);
	if (!err && place.port && !place.function)
		port_follow(&host->ports[place.port - 1]);
	return err;
}

void pci_host_remove(struct pci_host *host, struct pci_place place)
{
	const pci_function_at *at = slot_of_devfn(host, place);

	if (at)
		devfn_unplug(at);
}

uint32_t pci_host_requester(struct pci_host *host, struct pci_place place)
{
	unsigned int bus = 0;

	if (place.port) {
		pthread_mutex_lock(&host->route_lock);
		bus = host->ports[place.port - 1].secondary;
		pthread_mutex_unlock(&host->route_lock);
	}
	return bus << 8 | pci_place_devfn(place);
}

/*
 * Below a port there is only slot 0, for which the bridge's swizzle is the
 * identity.
 */
unsigned int pci_host_gsi(const struct pci_host *host, struct pci_place place,
			  unsigned int pin)
{
	unsigned int slot = place.port ? host->ports[place.port - 1].place.slot
				       : place.slot;

	return IRQ_PCI_FIRST + (slot + pin - 1) % IRQ_PCI_COUNT;
}
