// SPDX-License-Identifier: MIT
// Mirrors of configuration space within a device's BARs, which show the guest
// its view.

#include <string.h>

#include <linux/pci_regs.h>

#include <lend/region.h>

#include "lib/base/bytes.h"
#include "lib/pci/access.h"
#include "lib/pci/config.h"
#include "lib/pci/function.h"
#include "lib/pci/quirk/quirk.h"

/* The largest valid access to configuration space at @offset. */
static unsigned int mirror_piece(unsigned int offset, unsigned int size)
{
	unsigned int piece = 4;

	while (piece > size || offset & (piece - 1))
		piece /= 2;
	return piece;
}

/* Whether a byte belongs to the view. What the view hides or denies may be a
 * vendor's register for drivers that use a mirror. */
static bool mirror_is_shown(const struct config *config, unsigned int at)
{
	if (at < PCI_STD_HEADER_SIZEOF ||
	    (at >= CONFIG_STD_SIZE && at < CONFIG_STD_SIZE + 4))
		return true;
	if (config->writable[at] || config->pass[at])
		return true;
	return at < CONFIG_STD_SIZE
		       ? config->emulated[at] != 0
		       : config->emulated[at] != 0xff || config->value[at];
}

/* Whether no byte belongs to the view: the access goes to VFIO, which has its
 * own policy. */
static bool mirror_is_private(const struct config *config, unsigned int offset,
			      unsigned int size)
{
	for (; size; size--, offset++)
		if (mirror_is_shown(config, offset))
			return false;
	return true;
}

void quirk_config_read(struct lend_pci *pci, unsigned int offset, uint8_t *data,
		       unsigned int size)
{
	unsigned int piece;

	for (; size; size -= piece, offset += piece, data += piece) {
		piece = mirror_piece(offset, size);
		if (offset >= CONFIG_SIZE)
			memset(data, 0xff, piece);
		else if (!mirror_is_private(&pci->config, offset, piece))
			bytes_put(data, piece,
				  access_config_read(pci, offset, piece));
		else if (lend_region_read(pci->device, LEND_PCI_REGION_CONFIG,
					  offset, data, piece))
			memset(data, 0xff, piece);
	}
}

void quirk_config_write(struct lend_pci *pci, unsigned int offset,
			const uint8_t *data, unsigned int size)
{
	unsigned int piece;

	for (; size; size -= piece, offset += piece, data += piece) {
		piece = mirror_piece(offset, size);
		if (offset >= CONFIG_SIZE)
			return;
		if (!mirror_is_private(&pci->config, offset, piece))
			access_config_write(pci, offset, piece,
					    (uint32_t)bytes_get(data, piece));
		else
			lend_region_write(pci->device, LEND_PCI_REGION_CONFIG,
					  offset, data, piece);
	}
}

void quirk_mirror_read(struct lend_pci *pci, const struct quirk_trap *trap,
		       unsigned int at, uint8_t *data, unsigned int size)
{
	quirk_config_read(pci, trap->config + at, data, size);
}

void quirk_mirror_write(struct lend_pci *pci, const struct quirk_trap *trap,
			unsigned int at, const uint8_t *data, unsigned int size)
{
	if (quirks_pass(pci, trap->config + at, size))
		quirk_device_write(pci, trap, at, data, size);
	else
		quirk_config_write(pci, trap->config + at, data, size);
}
