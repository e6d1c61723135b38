// SPDX-License-Identifier: MIT
// Base address registers: reads those of the device, and interprets the guest's
// values.

#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/pci/bar.h"
#include "lib/pci/config.h"

#define ROM LEND_PCI_BAR_ROM

static uint64_t power_of_two_above(uint64_t size)
{
	uint64_t power = 2048; /* the smallest ROM BAR */

	while (power < size && power < 1ull << 31)
		power *= 2;
	return power;
}

static void bar_probe_rom(struct bar *bar, uint64_t size)
{
	bar->reg = PCI_ROM_ADDRESS;
	/* For a shadowed ROM the kernel reports the image's size. */
	if (size && size <= LEND_PCI_ROM_MAX)
		bar->guest.size = power_of_two_above(size);
}

static int bar_probe_memory(struct bar *bar, uint32_t value, bool last,
			    const char **fault)
{
	bar->guest.prefetchable = value & PCI_BASE_ADDRESS_MEM_PREFETCH;
	bar->guest.is_64bit = (value & PCI_BASE_ADDRESS_MEM_TYPE_MASK) ==
			      PCI_BASE_ADDRESS_MEM_TYPE_64;
	if (bar->guest.is_64bit && last)
		*fault = "its last BAR is 64-bit and has no upper half";
	else if (!bar->guest.is_64bit && bar->guest.size > 1ull << 31)
		*fault = "a 32-bit BAR is larger than 2 GiB";
	else if (bar->guest.size < 16)
		*fault = "a memory BAR is smaller than 16 bytes";
	return *fault ? -EBADMSG : 0;
}

int bar_probe(struct bar bars[BAR_COUNT], const uint8_t *image,
	      const uint64_t region_sizes[BAR_COUNT], const char **fault)
{
	unsigned int i;
	int err;

	*fault = NULL;
	memset(bars, 0, BAR_COUNT * sizeof(*bars));
	for (i = 0; i < ROM; i++)
		bars[i].reg = PCI_BASE_ADDRESS_0 + i * 4;
	for (i = 0; i < ROM; i++) {
		uint32_t value = (uint32_t)bytes_get(image + bars[i].reg, 4);
		uint64_t size = region_sizes[i];

		if (!size)
			continue;
		if (size & (size - 1)) {
			*fault = "a BAR's size is not a power of two";
			return -EBADMSG;
		}
		bars[i].guest.size = size;
		bars[i].guest.io = value & PCI_BASE_ADDRESS_SPACE_IO;
		if (bars[i].guest.io) {
			if (size < 4 || size > 1u << 16) {
				*fault = "an I/O BAR's size is out of range";
				return -EBADMSG;
			}
			continue;
		}
		err = bar_probe_memory(&bars[i], value, i == ROM - 1, fault);
		if (err)
			return err;
		if (bars[i].guest.is_64bit)
			i++; /* ignore the region of its upper half */
	}
	bar_probe_rom(&bars[ROM], region_sizes[ROM]);
	return 0;
}

uint32_t bar_mask(const struct bar *bar, unsigned int half)
{
	uint64_t mask = ~(bar->guest.size - 1);

	if (!bar->guest.size || (half && !bar->guest.is_64bit))
		return 0;
	if (half)
		return (uint32_t)(mask >> 32);
	if (bar->reg == PCI_ROM_ADDRESS)
		return (uint32_t)(mask & PCI_ROM_ADDRESS_MASK);
	return (uint32_t)(mask & (bar->guest.io ? ~3ull : ~15ull));
}

bool bar_decodes(const struct bar *bar, const struct config *config)
{
	uint32_t command = config_value(config, PCI_COMMAND, 2);

	if (config->pm && config_value(config, config->pm + PCI_PM_CTRL, 1) &
				  PCI_PM_CTRL_STATE_MASK)
		return false;
	if (bar->reg == PCI_ROM_ADDRESS &&
	    !(config_value(config, bar->reg, 1) & PCI_ROM_ADDRESS_ENABLE))
		return false;
	return command & (bar->guest.io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY);
}

static uint64_t value_of(const struct bar *bar, const struct config *config)
{
	uint64_t value = config_value(config, bar->reg, 4) & bar_mask(bar, 0);

	if (bar->guest.is_64bit)
		value |= (uint64_t)config_value(config, bar->reg + 4, 4) << 32;
	return value;
}

/* The highest address that a BAR of this kind can hold: left in the register by
 * a guest that sized the BAR and then enabled decoding. */
static uint64_t all_ones(const struct bar *bar)
{
	uint64_t ones = bar_mask(bar, 0);

	return ones | (uint64_t)bar_mask(bar, 1) << 32;
}

bool bar_wanted(const struct bar *bar, const struct config *config,
		uint64_t *base)
{
	if (!bar->guest.size || !bar_decodes(bar, config))
		return false;
	if (bar->sizing[0] || bar->sizing[1]) {
		*base = bar->base;
		return bar->placed;
	}
	*base = value_of(bar, config);
	/* Firmware leaves 0 in BARs that it has not placed. The highest address
	 * is valid only if the register has a single writable bit. */
	if (!*base || (*base == all_ones(bar) && *base & (*base - 1)))
		return false;
	return *base + (bar->guest.size - 1) >= *base;
}

void bar_written(struct bar *bar, const struct config *config,
		 unsigned int offset, unsigned int size)
{
	unsigned int half;

	if (!bar_decodes(bar, config)) {
		bar->sizing[0] = bar->sizing[1] = false;
		bar->refused = false;
		return;
	}
	for (half = 0; half < 2; half++) {
		unsigned int reg = bar->reg + half * 4;
		uint32_t mask = bar_mask(bar, half);

		if (!mask || !config_touches(offset, size, reg, 4))
			continue;
		bar->refused = false;
		bar->sizing[half] =
			(config_value(config, reg, 4) & mask) == mask;
	}
}
