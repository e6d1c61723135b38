// SPDX-License-Identifier: MIT
// The virtual machine of a hostile guest: RAM, an interrupt controller and 40
// address bits; it fails on operations that a function must not request.

#include <errno.h>

#include "hostile.h"

#define RAM_END 0x40000000ull
#define END     (1ull << 40)

static bool ranges_overlap(uint64_t a, uint64_t a_size, uint64_t b,
			   uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

bool hostile_is_free(const struct hostile *h, unsigned int bar, uint64_t base)
{
	const struct lend_pci_bar *mine = lend_pci_bar(h->f->pci, bar);

	if (mine->io && (base > 0x10000 || mine->size > 0x10000 - base))
		return false;
	if (!mine->io &&
	    (base < RAM_END || base >= END || mine->size > END - base ||
	     ranges_overlap(base, mine->size, 0xfec00000, 0x1000)))
		return false;
	for (unsigned int i = 0; i < LEND_PCI_BARS; i++) {
		const struct lend_pci_bar *other = lend_pci_bar(h->f->pci, i);

		if (i != bar && h->placed[i] && other->io == mine->io &&
		    ranges_overlap(base, mine->size, h->base[i], other->size))
			return false;
	}
	return true;
}

static int hostile_place(void *opaque, unsigned int bar, uint64_t base)
{
	struct hostile *h = opaque;

	assert_true(bar < LEND_PCI_BARS);
	assert_false(h->placed[bar]);
	if (!hostile_is_free(h, bar, base))
		return -EEXIST;
	h->placements++;
	h->placed[bar] = true;
	h->base[bar] = base;
	return 0;
}

static void hostile_drop(void *opaque, unsigned int bar)
{
	struct hostile *h = opaque;
	uint64_t size = lend_pci_bar(h->f->pci, bar)->size;

	assert_true(h->placed[bar]);
	for (unsigned int w = 0; w < LEND_PCI_WINDOWS; w++)
		if (h->mapped[w] && !lend_pci_bar(h->f->pci, bar)->io)
			assert_false(ranges_overlap(h->base[bar], size,
						    h->window[w],
						    h->window_size[w]));
	h->placed[bar] = false;
	h->dropped = true;
}

/* A window is part of a BAR that is placed. */
static int hostile_map(void *opaque, unsigned int w, uint64_t base,
		       uint64_t size, void *vaddr)
{
	struct hostile *h = opaque;
	unsigned int i, within = 0;

	assert_true(w < LEND_PCI_WINDOWS && !h->mapped[w] && size);
	assert_non_null(vaddr);
	for (i = 0; i < LEND_PCI_BARS; i++) {
		const struct lend_pci_bar *bar = lend_pci_bar(h->f->pci, i);

		within += h->placed[i] && !bar->io && base >= h->base[i] &&
			  base - h->base[i] <= bar->size &&
			  size <= bar->size - (base - h->base[i]);
	}
	assert_int_equal(within, 1);
	h->mapped[w] = true;
	h->window[w] = base;
	h->window_size[w] = size;
	return 0;
}

static void hostile_unmap(void *opaque, unsigned int w)
{
	struct hostile *h = opaque;

	assert_true(w < LEND_PCI_WINDOWS && h->mapped[w]);
	h->mapped[w] = false;
}

static int hostile_intx_connect(void *opaque, int trigger, int resample)
{
	struct hostile *h = opaque;

	(void)resample;
	assert_true(trigger >= 0 && !h->intx);
	h->intx = true;
	return 0;
}

static void hostile_intx_disconnect(void *opaque, int trigger, int resample)
{
	struct hostile *h = opaque;

	(void)resample;
	assert_true(trigger >= 0 && h->intx);
	h->intx = false;
}

static int hostile_msi_connect(void *opaque, unsigned int vector, int fd,
			       uint64_t address, uint32_t data)
{
	struct hostile *h = opaque;

	(void)address;
	(void)data;
	assert_true(vector < 2048 && fd >= 0 && !h->intx);
	h->connections++;
	h->connected[vector] = h->known[vector] = true;
	return 0;
}

static void hostile_msi_disconnect(void *opaque, unsigned int vector, int fd)
{
	struct hostile *h = opaque;

	assert_true(vector < 2048 && fd >= 0 && h->connected[vector]);
	h->connected[vector] = false;
}

static void hostile_msi_release(void *opaque, unsigned int vector)
{
	struct hostile *h = opaque;

	assert_true(vector < 2048 && h->known[vector] && !h->connected[vector]);
	h->known[vector] = false;
}

const struct lend_pci_ops hostile_ops = {
	.size = sizeof(hostile_ops),
	.bar_place = hostile_place,
	.bar_drop = hostile_drop,
	.window_map = hostile_map,
	.window_unmap = hostile_unmap,
	.intx_connect = hostile_intx_connect,
	.intx_disconnect = hostile_intx_disconnect,
	.msi_connect = hostile_msi_connect,
	.msi_disconnect = hostile_msi_disconnect,
	.msi_release = hostile_msi_release,
};
