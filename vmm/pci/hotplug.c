// SPDX-License-Identifier: MIT
// Hot plug below the root ports of a host bridge, while vCPUs run.
#include <stdatomic.h>

#include "vmm/irq/irq.h"
#include "vmm/pci/hotplug.h"

static struct pci_port *hotplug_port(struct pci_host *host, unsigned int port)
{
	return port && port <= host->port_count ? &host->ports[port - 1] : NULL;
}

static void hotplug_lock(struct pci_port *port)
{
	pthread_mutex_lock(&port->function->lock);
}

static void hotplug_unlock(struct pci_port *port)
{
	pthread_mutex_unlock(&port->function->lock);
}

static unsigned int hotplug_gsi(const struct pci_port *port)
{
	return pci_host_gsi(port->host, port->place, 1);
}

/* Ports share lines, and KVM keeps one level of this process for each. */
static void hotplug_drive_line(struct pci_port *port, bool level)
{
	struct pci_host *host = port->host;
	unsigned int gsi = hotplug_gsi(port);

	pthread_mutex_lock(&host->route_lock);
	port->line = level;
	for (unsigned int i = 0; i < host->port_count; i++)
		level |= host->ports[i].line &&
			 hotplug_gsi(&host->ports[i]) == gsi;
	irq_line_set(host->owner->irq, gsi, level);
	pthread_mutex_unlock(&host->route_lock);
}

static void hotplug_changed(struct pci_port *port)
{
	const struct hotplug_owner *owner = port->host->owner;

	if (!owner)
		return;
	if (slot_line(&port->regs) != port->line)
		hotplug_drive_line(port, !port->line);
	if (!port->regs.slot.news)
		return;
	atomic_store(&port->host->has_news, true);
	owner->due(owner->opaque);
}

void hotplug_begin(struct pci_host *host, const struct hotplug_owner *owner)
{
	host->owner = owner;
	host->slot_changed = hotplug_changed;
}

void hotplug_end(struct pci_host *host)
{
	for (unsigned int i = 0; i < host->port_count; i++)
		if (host->ports[i].line)
			hotplug_drive_line(&host->ports[i], false);
}

/* With the port's lock held: a guest that sees what the message is about has it
 * pending. */
static void hotplug_send(struct pci_port *port)
{
	struct irq_msi message = {
		.requester = pci_host_requester(port->host, port->place),
	};

	if (slot_message(&port->regs, &message.address, &message.data) &&
	    irq_msi_send(port->host->owner->irq, &message))
		slot_lose_message(&port->regs);
}

/* Do @act with the port's registers, and see to what follows. */
static void hotplug_act(struct pci_host *host, unsigned int number,
			void (*act)(struct root_port *regs))
{
	struct pci_port *port = hotplug_port(host, number);

	if (!port || !port->regs.slot.is_pluggable)
		return;
	hotplug_lock(port);
	act(&port->regs);
	if (host->owner && slot_take_message(&port->regs))
		hotplug_send(port);
	hotplug_changed(port);
	hotplug_unlock(port);
}

void hotplug_hold(struct pci_host *host, unsigned int port)
{
	hotplug_act(host, port, slot_hold);
}

void hotplug_fill(struct pci_host *host, unsigned int port)
{
	hotplug_act(host, port, slot_fill);
}

void hotplug_empty(struct pci_host *host, unsigned int port)
{
	hotplug_act(host, port, slot_empty);
}

void hotplug_press(struct pci_host *host, unsigned int port)
{
	hotplug_act(host, port, slot_press);
}

struct slot_view hotplug_look(struct pci_host *host, unsigned int number)
{
	struct pci_port *port = hotplug_port(host, number);
	struct slot_view view = {0};

	if (!port)
		return view;
	hotplug_lock(port);
	view = slot_look(&port->regs);
	hotplug_unlock(port);
	return view;
}

void hotplug_turn(struct pci_host *host,
		  void (*news)(void *opaque, unsigned int port,
			       unsigned int what),
		  void *opaque)
{
	if (!atomic_exchange(&host->has_news, false))
		return;
	for (unsigned int i = 0; i < host->port_count; i++) {
		struct pci_port *port = &host->ports[i];
		unsigned int what;

		hotplug_lock(port);
		if (slot_take_message(&port->regs))
			hotplug_send(port);
		what = slot_take(&port->regs);
		hotplug_unlock(port);
		if (what)
			news(opaque, i + 1, what);
	}
}
