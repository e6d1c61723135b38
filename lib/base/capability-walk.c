// SPDX-License-Identifier: MIT
// The capability lists of a PCI configuration space, walked with a bound.

#include <stdbool.h>
#include <stddef.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/base/capability-walk.h"

#define STANDARD_SIZE CAPABILITIES_STANDARD_SIZE
#define WHOLE_SIZE    CAPABILITIES_SIZE

struct walk {
	const uint8_t *config;
	size_t size;
	uint64_t seen[WHOLE_SIZE / 4 / 64]; /* a bit for each 4 bytes */
	const char *fault;
};

/* Whether there is a capability at @at, whose header is of @length bytes, in
 * the part of configuration space that begins at @start. */
static bool capabilities_enter(struct walk *walk, unsigned int at,
			       unsigned int start, unsigned int length)
{
	uint64_t bit = 1ull << at / 4 % 64;
	uint64_t *seen = &walk->seen[at / 4 / 64];

	if (at < start)
		walk->fault = start == STANDARD_SIZE ? "points below 0x100"
						     : "points into the header";
	else if (at + length > walk->size)
		walk->fault = "points out of configuration space";
	else if (*seen & bit)
		walk->fault = "loops";
	if (walk->fault)
		return false;
	*seen |= bit;
	return true;
}

static unsigned int
capabilities_walk_standard(struct walk *walk, struct lend_pci_capability *found,
			   unsigned int room)
{
	const uint8_t *config = walk->config;
	unsigned int count = 0;
	unsigned int at;

	if (walk->size < PCI_STD_HEADER_SIZEOF ||
	    !(config[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return 0;
	if (walk->size > STANDARD_SIZE)
		walk->size = STANDARD_SIZE;
	/* The two lowest bits are reserved: PCI 3.0, section 6.7. */
	at = config[PCI_CAPABILITY_LIST] & ~3u;
	while (at && capabilities_enter(walk, at, PCI_STD_HEADER_SIZEOF, 2)) {
		if (config[at] == 0xff)
			walk->fault = "points to unimplemented registers";
		if (walk->fault || count == room)
			break;
		found[count].offset = (uint16_t)at;
		found[count++].id = config[at];
		at = config[at + 1] & ~3u;
	}
	return count;
}

static unsigned int
capabilities_walk_extended(struct walk *walk, struct lend_pci_capability *found,
			   unsigned int room)
{
	unsigned int count = 0;
	unsigned int at = STANDARD_SIZE;

	if (walk->size <= STANDARD_SIZE)
		return 0;
	while (at && count < room &&
	       capabilities_enter(walk, at, STANDARD_SIZE, 4)) {
		uint32_t header = (uint32_t)bytes_get(walk->config + at, 4);

		if (header == 0xffffffff)
			walk->fault = "points to unimplemented registers";
		if (!header || walk->fault)
			break;
		found[count].offset = (uint16_t)at;
		found[count++].id = PCI_EXT_CAP_ID(header);
		at = PCI_EXT_CAP_NEXT(header);
	}
	return count;
}

unsigned int lend_pci_capabilities(const uint8_t *config, size_t size,
				   enum lend_pci_list list,
				   struct lend_pci_capability *found,
				   unsigned int room, const char **fault)
{
	struct walk walk = {
		.config = config,
		.size = size < WHOLE_SIZE ? size : WHOLE_SIZE,
	};
	unsigned int count =
		list == LEND_PCI_LIST_EXTENDED
			? capabilities_walk_extended(&walk, found, room)
			: capabilities_walk_standard(&walk, found, room);

	if (fault)
		*fault = walk.fault;
	return count;
}

static unsigned int
capabilities_find_id(const struct lend_pci_capability *found,
		     unsigned int count, unsigned int id)
{
	for (unsigned int i = 0; i < count; i++)
		if (found[i].id == id)
			return found[i].offset;
	return 0;
}

unsigned int capabilities_find(const uint8_t image[STANDARD_SIZE], uint8_t id)
{
	struct lend_pci_capability found[LEND_PCI_LIST_STANDARD_MAX];
	unsigned int count = lend_pci_capabilities(
		image, STANDARD_SIZE, LEND_PCI_LIST_STANDARD, found,
		LEND_PCI_LIST_STANDARD_MAX, NULL);

	return capabilities_find_id(found, count, id);
}

unsigned int capabilities_find_extended(const uint8_t image[WHOLE_SIZE],
					uint16_t id)
{
	struct lend_pci_capability found[LEND_PCI_LIST_EXTENDED_MAX];
	unsigned int count =
		lend_pci_capabilities(image, WHOLE_SIZE, LEND_PCI_LIST_EXTENDED,
				      found, LEND_PCI_LIST_EXTENDED_MAX, NULL);

	return capabilities_find_id(found, count, id);
}
