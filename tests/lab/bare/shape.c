// SPDX-License-Identifier: MIT
// Bits that must be writable: BARs have valid sizes, and a function's features
// can be enabled.

#include "function.h"

static uint32_t shape_writable(const struct function *f, unsigned int at,
			       unsigned int size)
{
	return number_at(f->writable + at, size);
}

static void shape_require(const struct function *f, unsigned int at,
			  unsigned int size, uint32_t bits, const char *what)
{
	if ((shape_writable(f, at, size) & bits) != bits)
		console_fault("%x: %s at %x: only %x is writable", f->devfn,
			      what, at, shape_writable(f, at, size));
}

/* The writable bits of a BAR go from the top down to its size. */
static uint64_t shape_size(const struct function *f, unsigned int at,
			   uint64_t mask)
{
	uint64_t size = mask & -mask;

	if (mask + size)
		console_fault("%x: the BAR at %x has mask %lx", f->devfn, at,
			      mask);
	return size;
}

/* Returns the number of its registers. */
static unsigned int shape_bar(struct function *f, unsigned int i)
{
	unsigned int at = BAR0 + i * 4;
	uint32_t first = number_at(f->first + at, 4);
	uint64_t mask = shape_writable(f, at, 4);
	struct bar *bar = &f->bars[i];

	bar->is_io = first & 1;
	bar->is_64bit = !bar->is_io && (first & 6) == 4;
	if (bar->is_64bit && i == BARS - 1) {
		console_fault("%x: the last BAR is half of a 64-bit BAR",
			      f->devfn);
		return 1;
	}
	if (!mask && !bar->is_64bit)
		return 1;
	if (bar->is_64bit)
		mask |= (uint64_t)shape_writable(f, at + 4, 4) << 32;
	else
		mask |= 0xffffffffull << 32;
	bar->size = shape_size(f, at, mask);
	if (bar->size < (bar->is_io ? 4 : 16))
		console_fault("%x: BAR %u has %lx bytes", f->devfn, i,
			      bar->size);
	shape_require(f, COMMAND, 1, bar->is_io ? 1 : 2, "decoding");
	return bar->is_64bit ? 2 : 1;
}

static void shape_rom(const struct function *f)
{
	uint32_t mask = shape_writable(f, ROM, 4);

	if (!mask)
		return;
	shape_require(f, ROM, 4, 1, "the ROM's enable bit");
	shape_size(f, ROM, (mask & ~1u) | 0xffffffffull << 32);
}

void function_shape(struct function *f)
{
	const uint8_t *at = f->capability;

	for (unsigned int i = 0; i < BARS;)
		i += shape_bar(f, i);
	shape_rom(f);
	shape_require(f, COMMAND, 1, 4, "bus mastering");
	if (f->first[0x3d]) {
		shape_require(f, COMMAND, 2, 0x400, "INTx disable");
		shape_require(f, 0x3c, 1, 0xff, "the interrupt line");
	}
	if (at[CAPABILITY_POWER])
		shape_require(f, at[CAPABILITY_POWER] + 4u, 1, 3,
			      "power state");
	if (at[CAPABILITY_MSI]) {
		shape_require(f, at[CAPABILITY_MSI] + 2u, 1, 1, "MSI enable");
		shape_require(f, at[CAPABILITY_MSI] + 4u, 4, 0xfffffffc,
			      "MSI address");
	}
	if (at[CAPABILITY_MSIX])
		shape_require(f, at[CAPABILITY_MSIX] + 2u, 2, 0xc000,
			      "MSI-X control");
}
