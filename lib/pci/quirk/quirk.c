// SPDX-License-Identifier: MIT
// The table of quirks, the choice of those that apply to a device, and the
// dispatch to them.

#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/base/context.h"
#include "lib/pci/access.h"
#include "lib/pci/bar.h"
#include "lib/pci/function.h"
#include "lib/pci/quirk/quirk.h"
#include "lib/pci/vga.h"
#include "lib/pci/window.h"

static const struct quirk *const quirks[] = {
	&quirk_nvidia_mirror, &quirk_nvidia_vga_mirror,
	&quirk_nvidia_window, &quirk_nvidia_vga_ports,
	&quirk_nvidia_msi,    &quirk_nvidia_clique,
	&quirk_amd_reset,     &quirk_ati_mirror,
	&quirk_ati_window,    &quirk_ati_vga_port,
	&quirk_rtl8168,       &quirk_vmd,
	&quirk_igd_opregion,  &quirk_igd_stolen,
	&quirk_igd_stolen_64, &quirk_chelsio_t5,
	&quirk_kunlun,        &quirk_bcm57810,
};

#define COUNT (sizeof(quirks) / sizeof(quirks[0]))

static bool quirk_matches(const struct quirk *quirk,
			  const struct quirk_model *model)
{
	unsigned int i;

	if (quirk->vendor != model->vendor ||
	    (model->class_code & quirk->class.mask) != quirk->class.code ||
	    (quirk->physical && model->is_virtual))
		return false;
	for (i = 0; i < quirk->ids.count; i++)
		if ((model->device & quirk->ids.list[i].mask) ==
		    quirk->ids.list[i].device)
			return true;
	return !quirk->ids.count;
}

const struct lend_pci_quirk *lend_pci_quirk(uint16_t vendor, uint16_t device,
					    uint32_t class_code,
					    unsigned int number)
{
	const struct quirk_model model = {vendor, device, class_code, false};
	size_t i;

	for (i = 0; i < COUNT; i++)
		if (quirk_matches(quirks[i], &model) && !number--)
			return &quirks[i]->public;
	return NULL;
}

static struct quirk_model quirk_model_of(const struct lend_pci *pci,
					 const uint8_t *image)
{
	return (struct quirk_model){
		.vendor = (uint16_t)bytes_get(image + PCI_VENDOR_ID, 2),
		.device = (uint16_t)bytes_get(image + PCI_DEVICE_ID, 2),
		.class_code =
			(uint32_t)bytes_get(image + PCI_CLASS_REVISION, 4) >> 8,
		.is_virtual = pci->is_virtual,
	};
}

/* By the device's own IDs: the IDs that the guest sees do not change its
 * behaviour. */
void quirks_match(struct lend_pci *pci, const uint8_t *image,
		  const struct lend_pci_options *options)
{
	const struct quirk_model model = quirk_model_of(pci, image);
	struct quirks *q = &pci->quirks;
	size_t i;

	q->count = 0;
	for (i = 0; i < COUNT && q->count < QUIRKS_MAX; i++)
		if (quirk_matches(quirks[i], &model) &&
		    (!quirks[i]->is_wanted || quirks[i]->is_wanted(options)))
			q->used[q->count++] = quirks[i];
}

static void quirks_leave_out(struct quirks *q, unsigned int i)
{
	q->count--;
	memmove(&q->used[i], &q->used[i + 1],
		(q->count - i) * sizeof(struct quirk *));
}

void quirks_fix(struct lend_pci *pci, uint8_t *image, uint64_t sizes[BAR_COUNT],
		const struct lend_pci_options *options)
{
	struct quirks *q = &pci->quirks;
	unsigned int i = 0;

	while (i < q->count)
		if (q->used[i]->fix && !q->used[i]->fix(image, sizes, options))
			quirks_leave_out(q, i);
		else
			i++;
}

/* Whether the BARs have the kind and the size that the traps need. */
static bool quirk_fits(const struct lend_pci *pci, const struct quirk *quirk,
		       const uint8_t *image)
{
	unsigned int i;

	if (quirk->fits && !quirk->fits(pci->bars, image))
		return false;
	for (i = 0; i < quirk->trap_count; i++) {
		const struct quirk_trap *trap = &quirk->traps[i];
		const struct lend_pci_bar *bar = lend_pci_bar(pci, trap->bar);

		/* The VGA ranges are fixed, and set up later. */
		if (trap->bar >= VGA_FIRST)
			continue;
		if (bar->io != trap->io || trap->offset > bar->size ||
		    trap->size > bar->size - trap->offset)
			return false;
	}
	return true;
}

unsigned int quirks_list(const struct lend_pci *pci, const uint8_t *image,
			 const struct lend_pci_quirk *list[QUIRKS_LISTED])
{
	const struct quirk_model model = quirk_model_of(pci, image);
	unsigned int count = 0;

	_Static_assert(COUNT <= QUIRKS_LISTED, "all fit");
	for (size_t i = 0; i < COUNT; i++)
		if (quirk_matches(quirks[i], &model) &&
		    (!quirks[i]->fits || quirks[i]->fits(pci->bars, image)))
			list[count++] = &quirks[i]->public;
	return count;
}

static void quirks_take(struct lend_pci *pci, const struct quirk *quirk)
{
	unsigned int i;

	for (i = 0; i < quirk->trap_count; i++)
		pci->quirks.bars |= 1u << quirk->traps[i].bar;
	lend_log(pci->ctx, LEND_LOG_INFO, "%s: quirk %s: %s",
		 lend_pci_name(pci), quirk->public.name, quirk->public.why);
}

static bool quirks_has(const struct quirks *q, const struct quirk *quirk)
{
	unsigned int i;

	for (i = 0; i < q->count; i++)
		if (q->used[i] == quirk)
			return true;
	return false;
}

static int quirks_check_unused(struct lend_pci *pci,
			       const struct lend_pci_options *options)
{
	int err = 0;
	size_t i;

	for (i = 0; i < COUNT && !err; i++)
		if (quirks[i]->check_unused &&
		    !quirks_has(&pci->quirks, quirks[i]))
			err = quirks[i]->check_unused(pci, options);
	return err;
}

int quirks_present(struct lend_pci *pci, const uint8_t *image,
		   const struct lend_pci_options *options)
{
	struct quirks *q = &pci->quirks;
	unsigned int i = 0;

	while (i < q->count) {
		const struct quirk *quirk = q->used[i];
		int applies = quirk_fits(pci, quirk, image);

		if (applies && quirk->present)
			applies = quirk->present(pci, image, options);
		if (applies < 0)
			return applies;
		if (applies) {
			quirks_take(pci, quirk);
			i++;
		} else {
			quirks_leave_out(q, i);
		}
	}
	return quirks_check_unused(pci, options);
}

void quirks_cut_windows(struct lend_pci *pci)
{
	const struct quirks *q = &pci->quirks;
	unsigned int i, t;

	for (i = 0; i < q->count; i++)
		for (t = 0; t < q->used[i]->trap_count; t++) {
			const struct quirk_trap *trap = &q->used[i]->traps[t];

			window_list_cut(
				&pci->windows, trap->bar,
				(struct lend_area){trap->offset, trap->size});
		}
}

int quirks_reset_device(struct lend_pci *pci)
{
	const struct quirks *q = &pci->quirks;
	unsigned int i;

	for (i = 0; i < q->count; i++)
		if (q->used[i]->reset)
			return q->used[i]->reset(pci);
	return -ENOTSUP;
}

bool quirks_pass(const struct lend_pci *pci, unsigned int offset,
		 unsigned int size)
{
	const struct quirks *q = &pci->quirks;
	unsigned int i;

	for (i = 0; i < q->count; i++)
		if (q->used[i]->passes && q->used[i]->passes(pci, offset, size))
			return true;
	return false;
}

const struct quirk_trap *quirk_trap_at(const struct lend_pci *pci,
				       unsigned int bar, uint64_t offset,
				       unsigned int *size)
{
	const struct quirks *q = &pci->quirks;
	unsigned int i, t;

	if (!(q->bars >> bar & 1))
		return NULL;
	for (i = 0; i < q->count; i++)
		for (t = 0; t < q->used[i]->trap_count; t++) {
			const struct quirk_trap *trap = &q->used[i]->traps[t];

			if (trap->bar == bar &&
			    access_within(offset, size, trap->offset,
					  trap->size))
				return trap;
		}
	return NULL;
}

void quirk_device_read(struct lend_pci *pci, const struct quirk_trap *trap,
		       unsigned int at, uint8_t *data, unsigned int size)
{
	access_device_read(pci, trap->bar, trap->offset + at, data, size);
}

void quirk_device_write(struct lend_pci *pci, const struct quirk_trap *trap,
			unsigned int at, const uint8_t *data, unsigned int size)
{
	access_device_write(pci, trap->bar, trap->offset + at, data, size);
}
