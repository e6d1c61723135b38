// SPDX-License-Identifier: MIT
// Builds the type 0 header of a view, and the whole view.

#include <errno.h>
#include <string.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/pci/list.h"

/* Makes a register constant, with the device's value. */
static void header_keep(struct config *config, unsigned int offset,
			unsigned int size, const uint8_t *image)
{
	config_set_constant(config, offset, size,
			    (uint32_t)bytes_get(image + offset, size));
}

const char *config_header_fault(const struct config_source *source)
{
	unsigned int vendor = bytes_get(source->image + PCI_VENDOR_ID, 2);

	if (vendor == 0xffff || vendor == 0)
		return "its configuration space reads as if no device were "
		       "present";
	if ((source->image[PCI_HEADER_TYPE] & 0x7f) != PCI_HEADER_TYPE_NORMAL)
		return "it is a bridge, which cannot be lent";
	return NULL;
}

static unsigned int pin_of(const struct config_source *source)
{
	unsigned int pin = source->image[PCI_INTERRUPT_PIN];

	return source->intx_count && pin <= 4 ? pin : 0;
}

static void build_command(struct config *config,
			  const struct config_source *source,
			  const struct bar bars[BAR_COUNT])
{
	uint16_t bits =
		PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | PCI_COMMAND_SERR;
	unsigned int i;

	for (i = 0; i < BAR_COUNT; i++)
		if (bars[i].guest.size)
			bits |= bars[i].guest.io ? PCI_COMMAND_IO
						 : PCI_COMMAND_MEMORY;
	if (source->vga)
		bits |= PCI_COMMAND_IO | PCI_COMMAND_MEMORY;
	if (pin_of(source))
		bits |= PCI_COMMAND_INTX_DISABLE;
	/* Reads are emulated and need no system call. Writes reach the device
	 * too, which decodes and masters the bus. */
	config_set(config, PCI_COMMAND, 2,
		   (struct config_bits){
			   .emulated = 0xffff, .writable = bits, .pass = bits});
	/* The kernel does not let error bits of the status be cleared. */
	config_set(config, PCI_STATUS + 1, 1, (struct config_bits){0});
}

static void build_bars(struct config *config, const uint8_t *image,
		       const struct bar bars[BAR_COUNT])
{
	unsigned int i;

	for (i = 0; i < LEND_PCI_BAR_ROM; i++) {
		const struct bar *bar = &bars[i];
		uint32_t flags = (uint32_t)bytes_get(image + bar->reg, 4);

		if (!bar->guest.size)
			continue;
		flags &= bar->guest.io ? PCI_BASE_ADDRESS_SPACE_IO
				       : PCI_BASE_ADDRESS_MEM_TYPE_64 |
						 PCI_BASE_ADDRESS_MEM_PREFETCH;
		config_set(config, bar->reg, 4,
			   (struct config_bits){.value = flags,
						.emulated = 0xffffffff,
						.writable = bar_mask(bar, 0)});
		if (bar->guest.is_64bit)
			config_set_writable(config, bar->reg + 4, 4,
					    bar_mask(bar, 1));
	}
	if (bars[LEND_PCI_BAR_ROM].guest.size)
		config_set_writable(config, PCI_ROM_ADDRESS, 4,
				    bar_mask(&bars[LEND_PCI_BAR_ROM], 0) |
					    PCI_ROM_ADDRESS_ENABLE);
}

static void override_ids(struct config *config, const struct lend_pci_ids *ids)
{
	const struct {
		unsigned int given, offset, size;
		uint32_t value;
	} numbers[] = {
		{LEND_PCI_ID_VENDOR, PCI_VENDOR_ID, 2, ids->vendor},
		{LEND_PCI_ID_DEVICE, PCI_DEVICE_ID, 2, ids->device},
		{LEND_PCI_ID_SUB_VENDOR, PCI_SUBSYSTEM_VENDOR_ID, 2,
		 ids->sub_vendor},
		{LEND_PCI_ID_SUB_DEVICE, PCI_SUBSYSTEM_ID, 2, ids->sub_device},
		{LEND_PCI_ID_CLASS, PCI_CLASS_PROG, 1, ids->class_code & 0xff},
		{LEND_PCI_ID_CLASS, PCI_CLASS_DEVICE, 2, ids->class_code >> 8},
	};
	unsigned int i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (ids->given & numbers[i].given)
			bytes_put(config->value + numbers[i].offset,
				  numbers[i].size, numbers[i].value);
}

static void build_header(struct config *config,
			 const struct config_source *source,
			 const struct bar bars[BAR_COUNT])
{
	const uint8_t *image = source->image;

	/* The whole header is emulated and reads 0 except for what follows. No
	 * built-in self test: the kernel would wait for it here. */
	header_keep(config, PCI_VENDOR_ID, 4, image);
	header_keep(config, PCI_SUBSYSTEM_VENDOR_ID, 4, image);
	build_command(config, source, bars);
	header_keep(config, PCI_CLASS_REVISION, 4, image);
	override_ids(config, &source->ids);
	/* They belong to the host's bus; the guest's values have no effect. */
	config_set_writable(config, PCI_CACHE_LINE_SIZE, 2, 0xffff);
	config_set_constant(config, PCI_HEADER_TYPE, 1,
			    source->multifunction ? 0x80 : 0);
	build_bars(config, image, bars);
	header_keep(config, PCI_CARDBUS_CIS, 4, image);
	config_set_writable(config, PCI_INTERRUPT_LINE, 1, 0xff);
	config_set_constant(config, PCI_INTERRUPT_PIN, 1, pin_of(source));
	header_keep(config, PCI_MIN_GNT, 2, image);
}

int config_build(struct config *config, const struct config_source *source,
		 const struct bar bars[BAR_COUNT], const char **fault)
{
	*fault = config_header_fault(source);
	if (*fault)
		return -EBADMSG;
	memset(config, 0, sizeof(*config));
	memset(config->emulated, 0xff, PCI_STD_HEADER_SIZEOF);
	memset(config->emulated + CONFIG_STD_SIZE, 0xff,
	       CONFIG_SIZE - CONFIG_STD_SIZE);
	/* A conventional device has no extended configuration space. */
	if (source->size < CONFIG_SIZE)
		memset(config->value + CONFIG_STD_SIZE, 0xff,
		       CONFIG_SIZE - CONFIG_STD_SIZE);
	build_header(config, source, bars);
	capability_build_standard(config, source, bars);
	if (config->exp)
		capability_build_extended(config, source, bars);
	return 0;
}
