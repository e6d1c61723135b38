// SPDX-License-Identifier: MIT
// MSI-X: the emulated table and pending bits, and vectors from them.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include <lend/irq.h>

#include "lib/base/bytes.h"
#include "lib/pci/access.h"
#include "lib/pci/function.h"
#include "lib/pci/message.h"
#include "lib/pci/msix.h"
#include "lib/pci/vector.h"

int msix_init(struct lend_pci *pci)
{
	const struct lend_irq *irq =
		lend_device_irq(pci->device, LEND_PCI_IRQ_MSIX);
	int err = vectors_init(&pci->msix, LEND_PCI_IRQ_MSIX, pci->layout.count,
			       irq->flags & LEND_IRQ_NORESIZE ? GROWTH_ANEW
							      : GROWTH_FREE);

	if (err || !pci->layout.count)
		return err;
	pci->msix_table = malloc(msix_table_size(&pci->layout));
	if (!pci->msix_table)
		return -ENOMEM;
	msix_reset(pci);
	return 0;
}

void msix_reset(struct lend_pci *pci)
{
	unsigned int i;

	if (!pci->msix_table)
		return;
	memset(pci->msix_table, 0, msix_table_size(&pci->layout));
	for (i = 0; i < pci->layout.count; i++)
		pci->msix_table[i * MSIX_ENTRY_SIZE +
				PCI_MSIX_ENTRY_VECTOR_CTRL] =
			PCI_MSIX_ENTRY_CTRL_MASKBIT;
}

/* A changed message takes effect when its vector is next unmasked: the
 * specification forbids changing an unmasked one. */
static void msix_read_entry(struct lend_pci *pci, unsigned int i)
{
	const uint8_t *entry = pci->msix_table + i * MSIX_ENTRY_SIZE;
	struct vector *v = &pci->msix.vector[i];

	v->live = !pci->msix_masked && !(entry[PCI_MSIX_ENTRY_VECTOR_CTRL] &
					 PCI_MSIX_ENTRY_CTRL_MASKBIT);
	if (v->connected)
		return;
	v->address = bytes_get(entry + PCI_MSIX_ENTRY_LOWER_ADDR, 8);
	v->data = (uint32_t)bytes_get(entry + PCI_MSIX_ENTRY_DATA, 4);
}

static void msix_sync(struct lend_pci *pci, unsigned int first,
		      unsigned int count)
{
	unsigned int i;

	for (i = first; i < first + count; i++)
		msix_read_entry(pci, i);
	vectors_sync(pci, &pci->msix, first, count);
}

void msix_start(struct lend_pci *pci)
{
	pci->msix_masked = message_msix_masked(&pci->config);
	msix_sync(pci, 0, pci->msix.count);
	/* MSI-X is enabled in the device even without a vector in use, so that
	 * it does not use INTx. */
	vectors_start(pci, &pci->msix);
}

void msix_update(struct lend_pci *pci)
{
	bool masked = message_msix_masked(&pci->config);

	if (masked == pci->msix_masked)
		return;
	pci->msix_masked = masked;
	msix_sync(pci, 0, pci->msix.count);
}

enum msix_part msix_part(const struct msix_layout *layout, unsigned int bar,
			 uint64_t offset, unsigned int *size)
{
	if (!layout->count)
		return MSIX_NEITHER;
	if (bar == layout->table_bar &&
	    access_within(offset, size, layout->table, msix_table_size(layout)))
		return MSIX_TABLE;
	if (bar == layout->pba_bar &&
	    access_within(offset, size, layout->pba, msix_pba_size(layout)))
		return MSIX_PBA;
	return MSIX_NEITHER;
}

void msix_table_read(const struct lend_pci *pci, uint64_t offset, uint8_t *data,
		     unsigned int size)
{
	memcpy(data, pci->msix_table + offset, size);
}

/* Only the mask bit of an entry's last word is implemented. */
static uint8_t msix_implemented(uint64_t offset, uint8_t byte)
{
	unsigned int at = offset % MSIX_ENTRY_SIZE;

	if (at < PCI_MSIX_ENTRY_VECTOR_CTRL)
		return byte;
	return at == PCI_MSIX_ENTRY_VECTOR_CTRL
		       ? byte & PCI_MSIX_ENTRY_CTRL_MASKBIT
		       : 0;
}

void msix_table_write(struct lend_pci *pci, uint64_t offset,
		      const uint8_t *data, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < size; i++)
		pci->msix_table[offset + i] =
			msix_implemented(offset + i, data[i]);
	/* An access that extends into the next entry changes its address, which
	 * has no immediate effect. */
	if (pci->mode == INTERRUPT_MSIX)
		msix_sync(pci, (unsigned int)(offset / MSIX_ENTRY_SIZE), 1);
}

void msix_pba_read(struct lend_pci *pci, uint64_t offset, uint8_t *data,
		   unsigned int size)
{
	unsigned int i;
	uint64_t bits;

	bits = vectors_pending(pci, &pci->msix, (unsigned int)offset * 8,
			       size * 8);
	for (i = 0; i < size; i++)
		data[i] = (uint8_t)(bits >> i * 8);
}
