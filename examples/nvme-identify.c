// SPDX-License-Identifier: MIT
// Reads an NVMe controller's identity with one command on its admin queue, DMA
// and an interrupt.

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "nvme.h"

#define IDENTIFY_CONTROLLER 1

struct identity {
	uint16_t vendor;
	uint16_t subsystem_vendor;
	char serial[20];
	char model[40];
	char firmware[8];
};
_Static_assert(sizeof(struct identity) == 72, "section 5.15.2.2");

/* A device's text is padded with blanks, and may contain any byte. */
static void identity_print_text(const char *name, const char *text, size_t size)
{
	while (size && text[size - 1] == ' ')
		size--;
	printf("%s: ", name);
	for (size_t i = 0; i < size; i++)
		putchar(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	putchar('\n');
}

static void identity_print(const struct nvme *nvme)
{
	struct identity identity;

	memcpy(&identity, lend_dma_vaddr(nvme->answer), sizeof(identity));
	printf("identity, by %s\n",
	       irq_index_word(lend_vectors_index(nvme->vectors)));
	printf("vendor: %04x\n", le16toh(identity.vendor));
	identity_print_text("serial", identity.serial, sizeof(identity.serial));
	identity_print_text("model", identity.model, sizeof(identity.model));
	identity_print_text("firmware", identity.firmware,
			    sizeof(identity.firmware));
}

int main(int argc, char **argv)
{
	struct nvme nvme;
	int err;

	if (argc != 2 && argc != 3) {
		fprintf(stderr,
			"usage: nvme-identify DEVICE [msix|msi|intx]\n");
		return 2;
	}
	err = nvme_open(&nvme, argv[1],
			irq_index_of(argc == 3 ? argv[2] : NULL), 1);
	if (!err)
		err = nvme_identify(&nvme, IDENTIFY_CONTROLLER, 0);
	if (!err)
		identity_print(&nvme);
	if (nvme_close(&nvme))
		err = 1;
	return err ? 1 : 0;
}
