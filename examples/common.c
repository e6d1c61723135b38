// SPDX-License-Identifier: MIT
// Shared by the examples: a device opened by name, errors printed, arguments
// read.

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common.h"

#define WAIT_MS 60000

static const char *const irq_words[] = {
	[LEND_PCI_IRQ_INTX] = "intx",
	[LEND_PCI_IRQ_MSI] = "msi",
	[LEND_PCI_IRQ_MSIX] = "msix",
};

int session_fail(const struct session *session, int err)
{
	char text[LEND_ERROR_TEXT];

	lend_error_format(lend_ctx_error(session->ctx), text, sizeof(text));
	fprintf(stderr, "%s\n", text);
	return err;
}

int print_errno(const char *what, int err)
{
	fprintf(stderr, "%s: %s\n", what, strerror(-err));
	return err;
}

int session_open(struct session *session, const char *text)
{
	int err;

	*session = (struct session){0};
	err = lend_ctx_new(NULL, &session->ctx);
	if (err)
		return print_errno("cannot make a context", err);
	err = lend_address_find(session->ctx, text, &session->address);
	if (!err)
		err = lend_iommu_new(session->ctx, NULL, &session->iommu);
	if (!err)
		err = lend_device_open(session->iommu, session->address, NULL,
				       &session->device);
	return err ? session_fail(session, err) : 0;
}

void session_close(struct session *session)
{
	lend_device_unref(session->device);
	lend_iommu_unref(session->iommu);
	lend_address_unref(session->address);
	lend_ctx_unref(session->ctx);
}

unsigned int irq_index_of(const char *word)
{
	for (unsigned int i = 0; word && i <= LEND_PCI_IRQ_MSIX; i++)
		if (!strcmp(word, irq_words[i]))
			return i;
	return LEND_VECTORS_ANY;
}

const char *irq_index_word(unsigned int index)
{
	return index <= LEND_PCI_IRQ_MSIX ? irq_words[index] : "platform";
}

int irq_await(struct lend_vectors *vectors, unsigned int vector)
{
	int count = lend_vectors_wait(vectors, vector, WAIT_MS);

	if (count < 0)
		return print_errno("cannot wait for an interrupt", count);
	return count ? 0 : print_errno("no interrupt came", -ETIMEDOUT);
}
