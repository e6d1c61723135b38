// SPDX-License-Identifier: MIT
// A guest's driver of hot-plug slots, as Linux's pciehp behaves.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <linux/pci_regs.h>

#include "pciehp.h"

#define EVENTS                                                                 \
	(PCI_EXP_SLTSTA_ABP | PCI_EXP_SLTSTA_PFD | PCI_EXP_SLTSTA_MRLSC |      \
	 PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_CC | PCI_EXP_SLTSTA_DLLSC)
#define ROUNDS 8 /* events that never end are a fault of the port */

static uint32_t pciehp_get(struct pciehp *driver, unsigned int reg,
			   unsigned int size)
{
	return driver->read(driver->opaque, driver->exp + reg, size);
}

static void pciehp_put(struct pciehp *driver, unsigned int reg, uint32_t value)
{
	driver->write(driver->opaque, driver->exp + reg, 2, value);
}

unsigned int pciehp_find(struct pciehp *driver, unsigned int id)
{
	unsigned int at = driver->read(driver->opaque, PCI_CAPABILITY_LIST, 1);

	for (unsigned int i = 0; at && i < 48; i++) {
		if (driver->read(driver->opaque, at, 1) == id)
			return at;
		at = driver->read(driver->opaque, at + 1, 1);
	}
	fail_msg("no capability %#x", id);
	return 0;
}

static void pciehp_show_power(struct pciehp *driver, uint32_t power)
{
	uint32_t control = pciehp_get(driver, PCI_EXP_SLTCTL, 2);

	pciehp_put(driver, PCI_EXP_SLTCTL,
		   (control & ~(uint32_t)PCI_EXP_SLTCTL_PIC) | power);
}

bool pciehp_is_present(struct pciehp *driver)
{
	return pciehp_get(driver, PCI_EXP_SLTSTA, 2) & PCI_EXP_SLTSTA_PDS ||
	       pciehp_get(driver, PCI_EXP_LNKSTA, 2) & PCI_EXP_LNKSTA_DLLLA;
}

static bool pciehp_has_link(struct pciehp *driver)
{
	uint32_t link = pciehp_get(driver, PCI_EXP_LNKSTA, 2);

	return link & PCI_EXP_LNKSTA_DLLLA && link & PCI_EXP_LNKSTA_NLW &&
	       link & PCI_EXP_LNKSTA_CLS && !(link & PCI_EXP_LNKSTA_LT);
}

static void pciehp_enable(struct pciehp *driver)
{
	pciehp_show_power(driver, PCI_EXP_SLTCTL_PWR_IND_BLINK);
	if (!pciehp_has_link(driver) || driver->probe_fails) {
		pciehp_show_power(driver, PCI_EXP_SLTCTL_PWR_IND_OFF);
		return;
	}
	driver->found++;
	driver->state = PCIEHP_ON;
	pciehp_show_power(driver, PCI_EXP_SLTCTL_PWR_IND_ON);
}

static void pciehp_disable(struct pciehp *driver, unsigned int *count)
{
	(*count)++;
	driver->state = PCIEHP_OFF;
	pciehp_show_power(driver, PCI_EXP_SLTCTL_PWR_IND_OFF);
}

static void pciehp_enable_messages(struct pciehp *driver)
{
	unsigned int at = pciehp_find(driver, PCI_CAP_ID_MSI);
	uint32_t flags = driver->read(driver->opaque, at + PCI_MSI_FLAGS, 2);

	assert_true(flags & PCI_MSI_FLAGS_64BIT);
	assert_int_equal(flags & PCI_MSI_FLAGS_QMASK, 0);
	driver->write(driver->opaque, at + PCI_MSI_ADDRESS_LO, 4,
		      (uint32_t)PCIEHP_MESSAGE_ADDRESS);
	driver->write(driver->opaque, at + PCI_MSI_ADDRESS_HI, 4,
		      PCIEHP_MESSAGE_ADDRESS >> 32);
	driver->write(driver->opaque, at + PCI_MSI_DATA_64, 2,
		      PCIEHP_MESSAGE_DATA);
	driver->write(driver->opaque, at + PCI_MSI_FLAGS, 2,
		      flags | PCI_MSI_FLAGS_ENABLE);
}

void pciehp_probe(struct pciehp *driver)
{
	uint32_t caps;

	driver->exp = pciehp_find(driver, PCI_CAP_ID_EXP);
	caps = pciehp_get(driver, PCI_EXP_SLTCAP, 4);
	assert_true(pciehp_get(driver, PCI_EXP_FLAGS, 2) & PCI_EXP_FLAGS_SLOT);
	assert_true(caps & PCI_EXP_SLTCAP_HPC && caps & PCI_EXP_SLTCAP_ABP);
	if (!driver->no_messages)
		pciehp_enable_messages(driver);
	pciehp_put(driver, PCI_EXP_SLTSTA, EVENTS);
	driver->state = pciehp_is_present(driver) ? PCIEHP_ON : PCIEHP_OFF;
	pciehp_put(driver, PCI_EXP_SLTCTL,
		   pciehp_get(driver, PCI_EXP_SLTCTL, 2) | PCI_EXP_SLTCTL_ABPE |
			   PCI_EXP_SLTCTL_DLLSCE | PCI_EXP_SLTCTL_HPIE);
}

static void pciehp_take_button(struct pciehp *driver)
{
	if (driver->state == PCIEHP_ON) {
		driver->state = PCIEHP_LEAVING;
		pciehp_show_power(driver, PCI_EXP_SLTCTL_PWR_IND_BLINK);
	} else if (driver->state == PCIEHP_LEAVING) {
		driver->state = PCIEHP_ON;
		pciehp_show_power(driver, PCI_EXP_SLTCTL_PWR_IND_ON);
	}
}

/* A change of a slot that is on means that its device has gone, even if there
 * is one again. */
static void pciehp_take_change(struct pciehp *driver)
{
	if (driver->state != PCIEHP_OFF)
		pciehp_disable(driver, &driver->lost);
	if (pciehp_is_present(driver))
		pciehp_enable(driver);
}

void pciehp_interrupt(struct pciehp *driver)
{
	uint32_t events = 0, more;
	unsigned int rounds = 0;

	while ((more = pciehp_get(driver, PCI_EXP_SLTSTA, 2) & EVENTS) != 0) {
		pciehp_put(driver, PCI_EXP_SLTSTA, more);
		events |= more;
		assert_true(++rounds < ROUNDS);
	}
	driver->calls += events != 0;
	if (events & PCI_EXP_SLTSTA_ABP)
		pciehp_take_button(driver);
	if (events & (PCI_EXP_SLTSTA_DLLSC | PCI_EXP_SLTSTA_PDC))
		pciehp_take_change(driver);
}

void pciehp_wait(struct pciehp *driver)
{
	if (driver->state == PCIEHP_LEAVING)
		pciehp_disable(driver, &driver->left);
}
