// SPDX-License-Identifier: MIT
// Resets the device, by the best method available, and the guest's view of it.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include <lend/region.h>
#include <lend/reset.h>

#include "lib/base/bytes.h"
#include "lib/base/context.h"
#include "lib/device/reset.h"
#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/pci/decode.h"
#include "lib/pci/function.h"
#include "lib/pci/interrupt.h"
#include "lib/pci/msix.h"
#include "lib/pci/pci.h"
#include "lib/pci/quirk/quirk.h"
#include "lib/pci/reset.h"
#include "lib/pci/rom.h"

static int reset_write_config(struct lend_pci *pci, unsigned int offset,
			      uint16_t value)
{
	uint8_t bytes[2];

	bytes_put(bytes, sizeof(bytes), value);
	return lend_region_write(pci->device, LEND_PCI_REGION_CONFIG, offset,
				 bytes, sizeof(bytes));
}

void reset_quiet(struct lend_pci *pci)
{
	int err = reset_write_config(pci, PCI_COMMAND, 0);

	if (err)
		pci_warn_once(pci, &pci->quiet_warned, err,
			      "cannot disable bus mastering");
}

void reset_stop_locked(struct lend_pci *pci)
{
	unsigned int pm = pci->config.pm;
	bool asleep = pm && config_value(&pci->config, pm + PCI_PM_CTRL, 1) & 3;
	unsigned int i;

	interrupt_stop(pci);
	memcpy(pci->config.value, pci->initial, sizeof(pci->initial));
	for (i = 0; i < BAR_COUNT; i++)
		bar_written(&pci->bars[i], &pci->config, 0, 0);
	decode_withdraw(pci);
	msix_reset(pci);
	rom_reset(&pci->rom);
	memset(&pci->quirks.state, 0, sizeof(pci->quirks.state));

	reset_quiet(pci);
	if (asleep)
		reset_write_config(pci, pm + PCI_PM_CTRL,
				   (uint16_t)config_value(&pci->config,
							  pm + PCI_PM_CTRL, 2));
}

/* An interrupt of the device's last user: some drivers stop the guest's kernel
 * by it, and nothing else in the guest's log explains that. */
static void reset_find_pending(struct lend_pci *pci, const uint8_t *image)
{
	if (lend_device_can_reset(pci->device) || !image[PCI_INTERRUPT_PIN] ||
	    !(image[PCI_STATUS] & PCI_STATUS_INTERRUPT))
		return;
	pci_warn_once(pci, &pci->pending_warned, 0,
		      "INTx is pending, and the device cannot be reset: the "
		      "guest's driver receives the interrupt at once");
}

void reset_probe(struct lend_pci *pci, const uint8_t *image)
{
	const struct config *c = &pci->config;
	uint8_t af = PCI_AF_CAP_TP | PCI_AF_CAP_FLR;
	bool by_flr, is_known;

	reset_find_pending(pci, image);
	if (!c->pm || image[c->pm + PCI_PM_CTRL] & PCI_PM_CTRL_NO_SOFT_RESET)
		return;
	by_flr = (c->exp && bytes_get(image + c->exp + PCI_EXP_DEVCAP, 4) &
				    PCI_EXP_DEVCAP_FLR) ||
		 (c->af && (image[c->af + PCI_AF_CAP] & af) == af);
	/*
	 * The kernel's list of methods, which an administrator can change, is
	 * more reliable than the device's capabilities. It is read now: when
	 * the guest requests a reset, no file can be opened any more.
	 */
	pci->resets_by_power = reset_is_by_power(pci->device, &is_known);
	if (!is_known)
		pci->resets_by_power = !by_flr;
}

bool reset_is_full(const struct lend_pci *pci)
{
	return lend_device_can_reset(pci->device) && !pci->resets_by_power;
}

/* The last failure in one line, with the users that prevent a hot reset. */
static void describe_failure(const struct lend_pci *pci, char *text,
			     size_t size)
{
	const struct lend_error *e = lend_ctx_error(pci->ctx);

	snprintf(text, size, "%s%s%s", e->what, e->evidence[0] ? ": " : "",
		 e->evidence);
	for (char *at = strchr(text, '\n'); at; at = strchr(at, '\n'))
		*at = ';';
}

static int reset_log_method(const struct lend_pci *pci, const char *way)
{
	lend_log(pci->ctx, LEND_LOG_DEBUG, "%s: reset %s", lend_pci_name(pci),
		 way);
	return 0;
}

int reset_fully(struct lend_pci *pci)
{
	int err = lend_device_reset(pci->device);

	return err ? err : reset_log_method(pci, "by itself");
}

int reset_device(struct lend_pci *pci, const struct reset_set *set,
		 bool is_full)
{
	struct error_record failed;
	int err = -ENOTSUP;
	char why[400];

	if (!lend_device_can_reset(pci->device) && !quirks_reset_device(pci))
		return reset_log_method(pci, "by a quirk");
	if (is_full) {
		err = reset_fully(pci);
		if (!err)
			return 0;
		error_save(pci->ctx, &failed);
	}
	if (!hot_reset_set(pci->device, set))
		return reset_log_method(pci, "with its slot or bus");
	describe_failure(pci, why, sizeof(why));
	if (is_full) {
		error_reinstate(pci->ctx, &failed);
		return err;
	}
	if (!lend_device_can_reset(pci->device)) {
		pci_warn_once(pci, &pci->reset_warned, 0,
			      "cannot be reset: bus mastering is disabled, "
			      "other state is kept: %s",
			      why);
		return 0;
	}
	lend_log(pci->ctx, LEND_LOG_DEBUG, "%s: %s", lend_pci_name(pci), why);
	err = lend_device_reset(pci->device);
	return err ? err : reset_log_method(pci, "by its power state");
}

/* A reset requested by the guest affects this function alone. */
void reset_own_locked(struct lend_pci *pci)
{
	int err;

	/* Stop it first: the kernel preserves the command register over a
	 * reset. */
	reset_stop_locked(pci);
	err = device_reset(pci->device);
	if (err)
		pci_warn_once(pci, &pci->reset_warned, err,
			      "reset requested by the guest failed");
}

void lend_pci_stop(struct lend_pci *pci)
{
	pthread_mutex_lock(&pci->lock);
	reset_stop_locked(pci);
	pthread_mutex_unlock(&pci->lock);
}

int lend_pci_reset(struct lend_pci *pci)
{
	bool reached;
	const struct reset_set set = {&pci->device, 1, &reached};
	int err;

	pthread_mutex_lock(&pci->lock);
	reset_stop_locked(pci);
	err = reset_device(pci, &set, reset_is_full(pci));
	pthread_mutex_unlock(&pci->lock);
	return err;
}
