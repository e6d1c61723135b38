// SPDX-License-Identifier: MIT
// The slot of a root port whose device comes and goes while the guest runs.
#include <string.h>

#include <linux/pci_regs.h>

#include "arch-map.h"
#include "vmm/pci/root-port.h"
#include "vmm/pci/slot.h"

#define MSI  0x84 /* behind PCI Express */
#define CTL  (ROOT_PORT_EXP + PCI_EXP_SLTCTL)
#define STA  (ROOT_PORT_EXP + PCI_EXP_SLTSTA)
#define LINK (ROOT_PORT_EXP + PCI_EXP_LNKSTA)

#define SLOT_CAPABILITIES                                                      \
	(PCI_EXP_SLTCAP_ABP | PCI_EXP_SLTCAP_PIP | PCI_EXP_SLTCAP_HPC |        \
	 PCI_EXP_SLTCAP_HPS | PCI_EXP_SLTCAP_NCCS)
/* What there is no part for is not writable. */
#define SLOT_CONTROL                                                           \
	(PCI_EXP_SLTCTL_ABPE | PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_HPIE |     \
	 PCI_EXP_SLTCTL_PIC | PCI_EXP_SLTCTL_DLLSCE)
#define SLOT_EVENTS                                                            \
	(PCI_EXP_SLTSTA_ABP | PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC)

#define LINK_STATE                                                             \
	(PCI_EXP_LNKSTA_DLLLA | PCI_EXP_LNKSTA_CLS | PCI_EXP_LNKSTA_NLW)

static uint16_t slot_register(const struct root_port *port, unsigned int offset)
{
	return (uint16_t)root_port_read(port, offset, 2);
}

static void slot_set_register(struct root_port *port, unsigned int offset,
			      uint16_t value)
{
	memcpy(&port->value[offset], &value, sizeof(value));
}

static void slot_allow(struct root_port *port, unsigned int offset,
		       uint32_t mask, unsigned int size)
{
	memcpy(&port->writable[offset], &mask, size);
}

static void slot_set_indicator(struct root_port *port, uint16_t power)
{
	slot_set_register(
		port, CTL,
		(uint16_t)((slot_register(port, CTL) & ~PCI_EXP_SLTCTL_PIC) |
			   power));
}

void slot_init(struct root_port *port)
{
	port->slot = (struct slot){.is_pluggable = true};
	slot_set_register(port, ROOT_PORT_EXP + PCI_EXP_SLTCAP,
			  slot_register(port, ROOT_PORT_EXP + PCI_EXP_SLTCAP) |
				  (SLOT_CAPABILITIES & 0xffff));
	port->value[ROOT_PORT_EXP + PCI_EXP_SLTCAP + 2] |=
		PCI_EXP_SLTCAP_NCCS >> 16;
	slot_allow(port, CTL, SLOT_CONTROL, 2);
	slot_set_indicator(port, PCI_EXP_SLTCTL_PWR_IND_OFF);

	port->value[ROOT_PORT_EXP + PCI_CAP_LIST_NEXT] = MSI;
	port->value[MSI] = PCI_CAP_ID_MSI;
	slot_set_register(port, MSI + PCI_MSI_FLAGS, PCI_MSI_FLAGS_64BIT);
	slot_allow(port, MSI + PCI_MSI_FLAGS, PCI_MSI_FLAGS_ENABLE, 2);
	slot_allow(port, MSI + PCI_MSI_ADDRESS_LO, ~3u, 4);
	slot_allow(port, MSI + PCI_MSI_ADDRESS_HI, ~0u, 4);
	slot_allow(port, MSI + PCI_MSI_DATA_64, 0xffff, 2);

	/* A line is shared with the devices below, which have irqfds. */
	port->value[PCI_INTERRUPT_PIN] = IRQ_LEVELS_COMBINE;
	port->writable[PCI_COMMAND + 1] |= PCI_COMMAND_INTX_DISABLE >> 8;
}

/* Whether an enabled event is pending. */
static bool slot_is_pending(const struct root_port *port)
{
	uint16_t control = slot_register(port, CTL),
		 status = slot_register(port, STA);

	if (!(control & PCI_EXP_SLTCTL_HPIE))
		return false;
	return (status & PCI_EXP_SLTSTA_ABP && control & PCI_EXP_SLTCTL_ABPE) ||
	       (status & PCI_EXP_SLTSTA_PDC && control & PCI_EXP_SLTCTL_PDCE) ||
	       (status & PCI_EXP_SLTSTA_DLLSC &&
		control & PCI_EXP_SLTCTL_DLLSCE);
}

static bool slot_has_messages(const struct root_port *port)
{
	return slot_register(port, MSI + PCI_MSI_FLAGS) & PCI_MSI_FLAGS_ENABLE;
}

/* A message is sent when the first enabled event appears, and not again while
 * any of them is pending: a driver clears them until it reads none. */
static void slot_update(struct root_port *port)
{
	bool pending = slot_is_pending(port);
	bool by_message = slot_has_messages(port);

	if (pending && by_message && !port->slot.is_asserted)
		port->slot.news |= SLOT_MESSAGE;
	port->slot.is_asserted = pending && by_message;
	port->value[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	if (pending && !by_message && port->value[PCI_INTERRUPT_PIN])
		port->value[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
}

static void slot_raise(struct root_port *port, uint16_t events)
{
	slot_set_register(port, STA, slot_register(port, STA) | events);
	slot_update(port);
}

void slot_begin_full(struct root_port *port)
{
	if (!port->slot.is_driven)
		slot_set_indicator(port, PCI_EXP_SLTCTL_PWR_IND_ON);
}

void slot_hold(struct root_port *port)
{
	port->slot.is_held = true;
	port->slot.link = 0;
}

static void slot_set_present(struct root_port *port, uint16_t link,
			     uint16_t presence)
{
	slot_set_register(
		port, LINK,
		(uint16_t)((slot_register(port, LINK) & ~LINK_STATE) | link));
	slot_set_register(
		port, STA,
		(uint16_t)((slot_register(port, STA) & ~PCI_EXP_SLTSTA_PDS) |
			   presence));
}

bool slot_hide(struct root_port *port)
{
	if (!port->slot.is_held)
		return false;
	port->slot.link = slot_register(port, LINK) & LINK_STATE;
	slot_set_present(port, 0, 0);
	return true;
}

void slot_fill(struct root_port *port)
{
	if (port->slot.is_held) {
		port->slot.is_held = false;
		slot_set_present(port, port->slot.link, PCI_EXP_SLTSTA_PDS);
		slot_begin_full(port);
	}
	slot_raise(port, PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC);
}

void slot_empty(struct root_port *port)
{
	port->slot.is_held = false;
	if (!(slot_register(port, STA) & PCI_EXP_SLTSTA_PDS))
		return;
	slot_set_present(port, 0, 0);
	if (!port->slot.is_driven)
		slot_set_indicator(port, PCI_EXP_SLTCTL_PWR_IND_OFF);
	/* What the guest said of the device that has left. */
	port->slot.news &= ~(unsigned int)SLOT_RELEASED;
	slot_raise(port, PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC);
}

void slot_press(struct root_port *port)
{
	slot_raise(port, PCI_EXP_SLTSTA_ABP);
}

void slot_clear_events(struct root_port *port, unsigned int offset,
		       unsigned int size, uint32_t value)
{
	for (unsigned int i = 0; i < size; i++, value >>= 8) {
		unsigned int at = offset + i;

		if (at == STA || at == STA + 1)
			port->value[at] &= (uint8_t) ~(
				value & (SLOT_EVENTS >> 8 * (at - STA)));
	}
}

void slot_act(struct root_port *port, uint16_t before)
{
	uint16_t control = slot_register(port, CTL);
	uint16_t off = PCI_EXP_SLTCTL_PWR_IND_OFF;

	if (control != before) {
		port->slot.is_driven = true;
		port->slot.news |= SLOT_WRITTEN;
	}
	if ((control & PCI_EXP_SLTCTL_PIC) == off &&
	    (before & PCI_EXP_SLTCTL_PIC) != off &&
	    slot_register(port, STA) & PCI_EXP_SLTSTA_PDS)
		port->slot.news |= SLOT_RELEASED;
	slot_update(port);
}

uint16_t slot_control(const struct root_port *port)
{
	return slot_register(port, CTL);
}

unsigned int slot_take(struct root_port *port)
{
	unsigned int news = port->slot.news;

	port->slot.news = 0;
	return news;
}

bool slot_take_message(struct root_port *port)
{
	bool is_due = port->slot.news & SLOT_MESSAGE;

	port->slot.news &= ~(unsigned int)SLOT_MESSAGE;
	return is_due;
}

void slot_lose_message(struct root_port *port)
{
	port->slot.is_asserted = false;
}

/*
 * A driver that turns the indicator off after its device was torn out, which it
 * may do at any time later, must not find another one there: it would have
 * released that one.
 */
static bool slot_is_busy(bool is_full, bool has_driver, uint16_t power)
{
	return power == PCI_EXP_SLTCTL_PWR_IND_BLINK ||
	       (!is_full && has_driver && power == PCI_EXP_SLTCTL_PWR_IND_ON);
}

struct slot_view slot_look(const struct root_port *port)
{
	uint16_t control = slot_register(port, CTL);
	uint16_t power = control & PCI_EXP_SLTCTL_PIC;
	bool is_full = slot_register(port, STA) & PCI_EXP_SLTSTA_PDS;
	bool has_driver =
		control & PCI_EXP_SLTCTL_HPIE && control & PCI_EXP_SLTCTL_ABPE;

	return (struct slot_view){
		.is_pluggable = port->slot.is_pluggable,
		.is_full = is_full,
		.has_driver = has_driver,
		.is_busy = slot_is_busy(is_full, has_driver, power),
		.is_on = power == PCI_EXP_SLTCTL_PWR_IND_ON,
	};
}

bool slot_message(const struct root_port *port, uint64_t *address,
		  uint32_t *data)
{
	*address = root_port_read(port, MSI + PCI_MSI_ADDRESS_LO, 4) |
		   (uint64_t)root_port_read(port, MSI + PCI_MSI_ADDRESS_HI, 4)
			   << 32;
	*data = root_port_read(port, MSI + PCI_MSI_DATA_64, 2);
	return slot_has_messages(port);
}

bool slot_line(const struct root_port *port)
{
	return port->value[PCI_STATUS] & PCI_STATUS_INTERRUPT &&
	       !(slot_register(port, PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE);
}
