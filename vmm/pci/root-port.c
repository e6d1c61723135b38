// SPDX-License-Identifier: MIT
// Configuration space of an emulated PCI Express root port.
#include <stdbool.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "vmm/pci/function.h"
#include "vmm/pci/root-port.h"

#define PM  0x40
#define EXP ROOT_PORT_EXP
#define ACS 0x100

#define CAPABILITIES_MAX 48 /* in 256 bytes, each at least four */

#define VERSION_2   2
#define SLOT_NUMBER 19 /* its lowest bit in the slot capabilities */
#define PORT_NUMBER 24 /* its lowest bit in the link capabilities */
#define ACS_ALL     (PCI_ACS_SV | PCI_ACS_TB | PCI_ACS_RR | PCI_ACS_CR | PCI_ACS_UF)

/*
 * All fields that are nonzero or writable. Red Hat reserves these IDs for a
 * generic root port, so no kernel applies quirks.
 */
static const struct field {
	uint16_t offset;
	uint8_t size;
	uint32_t value;
	uint32_t writable;
} fields[] = {
	{PCI_VENDOR_ID, 4, 0x000c1b36, 0},
	{PCI_COMMAND, 2, 0,
	 PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
		 PCI_COMMAND_PARITY | PCI_COMMAND_SERR},
	{PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0},
	{PCI_CLASS_REVISION, 4, 0x06040000, 0}, /* PCI-to-PCI bridge */
	{PCI_CACHE_LINE_SIZE, 1, 0, 0xff},
	{PCI_HEADER_TYPE, 1, PCI_HEADER_TYPE_BRIDGE, 0},
	{PCI_PRIMARY_BUS, 4, 0, 0x00ffffff},
	/* Base above limit: the window is disabled. */
	{PCI_IO_BASE, 2, 0x00f0, 0xf0f0},
	{PCI_MEMORY_BASE, 4, 0x0000fff0, 0xfff0fff0},
	{PCI_PREF_MEMORY_BASE, 4,
	 PCI_PREF_RANGE_TYPE_64 << 16 | 0xfff0 | PCI_PREF_RANGE_TYPE_64,
	 0xfff0fff0},
	{PCI_PREF_BASE_UPPER32, 4, 0, 0xffffffff},
	{PCI_PREF_LIMIT_UPPER32, 4, 0, 0xffffffff},
	{PCI_CAPABILITY_LIST, 1, PM, 0},
	{PCI_INTERRUPT_LINE, 1, 0, 0xff},
	{PCI_BRIDGE_CONTROL, 2, 0,
	 PCI_BRIDGE_CTL_PARITY | PCI_BRIDGE_CTL_SERR | PCI_BRIDGE_CTL_ISA |
		 PCI_BRIDGE_CTL_VGA | 0x10 /* 16-bit VGA decode */ |
		 PCI_BRIDGE_CTL_BUS_RESET},

	/* Required of every PCI Express function; no power is saved. */
	{PM, 4, EXP << 8 | PCI_CAP_ID_PM | 3u << 16, 0},
	{PM + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET,
	 PCI_PM_CTRL_STATE_MASK},

	{EXP, 4,
	 PCI_CAP_ID_EXP | VERSION_2 << 16 | PCI_EXP_TYPE_ROOT_PORT << 20 |
		 PCI_EXP_FLAGS_SLOT << 16,
	 0},
	{EXP + PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_RBER, 0},
	{EXP + PCI_EXP_DEVCTL, 2, 0,
	 PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE |
		 PCI_EXP_DEVCTL_URRE | PCI_EXP_DEVCTL_PAYLOAD |
		 PCI_EXP_DEVCTL_READRQ},
	{EXP + PCI_EXP_LNKCAP, 4,
	 PCI_EXP_LNKCAP_DLLLARC | PCI_EXP_LNKCAP_SLS_2_5GB | 1 << 4, 0},
	/* Link disable and retrain are ignored: the host owns the link. */
	{EXP + PCI_EXP_LNKCTL, 2, 0,
	 PCI_EXP_LNKCTL_ASPMC | PCI_EXP_LNKCTL_CCC | PCI_EXP_LNKCTL_ES},
	{EXP + PCI_EXP_RTCTL, 2, 0,
	 PCI_EXP_RTCTL_SECEE | PCI_EXP_RTCTL_SENFEE | PCI_EXP_RTCTL_SEFEE |
		 PCI_EXP_RTCTL_PMEIE},
	{EXP + PCI_EXP_LNKCAP2, 4, PCI_EXP_LNKCAP2_SLS_2_5GB, 0},
	{EXP + PCI_EXP_LNKCTL2, 2, PCI_EXP_LNKCTL2_TLS_2_5GT,
	 PCI_EXP_LNKCTL2_TLS},

	/* Peer-to-peer DMA goes through the host's IOMMU, if at all. */
	{ACS, 4, PCI_EXT_CAP_ID_ACS | 1 << 16, 0},
	{ACS + PCI_ACS_CAP, 2, ACS_ALL, 0},
	{ACS + PCI_ACS_CTRL, 2, 0, ACS_ALL},
};

static void register_set(struct root_port *port, unsigned int offset,
			 unsigned int size, uint32_t value)
{
	memcpy(&port->value[offset], &value, size);
}

void root_port_init(struct root_port *port, unsigned int number,
		    unsigned int link, bool pluggable)
{
	memset(port, 0, sizeof(*port));
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		const struct field *f = &fields[i];

		register_set(port, f->offset, f->size, f->value);
		memcpy(&port->writable[f->offset], &f->writable, f->size);
	}
	register_set(port, EXP + PCI_EXP_SLTCAP, 4, number << SLOT_NUMBER);
	port->value[EXP + PCI_EXP_LNKCAP + PORT_NUMBER / 8] = (uint8_t)link;
	if (pluggable)
		slot_init(port);
}

uint32_t root_port_read(const struct root_port *port, unsigned int offset,
			unsigned int size)
{
	uint32_t value = 0;

	if (offset + size <= ROOT_PORT_CONFIG)
		memcpy(&value, &port->value[offset], size);
	return value;
}

unsigned int root_port_write(struct root_port *port, unsigned int offset,
			     unsigned int size, uint32_t value)
{
	bool was_reset =
		port->value[PCI_BRIDGE_CONTROL] & PCI_BRIDGE_CTL_BUS_RESET;
	uint16_t control = slot_control(port);
	unsigned int done = 0;

	if (offset + size > ROOT_PORT_CONFIG)
		return 0;
	if (port->slot.is_pluggable)
		slot_clear_events(port, offset, size, value);
	for (unsigned int i = 0; i < size; i++, value >>= 8) {
		uint8_t mask = port->writable[offset + i];
		uint8_t *byte = &port->value[offset + i];

		*byte = (uint8_t)((*byte & ~mask) | (value & mask));
	}
	if (offset <= PCI_SUBORDINATE_BUS && offset + size > PCI_SECONDARY_BUS)
		done |= ROOT_PORT_BUSES;
	if (!was_reset &&
	    (port->value[PCI_BRIDGE_CONTROL] & PCI_BRIDGE_CTL_BUS_RESET))
		done |= ROOT_PORT_RESET;
	if (port->slot.is_pluggable) {
		slot_act(port, control);
		done |= ROOT_PORT_SLOT;
	}
	return done;
}

uint8_t root_port_secondary(const struct root_port *port)
{
	return port->value[PCI_SECONDARY_BUS];
}

uint8_t root_port_subordinate(const struct root_port *port)
{
	return port->value[PCI_SUBORDINATE_BUS];
}

/* Offset of the function's PCI Express capability, or 0. */
static unsigned int find_express(const struct pci_function_ops *ops,
				 void *opaque)
{
	unsigned int at;

	if (!(ops->config_read(opaque, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST))
		return 0;
	at = ops->config_read(opaque, PCI_CAPABILITY_LIST, 1) & 0xfc;
	for (unsigned int i = 0; at && i < CAPABILITIES_MAX; i++) {
		uint32_t header = ops->config_read(opaque, at, 2);

		if ((header & 0xff) == PCI_CAP_ID_EXP)
			return at <= 0x100 - PCI_EXP_SLTCAP ? at : 0;
		at = header >> 8 & 0xfc;
	}
	return 0;
}

/* Give the port's end of the link the values of the function's, at @at. */
static void copy_link(struct root_port *port, uint32_t capabilities,
		      uint32_t status)
{
	uint32_t speed = capabilities & PCI_EXP_LNKCAP_SLS;
	uint32_t kept = ~(uint32_t)(PCI_EXP_LNKCAP_SLS | PCI_EXP_LNKCAP_MLW);

	if (!speed || speed > 7 || !(capabilities & PCI_EXP_LNKCAP_MLW))
		return;
	register_set(port, EXP + PCI_EXP_LNKCAP, 4,
		     (root_port_read(port, EXP + PCI_EXP_LNKCAP, 4) & kept) |
			     (capabilities & ~kept));
	register_set(port, EXP + PCI_EXP_LNKCAP2, 4, (2u << speed) - 2);
	register_set(port, EXP + PCI_EXP_LNKCTL2, 2, speed);
	status &= PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW;
	/* A virtual function need not have a status, and a driver rejects a
	 * link that has no width. Both registers have the same layout. */
	if (!(status & PCI_EXP_LNKSTA_CLS) || !(status & PCI_EXP_LNKSTA_NLW))
		status = capabilities & ~kept;
	register_set(port, EXP + PCI_EXP_LNKSTA, 2,
		     status | PCI_EXP_LNKSTA_DLLLA);
}

static void root_port_follow(struct root_port *port,
			     const struct pci_function_ops *ops, void *opaque)
{
	unsigned int at = find_express(ops, opaque);
	uint32_t payload;

	register_set(port, EXP + PCI_EXP_SLTSTA, 2,
		     root_port_read(port, EXP + PCI_EXP_SLTSTA, 2) |
			     PCI_EXP_SLTSTA_PDS);
	register_set(port, EXP + PCI_EXP_LNKSTA, 2,
		     PCI_EXP_LNKSTA_DLLLA | PCI_EXP_LNKSTA_CLS_2_5GB |
			     PCI_EXP_LNKSTA_NLW_X1);
	if (!at)
		return;
	copy_link(port, ops->config_read(opaque, at + PCI_EXP_LNKCAP, 4),
		  ops->config_read(opaque, at + PCI_EXP_LNKSTA, 2));
	/* Both ends must agree, and not every device's value is writable. */
	payload = ops->config_read(opaque, at + PCI_EXP_DEVCTL, 2);
	register_set(port, EXP + PCI_EXP_DEVCTL, 2,
		     payload & PCI_EXP_DEVCTL_PAYLOAD);
	payload = ops->config_read(opaque, at + PCI_EXP_DEVCAP, 4);
	register_set(port, EXP + PCI_EXP_DEVCAP, 4,
		     PCI_EXP_DEVCAP_RBER | (payload & PCI_EXP_DEVCAP_PAYLOAD));
}

void root_port_plug(struct root_port *port, const struct pci_function_ops *ops,
		    void *opaque)
{
	root_port_follow(port, ops, opaque);
	if (port->slot.is_pluggable && !slot_hide(port))
		slot_begin_full(port);
}
