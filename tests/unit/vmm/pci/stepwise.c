// SPDX-License-Identifier: MIT
// A guest's driver of a hot-plug slot as Linux's pciehp, one access at a time.
#include <linux/pci_regs.h>

#include "stepwise.h"

#define CHANGES (PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_DLLSC)
#define EVENTS  (PCI_EXP_SLTSTA_ABP | CHANGES)
#define DISABLE (1u << 16) /* the driver's own request */

static void stepwise_show(struct stepwise *driver, uint16_t power)
{
	uint16_t control = driver->read(driver->opaque, PCI_EXP_SLTCTL);

	driver->write(driver->opaque, PCI_EXP_SLTCTL,
		      (uint16_t)((control & ~PCI_EXP_SLTCTL_PIC) | power));
}

void stepwise_probe(struct stepwise *driver)
{
	driver->write(driver->opaque, PCI_EXP_SLTSTA, EVENTS);
	driver->write(driver->opaque, PCI_EXP_SLTCTL,
		      PCI_EXP_SLTCTL_PWR_IND_OFF | PCI_EXP_SLTCTL_ABPE |
			      PCI_EXP_SLTCTL_DLLSCE | PCI_EXP_SLTCTL_HPIE);
}

/* In turn: reads what is pending, clears it, until there is nothing. */
bool stepwise_interrupt(struct stepwise *driver)
{
	if (!driver->in_irq && !driver->irq)
		return false;
	if (!driver->in_irq)
		driver->irq = false;
	driver->in_irq = true;
	if (driver->seen) {
		driver->write(driver->opaque, PCI_EXP_SLTSTA, driver->seen);
		driver->seen = 0;
		return true;
	}
	driver->seen = driver->read(driver->opaque, PCI_EXP_SLTSTA) & EVENTS;
	driver->gathered |= driver->seen;
	if (driver->seen)
		return true;
	driver->pending |= driver->gathered;
	driver->gathered = 0;
	driver->in_irq = false;
	return true;
}

static void stepwise_button(struct stepwise *driver)
{
	if (driver->state == SLOT_ON) {
		driver->state = SLOT_LEAVING;
		stepwise_show(driver, PCI_EXP_SLTCTL_PWR_IND_BLINK);
	} else if (driver->state == SLOT_LEAVING) {
		driver->state = SLOT_ON;
		stepwise_show(driver, PCI_EXP_SLTCTL_PWR_IND_ON);
	}
}

static bool stepwise_is_on(const struct stepwise *driver)
{
	return driver->state == SLOT_ON || driver->state == SLOT_LEAVING;
}

static void stepwise_take_events(struct stepwise *driver)
{
	uint32_t events = driver->pending;

	driver->pending = 0;
	if (events & PCI_EXP_SLTSTA_ABP)
		stepwise_button(driver);
	driver->by_surprise = !(events & DISABLE);
	if (events & (DISABLE | CHANGES) && stepwise_is_on(driver)) {
		driver->state = SLOT_CHANGING;
		driver->step = STEP_STOP;
	} else if (events & CHANGES) {
		driver->step = STEP_PRESENCE;
	}
}

static enum stepwise_step stepwise_leave(struct stepwise *driver)
{
	switch (driver->step) {
	case STEP_STOP:
		return STEP_DARK;
	case STEP_DARK:
		stepwise_show(driver, PCI_EXP_SLTCTL_PWR_IND_OFF);
		return STEP_OFF;
	default:
		driver->state = SLOT_OFF;
		if (driver->found > driver->left + driver->lost) {
			driver->left += !driver->by_surprise;
			driver->lost += driver->by_surprise;
		}
		return driver->by_surprise ? STEP_PRESENCE : STEP_IDLE;
	}
}

/* The device did not answer: the slot is off again. */
static enum stepwise_step stepwise_fail(struct stepwise *driver)
{
	stepwise_show(driver, PCI_EXP_SLTCTL_PWR_IND_OFF);
	driver->state = SLOT_OFF;
	return STEP_IDLE;
}

static bool stepwise_has(const struct stepwise *driver, unsigned int reg,
			 uint16_t bits)
{
	return driver->read(driver->opaque, reg) & bits;
}

static enum stepwise_step stepwise_look(struct stepwise *driver)
{
	if (driver->step == STEP_PRESENCE) {
		driver->is_present = stepwise_has(driver, PCI_EXP_SLTSTA,
						  PCI_EXP_SLTSTA_PDS);
		return STEP_LINK;
	}
	driver->is_present |=
		stepwise_has(driver, PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_DLLLA);
	if (!driver->is_present || driver->state != SLOT_OFF)
		return STEP_IDLE;
	driver->state = SLOT_CHANGING;
	return STEP_BLINK;
}

static enum stepwise_step stepwise_come(struct stepwise *driver)
{
	switch (driver->step) {
	case STEP_BLINK:
		stepwise_show(driver, PCI_EXP_SLTCTL_PWR_IND_BLINK);
		return STEP_SLEEP;
	case STEP_SLEEP:
		return STEP_READ;
	case STEP_READ:
		if (driver->vendor(driver->opaque) == 0xffff)
			return stepwise_fail(driver);
		driver->pending &= ~(uint32_t)CHANGES;
		return STEP_WIDTH;
	case STEP_WIDTH:
		return stepwise_has(driver, PCI_EXP_LNKSTA, PCI_EXP_LNKSTA_NLW)
			       ? STEP_LIT
			       : stepwise_fail(driver);
	case STEP_LIT:
		driver->found++;
		stepwise_show(driver, PCI_EXP_SLTCTL_PWR_IND_ON);
		return STEP_ON;
	default:
		driver->state = SLOT_ON;
		return STEP_IDLE;
	}
}

bool stepwise_thread(struct stepwise *driver)
{
	bool is_interrupted = driver->irq || driver->in_irq;

	if (driver->step == STEP_IDLE && !driver->pending)
		return false;
	if (driver->step == STEP_IDLE)
		stepwise_take_events(driver);
	else if (driver->step <= STEP_OFF)
		driver->step = stepwise_leave(driver);
	else if (driver->step <= STEP_LINK)
		driver->step = stepwise_look(driver);
	else if (driver->step != STEP_SLEEP || !is_interrupted)
		driver->step = stepwise_come(driver);
	else
		return false;
	return true;
}

bool stepwise_release(struct stepwise *driver)
{
	if (!stepwise_is_on(driver))
		return false;
	driver->pending |= DISABLE;
	return true;
}
