// SPDX-License-Identifier: MIT
// Reset: the device and the guest's view of it as they were at first.

#include <string.h>

#include <linux/pci_regs.h>

#include "bytes.h"
#include "pci.h"

static int tell_device(struct lend_pci *pci, unsigned int offset,
		       uint16_t value)
{
	uint8_t bytes[2];

	bytes_put(bytes, sizeof(bytes), value);
	return lend_region_write(pci->device, LEND_PCI_REGION_CONFIG, offset,
				 bytes, sizeof(bytes));
}

void reset_quiet(struct lend_pci *pci)
{
	int error = tell_device(pci, PCI_COMMAND, 0);

	if (error)
		pci_warn_once(pci, &pci->quiet_told, error,
			      "bus mastering cannot be switched off");
}

void stop_locked(struct lend_pci *pci)
{
	unsigned int pm = pci->config.pm;
	bool asleep = pm && config_get(&pci->config, pm + PCI_PM_CTRL, 1) & 3;
	unsigned int i;

	interrupt_stop(pci);
	memcpy(pci->config.value, pci->initial, sizeof(pci->initial));
	for (i = 0; i < BAR_COUNT; i++)
		bar_written(&pci->bars[i], &pci->config, 0, 0);
	decode_withdraw(pci);
	msix_reset(pci);
	rom_reset(&pci->rom);

	reset_quiet(pci);
	if (asleep)
		tell_device(pci, pm + PCI_PM_CTRL,
			    (uint16_t)config_get(&pci->config, pm + PCI_PM_CTRL,
						 2));
}

int reset_locked(struct lend_pci *pci)
{
	/* Quiet first: the kernel keeps the command register over a reset. */
	stop_locked(pci);
	if (lend_device_can_reset(pci->device))
		return lend_device_reset(pci->device);
	pci_warn_once(pci, &pci->reset_told, 0,
		      "has no reset; bus mastering is off, its state is kept");
	return 0;
}

void lend_pci_stop(struct lend_pci *pci)
{
	pthread_mutex_lock(&pci->lock);
	stop_locked(pci);
	pthread_mutex_unlock(&pci->lock);
}

int lend_pci_reset(struct lend_pci *pci)
{
	int error;

	pthread_mutex_lock(&pci->lock);
	error = reset_locked(pci);
	pthread_mutex_unlock(&pci->lock);
	return error;
}
