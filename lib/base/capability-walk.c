// SPDX-License-Identifier: MIT
// The capability lists of a PCI configuration space, walked with a bound.

#include <stddef.h>

#include <linux/pci_regs.h>

#include "lib/base/bytes.h"
#include "lib/base/capability-walk.h"

#define STANDARD_SIZE CAPABILITIES_STANDARD_SIZE
#define WHOLE_SIZE    CAPABILITIES_SIZE

unsigned int
capabilities_standard(const uint8_t image[STANDARD_SIZE],
		      struct capability found[CAPABILITY_STANDARD_MAX],
		      const char **cut)
{
	uint64_t seen = 0; /* a bit for each 4 bytes */
	unsigned int count = 0;
	unsigned int at;

	*cut = NULL;
	if (!(image[PCI_STATUS] & PCI_STATUS_CAP_LIST))
		return 0;
	/* The two lowest bits are reserved: PCI 3.0, section 6.7. */
	at = image[PCI_CAPABILITY_LIST] & ~3u;
	while (at) {
		if (at < PCI_STD_HEADER_SIZEOF)
			*cut = "points into the header";
		else if (seen & 1ull << at / 4)
			*cut = "is a loop";
		else if (image[at] == 0xff)
			*cut = "points to unimplemented registers";
		if (*cut || count == CAPABILITY_STANDARD_MAX)
			break;
		seen |= 1ull << at / 4;
		found[count].at = (uint16_t)at;
		found[count++].id = image[at];
		at = image[at + 1] & ~3u;
	}
	return count;
}

unsigned int
capabilities_extended(const uint8_t image[WHOLE_SIZE],
		      struct capability found[CAPABILITY_EXTENDED_MAX],
		      const char **cut)
{
	uint64_t seen[WHOLE_SIZE / 4 / 64] = {0};
	unsigned int count = 0;
	unsigned int at = STANDARD_SIZE;

	*cut = NULL;
	while (at && count < CAPABILITY_EXTENDED_MAX) {
		uint32_t header = (uint32_t)bytes_get(image + at, 4);

		if (at < STANDARD_SIZE)
			*cut = "points below its start";
		else if (seen[at / 256] & 1ull << at / 4 % 64)
			*cut = "is a loop";
		else if (header == 0xffffffff)
			*cut = "points to unimplemented registers";
		if (*cut || !header)
			break;
		seen[at / 256] |= 1ull << at / 4 % 64;
		found[count].at = (uint16_t)at;
		found[count++].id = PCI_EXT_CAP_ID(header);
		at = PCI_EXT_CAP_NEXT(header);
	}
	return count;
}

unsigned int capabilities_find(const uint8_t image[STANDARD_SIZE], uint8_t id)
{
	struct capability found[CAPABILITY_STANDARD_MAX];
	const char *cut;
	unsigned int count = capabilities_standard(image, found, &cut);

	for (unsigned int i = 0; i < count; i++)
		if (found[i].id == id)
			return found[i].at;
	return 0;
}

unsigned int capabilities_find_extended(const uint8_t image[WHOLE_SIZE],
					uint16_t id)
{
	struct capability found[CAPABILITY_EXTENDED_MAX];
	const char *cut;
	unsigned int count = capabilities_extended(image, found, &cut);

	for (unsigned int i = 0; i < count; i++)
		if (found[i].id == id)
			return found[i].at;
	return 0;
}
