// SPDX-License-Identifier: MIT
// A PCI function as a guest would see it, read from sysfs: the view that VFIO's
// configuration space would give.

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/pci_regs.h>

#include <lend/attribute.h>
#include <lend/pci_irq.h>
#include <lend/preview.h>

#include "lib/address/address.h"
#include "lib/base/bytes.h"
#include "lib/base/capability-walk.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/pci/function.h"
#include "lib/pci/message.h"
#include "lib/pci/quirk/quirk.h"
#include "lib/pci/view.h"

/* Flags in "resource", from linux/ioport.h, which is not exported. */
#define RESOURCE_IO       0x00000100u
#define RESOURCE_MEMORY   0x00000200u
#define RESOURCE_PREFETCH 0x00002000u
#define RESOURCE_64       0x00100000u

enum { RESOURCE_TEXT = 4096 };

struct lend_pci_preview {
	struct lend_pci pci; /* its device is NULL */
	const struct lend_pci_quirk *quirks[QUIRKS_LISTED];
	unsigned int quirk_count;
	bool is_whole; /* all of its configuration space was read */
};

struct preview_source {
	uint8_t image[CONFIG_SIZE];
	uint64_t sizes[BAR_COUNT];
	size_t size; /* bytes of the image that were read */
};

/* VFIO shows the flags of the kernel's resource: a virtual function has none of
 * its own, and those of legacy ports are wrong. */
static void preview_read_bar(struct preview_source *source, unsigned int bar,
			     const char *line)
{
	uint64_t first, last, flags;
	uint32_t value = 0;

	if (sscanf(line, "%" SCNx64 " %" SCNx64 " %" SCNx64, &first, &last,
		   &flags) != 3 ||
	    !(flags & (RESOURCE_IO | RESOURCE_MEMORY)) || last < first ||
	    last - first == UINT64_MAX)
		return;
	source->sizes[bar] = last - first + 1;
	if (bar == LEND_PCI_BAR_ROM)
		return;
	if (flags & RESOURCE_IO)
		value = PCI_BASE_ADDRESS_SPACE_IO;
	else if (flags & RESOURCE_64)
		value = PCI_BASE_ADDRESS_MEM_TYPE_64;
	if (!(flags & RESOURCE_IO) && flags & RESOURCE_PREFETCH)
		value |= PCI_BASE_ADDRESS_MEM_PREFETCH;
	bytes_put(source->image + PCI_BASE_ADDRESS_0 + bar * 4, 4, value);
}

/* Its own IDs read as if it were absent; sysfs has those that the kernel uses.
 */
static void preview_fix_ids(const struct lend_address *address,
			    uint8_t image[CONFIG_SIZE])
{
	char vendor[16], device[16];

	if (lend_attribute_read(address, "vendor", vendor, sizeof(vendor)) <=
		    0 ||
	    lend_attribute_read(address, "device", device, sizeof(device)) <= 0)
		return;
	bytes_put(image + PCI_VENDOR_ID, 2, strtoul(vendor, NULL, 16));
	bytes_put(image + PCI_DEVICE_ID, 2, strtoul(device, NULL, 16));
	image[PCI_INTERRUPT_PIN] = 0;
}

static int preview_read(const struct lend_address *address, bool is_virtual,
			struct preview_source *source)
{
	char text[RESOURCE_TEXT], *rest = text, *line;
	int count = lend_attribute_bytes(address, "config", source->image,
					 sizeof(source->image));

	if (count == -ETIMEDOUT)
		return count;
	if (count < PCI_STD_HEADER_SIZEOF ||
	    lend_attribute_read(address, "resource", text, sizeof(text)) <= 0)
		return -ENODATA;
	source->size = (size_t)count;
	if (is_virtual)
		preview_fix_ids(address, source->image);
	for (unsigned int i = 0;
	     i < BAR_COUNT && (line = procfs_next_line(&rest)); i++)
		preview_read_bar(source, i, line);
	return 0;
}

/* As the kernel counts them. */
static void preview_count_interrupts(const struct preview_source *source,
				     struct config_source *view)
{
	const uint8_t *image = source->image;
	unsigned int msi, msix;

	view->intx_count = image[PCI_INTERRUPT_PIN] != 0;
	if (source->size < CONFIG_STD_SIZE)
		return;
	msi = capabilities_find(image, PCI_CAP_ID_MSI);
	msix = capabilities_find(image, PCI_CAP_ID_MSIX);
	if (msi && msi + PCI_MSI_FLAGS + 2 <= CONFIG_STD_SIZE)
		view->msi_count =
			1u << ((bytes_get(image + msi + PCI_MSI_FLAGS, 2) &
				PCI_MSI_FLAGS_QMASK) >>
			       1);
	if (msix && msix + PCI_CAP_MSIX_SIZEOF <= CONFIG_STD_SIZE)
		view->msix_count =
			(bytes_get(image + msix + PCI_MSIX_FLAGS, 2) &
			 PCI_MSIX_FLAGS_QSIZE) +
			1;
}

static int preview_explain(const struct lend_address *address, int err)
{
	struct lend_ctx *ctx = address->ctx;

	if (err != -ETIMEDOUT)
		return error_system(ctx, -err, address->name,
				    "read its configuration space and "
				    "resources in sysfs");
	lend_error_set(ctx, LEND_ERROR_DEVICE, ETIMEDOUT, address->name,
		       "it does not answer: its configuration space was not "
		       "read within %d s",
		       ATTRIBUTE_SECONDS);
	lend_error_evidence(ctx, "the kernel lets no process read it while a "
				 "reset of the device is in progress");
	return lend_error_remedy(ctx, "retry when the reset has ended; if it "
				      "does not end, reboot the host");
}

/* Whether the kernel has the device switched off, as far as it reports. */
static void preview_add_power(const struct lend_address *address,
			      const uint8_t *image)
{
	static const char *const attributes[] = {
		"power_state", "power/runtime_status", "d3cold_allowed"};
	char text[32];

	if (bytes_get(image + PCI_VENDOR_ID, 2) != 0xffff)
		return;
	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++)
		if (lend_attribute_read(address, attributes[i], text,
					sizeof(text)) >= 0)
			lend_error_evidence(address->ctx, "%s: %s",
					    attributes[i], text);
}

static int preview_build(const struct lend_address *address,
			 struct lend_pci_preview *preview)
{
	static const struct lend_pci_options defaults;
	struct preview_source *source = calloc(1, sizeof(*source));
	struct config_source view = {.size = CONFIG_STD_SIZE,
				     .can_reset = true};
	char text[16];
	int err;

	if (!source)
		return error_no_memory(address->ctx, address->name);
	preview->pci.ctx = address->ctx;
	preview->pci.is_virtual =
		lend_attribute_link(address, "physfn", text, sizeof(text)) > 0;
	err = preview_read(address, preview->pci.is_virtual, source);
	if (err) {
		free(source);
		return preview_explain(address, err);
	}
	view.image = source->image;
	if (source->size == CONFIG_SIZE)
		view.size = CONFIG_SIZE;
	preview->is_whole = source->size >= CONFIG_STD_SIZE;
	preview_count_interrupts(source, &view);
	err = view_build(&preview->pci, address->name, &view, source->image,
			 source->sizes, &defaults);
	if (!err)
		preview->quirk_count = quirks_list(&preview->pci, source->image,
						   preview->quirks);
	else
		preview_add_power(address, source->image);
	free(source);
	return err;
}

int lend_pci_preview_new(const struct lend_address *address,
			 struct lend_pci_preview **result)
{
	struct lend_pci_preview *preview = calloc(1, sizeof(*preview));
	int err;

	if (!preview)
		return error_no_memory(address->ctx, address->name);
	err = preview_build(address, preview);
	if (err)
		free(preview);
	else
		*result = preview;
	return err;
}

void lend_pci_preview_free(struct lend_pci_preview *preview)
{
	free(preview);
}

const struct lend_pci_bar *
lend_pci_preview_bar(const struct lend_pci_preview *preview, unsigned int bar)
{
	return lend_pci_bar(&preview->pci,
			    bar < BAR_COUNT ? bar : LEND_PCI_BARS);
}

unsigned int lend_pci_preview_pin(const struct lend_pci_preview *preview)
{
	return lend_pci_pin(&preview->pci);
}

int lend_pci_preview_vectors(const struct lend_pci_preview *preview)
{
	const struct config *config = &preview->pci.config;
	unsigned int msi = 0;

	if (!preview->is_whole)
		return -ENODATA;
	if (config->msi)
		msi = 1u << ((config_value(config, config->msi + PCI_MSI_FLAGS,
					   2) &
			      PCI_MSI_FLAGS_QMASK) >>
			     1);
	return (int)(msi > preview->pci.layout.count
			     ? msi
			     : preview->pci.layout.count);
}

const struct lend_pci_quirk *
lend_pci_preview_quirk(const struct lend_pci_preview *preview,
		       unsigned int number)
{
	return number < preview->quirk_count ? preview->quirks[number] : NULL;
}
