// SPDX-License-Identifier: MIT
// MSI: vectors from the registers of the capability.

#include "lib/pci/function.h"
#include "lib/pci/message.h"
#include "lib/pci/msi.h"
#include "lib/pci/vector.h"

static void msi_read_messages(struct lend_pci *pci)
{
	unsigned int i;

	for (i = 0; i < pci->msi_used; i++) {
		struct vector *v = &pci->msi.vector[i];
		uint64_t address;
		uint32_t data;
		bool masked;

		message_msi_get(&pci->config, i, &address, &data, &masked);
		v->live = !masked;
		/* A guest changes a message in place if there are no mask bits.
		 */
		v->changed = v->connected &&
			     (v->address != address || v->data != data);
		v->address = address;
		v->data = data;
	}
}

void msi_start(struct lend_pci *pci)
{
	pci->msi_used = message_msi_count(&pci->config);
	if (pci->msi_used > pci->msi.count)
		pci->msi_used = pci->msi.count;
	/* The kernel fixes the number of messages when it enables MSI. */
	pci->msi.room = pci->msi_used;
	msi_read_messages(pci);
	vectors_sync(pci, &pci->msi, 0, pci->msi_used);
	vectors_start(pci, &pci->msi);
}

void msi_update(struct lend_pci *pci)
{
	unsigned int used = message_msi_count(&pci->config);

	if (used > pci->msi.count)
		used = pci->msi.count;
	if (used != pci->msi_used) {
		vectors_stop(pci, &pci->msi);
		msi_start(pci);
		return;
	}
	msi_read_messages(pci);
	vectors_sync(pci, &pci->msi, 0, pci->msi_used);
}
