// SPDX-License-Identifier: MIT
// Changes the device that the images of an expansion ROM are for. Source: PCI
// Firmware Specification 3.0, section 5.1.

#include <string.h>

#include "lib/base/bytes.h"
#include "lib/pci/rom-image.h"

/* In an image's header. */
#define SIGNATURE    0xaa55
#define INIT_LENGTH  0x02 /* in units of 512 bytes, of BIOS images */
#define SPARE        0x06 /* unused in BIOS images */
#define DATA_POINTER 0x18
#define HEADER_SIZE  0x1a

/* In the data structure that it points to. */
#define DATA_VENDOR    0x04
#define DATA_DEVICE    0x06
#define DATA_LENGTH    0x10 /* of the image, in units of 512 bytes */
#define DATA_TYPE      0x14
#define DATA_INDICATOR 0x15
#define DATA_SIZE      0x18

#define UNIT      512
#define TYPE_BIOS 0
#define LAST      0x80

/* The bytes of a BIOS image must add up to 0. */
static void rom_image_balance(uint8_t *image, size_t room)
{
	size_t length = (size_t)image[INIT_LENGTH] * UNIT;
	uint8_t sum = 0;
	size_t i;

	if (length <= SPARE || length > room)
		return;
	image[SPARE] = 0;
	for (i = 0; i < length; i++)
		sum = (uint8_t)(sum + image[i]);
	image[SPARE] = (uint8_t)-sum;
}

static void rom_image_patch_one(uint8_t *image, size_t room, uint8_t *data,
				const struct rom_ids *ids)
{
	if (bytes_get(data + DATA_VENDOR, 2) != ids->from_vendor)
		return;
	if (ids->vendor == ids->from_vendor &&
	    bytes_get(data + DATA_DEVICE, 2) == ids->device)
		return;
	bytes_put(data + DATA_VENDOR, 2, ids->vendor);
	bytes_put(data + DATA_DEVICE, 2, ids->device);
	if (data[DATA_TYPE] == TYPE_BIOS)
		rom_image_balance(image, room);
}

void rom_image_patch(uint8_t *rom, size_t size, const struct rom_ids *ids)
{
	size_t at = 0;

	/* Each step is at least a unit, so the loop ends. */
	while (size - at >= HEADER_SIZE) {
		uint8_t *image = rom + at;
		size_t room = size - at, data, length;

		data = bytes_get(image + DATA_POINTER, 2);
		if (bytes_get(image, 2) != SIGNATURE || data > room ||
		    room - data < DATA_SIZE ||
		    memcmp(image + data, "PCIR", 4) != 0)
			return;
		rom_image_patch_one(image, room, image + data, ids);
		length = bytes_get(image + data + DATA_LENGTH, 2) * UNIT;
		if (!length || length >= room ||
		    image[data + DATA_INDICATOR] & LAST)
			return;
		at += length;
	}
}
