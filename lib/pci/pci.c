// SPDX-License-Identifier: MIT
// Creates a lent PCI function from an open device, and frees it.

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include <lend/irq.h>
#include <lend/pci_irq.h>
#include <lend/region.h>
#include <lend/reset.h>

#include "lib/base/bytes.h"
#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/device/device.h"
#include "lib/pci/function.h"
#include "lib/pci/hole.h"
#include "lib/pci/message.h"
#include "lib/pci/msix.h"
#include "lib/pci/pci.h"
#include "lib/pci/quirk/quirk.h"
#include "lib/pci/reset.h"
#include "lib/pci/rom.h"
#include "lib/pci/vector.h"
#include "lib/pci/vga.h"
#include "lib/pci/view.h"
#include "lib/pci/virtio.h"
#include "lib/pci/window.h"

void pci_warn_once(struct lend_pci *pci, bool *warned, int err, const char *fmt,
		   ...)
{
	char text[512];
	va_list args;

	if (*warned)
		return;
	*warned = true;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	lend_log(pci->ctx, LEND_LOG_WARNING, "%s: %s%s%s", lend_pci_name(pci),
		 text, err ? ": " : "", err ? strerror(-err) : "");
}

static void pci_note(void *opaque, enum lend_log_level level, const char *text)
{
	struct lend_pci *pci = opaque;

	lend_log(pci->ctx, level, "%s: %s", lend_pci_name(pci), text);
}

static unsigned int irq_count(const struct lend_pci *pci, unsigned int index)
{
	return lend_device_irq(pci->device, index)->count;
}

static int read_image(struct lend_pci *pci, uint8_t image[CONFIG_SIZE],
		      size_t *size)
{
	uint64_t have =
		lend_device_region(pci->device, LEND_PCI_REGION_CONFIG)->size;
	int err;

	/* Emulated devices may omit the last bytes. */
	if (have < PCI_STD_HEADER_SIZEOF)
		return view_explain(pci->ctx, lend_pci_name(pci),
				    "its configuration space is smaller than "
				    "its header");
	*size = have < CONFIG_SIZE ? CONFIG_STD_SIZE : CONFIG_SIZE;
	err = device_read_config(pci->device, image,
				 have < *size ? have : *size);
	if (err)
		return error_system(pci->ctx, -err, lend_pci_name(pci),
				    "read configuration space");
	return 0;
}

int pci_build_view(struct lend_pci *pci, const struct lend_pci_options *options)
{
	uint8_t image[CONFIG_SIZE] = {0};
	uint64_t sizes[BAR_COUNT];
	struct config_source source = {
		.image = image,
		.intx_count = irq_count(pci, LEND_PCI_IRQ_INTX),
		.msi_count = irq_count(pci, LEND_PCI_IRQ_MSI),
		.msix_count = irq_count(pci, LEND_PCI_IRQ_MSIX),
		.can_reset = lend_device_can_reset(pci->device),
		.multifunction = options->multifunction,
		.below_port = options->below_port,
		.vga = options->vga,
		.ids = options->ids,
		.note = pci_note,
		.note_opaque = pci,
	};
	unsigned int i;
	int err;

	err = read_image(pci, image, &source.size);
	if (err)
		return err;
	for (i = 0; i < BAR_COUNT; i++)
		sizes[i] = lend_device_region(pci->device, i)->size;
	/* VFIO offers no INTx of a VF: most devices are not looked up. */
	pci->is_virtual = !source.intx_count && device_is_virtual(pci->device);
	err = view_build(pci, lend_pci_name(pci), &source, image, sizes,
			 options);
	if (!err &&
	    lend_iommu_backend(pci->device->iommu) != LEND_BACKEND_NOIOMMU)
		err = virtio_check(pci, image);
	if (!err)
		err = quirks_present(pci, image, options);
	if (err)
		return err;
	memcpy(pci->initial, pci->config.value, sizeof(pci->initial));
	pci->host_vendor = (uint16_t)bytes_get(image + PCI_VENDOR_ID, 2);
	reset_probe(pci, image);
	if (bytes_get(image + PCI_COMMAND, 2))
		reset_quiet(pci);
	return 0;
}

/* Accesses to what cannot be mapped are trapped, which is slower. */
static void map_windows(struct lend_pci *pci, unsigned int except)
{
	static const char trapped[] = "BAR %u cannot be mapped: the guest's "
				      "accesses are trapped, which is slower";
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	bool warned = false;
	unsigned int i;
	int err;

	pci->windows.page = page;
	for (i = 0; i < LEND_PCI_BAR_ROM; i++) {
		const struct lend_region region =
			device_region_now(pci->device, i);
		uint64_t size = pci->bars[i].guest.size;

		if (!size || pci->bars[i].guest.io || except >> i & 1)
			continue;
		/* A BAR with the MSI-X table is trapped in part anyway. */
		if (!region.area_count && size >= page &&
		    (!pci->layout.count || pci->layout.table_bar != i))
			pci_warn_once(pci, &warned, 0, trapped, i);
		window_list_add_bar(&pci->windows, i, size, &region,
				    &pci->layout);
	}
	quirks_cut_windows(pci);
	for (i = 0; i < pci->windows.count; i++) {
		struct window *w = &pci->windows.windows[i];

		err = lend_region_map(pci->device, w->bar, w->offset, w->size,
				      &w->vaddr);
		if (!err)
			continue;
		w->vaddr = NULL;
		pci_warn_once(pci, &warned, err, trapped, w->bar);
	}
}

static int pci_set_up(struct lend_pci *pci,
		      const struct lend_pci_options *options)
{
	const struct lend_irq *msi =
		lend_device_irq(pci->device, LEND_PCI_IRQ_MSI);
	int err = pci_build_view(pci, options);

	if (err)
		return err;
	err = msix_init(pci);
	if (!err && pci->config.msi)
		err = vectors_init(&pci->msi, LEND_PCI_IRQ_MSI,
				   msi->count < 32 ? msi->count : 32,
				   GROWTH_NEVER);
	if (err)
		return error_no_memory(pci->ctx, lend_pci_name(pci));
	if (options->rom && !options->no_rom && rom_give(pci, options))
		return error_no_memory(pci->ctx, lend_pci_name(pci));
	if (options->vga) {
		err = vga_init(pci);
		if (err)
			return err;
	}
	hole_init(pci);
	if (!options->no_mmap)
		map_windows(pci, options->no_mmap_bars);
	pci->p2p = options->p2p;
	return 0;
}

/* Returns what is out of range, or NULL. */
static const char *pci_options_fault(const struct lend_pci_options *options)
{
	const struct lend_pci_ids *ids = &options->ids;

	if (ids->class_code > 0xffffff)
		return "ids.class_code";
	if (ids->given & LEND_PCI_ID_VENDOR &&
	    (!ids->vendor || ids->vendor == 0xffff))
		return "ids.vendor";
	if (options->gpudirect_clique > 15)
		return "gpudirect_clique";
	if (options->rom && !rom_options_fit(options))
		return "rom_size or rom_bar_size";
	return NULL;
}

static bool pci_ops_complete(const struct lend_pci_ops *ops)
{
	return ops->bar_place && ops->bar_drop && ops->window_map &&
	       ops->window_unmap && ops->intx_connect && ops->intx_disconnect &&
	       ops->msi_connect && ops->msi_disconnect && ops->msi_release;
}

static int pci_take_arguments(struct lend_ctx *ctx,
			      const struct lend_pci_options *given,
			      const struct lend_pci_ops *given_ops,
			      struct lend_pci_options *options,
			      struct lend_pci_ops *ops)
{
	const char *fault;
	int err = sized_copy(ctx, NULL, &sized_pci_options, options, given);

	if (!err)
		err = sized_copy(ctx, NULL, &sized_pci_ops, ops, given_ops);
	if (err)
		return err;
	fault = pci_options_fault(options);
	if (fault)
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				      "%s of struct lend_pci_options is out "
				      "of range",
				      fault);
	if (!pci_ops_complete(ops))
		return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
				      "struct lend_pci_ops lacks an operation");
	return 0;
}

int lend_pci_new(struct lend_device *device,
		 const struct lend_pci_options *options,
		 const struct lend_pci_ops *ops, void *opaque,
		 struct lend_pci **result)
{
	struct lend_pci_options known = {0};
	struct lend_pci_ops known_ops = {0};
	struct lend_ctx *ctx = lend_device_ctx(device);
	struct lend_pci *pci;
	int err;

	err = pci_take_arguments(ctx, options, ops, &known, &known_ops);
	if (!err)
		err = lend_device_require(device, LEND_DEVICE_PCI);
	if (err)
		return err;
	pci = calloc(1, sizeof(*pci));
	if (!pci)
		return error_no_memory(ctx, lend_device_name(device));
	pthread_mutex_init(&pci->lock, NULL);
	pci->ctx = ctx;
	pci->device = lend_device_ref(device);
	pci->ops = known_ops;
	pci->opaque = opaque;
	pci->intx.trigger = pci->intx.resample = -1;
	err = pci_set_up(pci, &known);
	if (err) {
		lend_pci_free(pci);
		return err;
	}
	*result = pci;
	return 0;
}

void lend_pci_free(struct lend_pci *pci)
{
	unsigned int i;

	if (!pci)
		return;
	/* If the command register was never written, nothing needs to be
	 * stopped. */
	if (config_value(&pci->config, PCI_COMMAND, 2) ||
	    pci->mode != INTERRUPT_NONE)
		reset_stop_locked(pci);
	hole_destroy(pci);
	for (i = 0; i < pci->windows.count; i++)
		if (pci->windows.windows[i].vaddr)
			lend_region_unmap(pci->device,
					  pci->windows.windows[i].vaddr,
					  pci->windows.windows[i].size);
	vectors_destroy(&pci->msix);
	vectors_destroy(&pci->msi);
	free(pci->msix_table);
	rom_free(&pci->rom);
	lend_device_unref(pci->device);
	pthread_mutex_destroy(&pci->lock);
	free(pci);
}

const struct lend_pci_bar *lend_pci_bar(const struct lend_pci *pci,
					unsigned int bar)
{
	static const struct lend_pci_bar none;

	if (bar < BAR_COUNT)
		return &pci->bars[bar].guest;
	return bar < LEND_PCI_BARS ? &pci->vga[bar - VGA_FIRST].guest : &none;
}

unsigned int lend_pci_pin(const struct lend_pci *pci)
{
	return config_value(&pci->config, PCI_INTERRUPT_PIN, 1);
}

const char *lend_pci_name(const struct lend_pci *pci)
{
	return lend_device_name(pci->device);
}

unsigned int lend_pci_descriptors(const struct lend_pci *pci)
{
	unsigned int most = lend_pci_pin(pci) ? 2 : 0;

	if (most < pci->msi.count)
		most = pci->msi.count;
	return most < pci->msix.count ? pci->msix.count : most;
}
