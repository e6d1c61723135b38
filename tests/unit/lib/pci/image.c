// SPDX-License-Identifier: MIT
// Configuration spaces for tests.

#include <string.h>

#include "image.h"

const uint64_t image_full_sizes[BAR_COUNT] = {
	[0] = 0x4000,
	[2] = 0x20,
	[4] = 0x10000,
	[6] = 0x10000,
};

bool image_full_is_own(unsigned int at)
{
	/* From, up to: whole words, after a capability's last one. */
	static const uint16_t own[][2] = {
		{0x48, 0x50},   {0x68, 0x70},   {0xac, 0xb0},
		{0xbc, 0xc0},   {0x148, 0x150}, {0x15c, 0x160},
		{0x1a0, 0x200}, {0x218, 0x220}, {0x228, 0x1000},
	};
	unsigned int i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (at >= own[i][0] && at < own[i][1])
			return true;
	return false;
}

void image_put(uint8_t *image, unsigned int at, unsigned int size,
	       uint32_t value)
{
	for (; size; size--, at++, value >>= 8)
		image[at] = (uint8_t)value;
}

void image_add(uint8_t *image, unsigned int before, unsigned int at, uint8_t id)
{
	image[0x06] |= 0x10;
	image[before ? before + 1 : 0x34] = (uint8_t)at;
	image[at] = id;
	image[at + 1] = 0;
}

void image_add_extended(uint8_t *image, unsigned int before, unsigned int at,
			uint16_t id, unsigned int version)
{
	if (before) {
		image[before + 2] =
			(uint8_t)((image[before + 2] & 0x0f) | at << 4);
		image[before + 3] = (uint8_t)(at >> 4);
	}
	image_put(image, at, 4, id | version << 16);
}

void image_blank(uint8_t image[CONFIG_SIZE])
{
	uint32_t noise = 12345;
	unsigned int i;

	memset(image, 0, 0x40);
	for (i = 0x40; i < CONFIG_SIZE; i++) {
		noise = noise * 1103515245 + 12345;
		image[i] = (uint8_t)(noise >> 16);
	}
	image_put(image, 0x100, 4, 0);
	image_put(image, 0x00, 4, 0x10d38086);
	image_put(image, 0x04, 4, 0xf9000507);
	image_put(image, 0x08, 4, 0x02000003);
	image_put(image, 0x0c, 4, 0x8f804010);
	image_put(image, 0x2c, 4, 0x11223344);
	image_put(image, 0x3c, 4, 0x0201010b);
}

static void image_add_standard(uint8_t image[CONFIG_SIZE])
{
	image_add(image, 0, 0x40, 0x01);
	image_put(image, 0x42, 2, 0xfe23);
	image_put(image, 0x44, 4, 0x5aff2108);
	image_add(image, 0x40, 0x50, 0x05);
	image_put(image, 0x52, 2, 0x01f9);
	image_add(image, 0x50, 0x70, 0x10);
	image_put(image, 0x72, 2, 0x0102);
	image_put(image, 0x74, 4, 0x10008fe3);
	image_put(image, 0x78, 2, 0xa95f);
	image_put(image, 0x94, 4, 0xffffffff);
	image_put(image, 0x98, 2, 0x0416);
	image_add(image, 0x70, 0xb0, 0x11);
	image_put(image, 0xb2, 2, 0xc007);
	image_put(image, 0xb4, 4, 0x1000);
	image_put(image, 0xb8, 4, 0x2800);
	image_add(image, 0xb0, 0xc0, 0x03);
	image_add(image, 0xc0, 0xc8, 0x09);
	image[0xca] = 0x10;
	image_add(image, 0xc8, 0xd8, 0x13);
	image_put(image, 0xda, 2, 0x0306);
	image_add(image, 0xd8, 0xe0, 0x08);
}

void image_full(uint8_t image[CONFIG_SIZE])
{
	image_blank(image);
	image_put(image, 0x10, 4, 0xfebc0004);
	image_put(image, 0x18, 4, 0x0000c021);
	image_put(image, 0x20, 4, 0xe000000c);
	image_put(image, 0x24, 4, 0x000000fe);
	image_put(image, 0x30, 4, 0xfeb00001);
	image_add_standard(image);
	image_add_extended(image, 0, 0x100, 0x0001, 2);
	image_add_extended(image, 0x100, 0x150, 0x0003, 1);
	image_add_extended(image, 0x150, 0x160, 0x0010, 1);
	image_add_extended(image, 0x160, 0x200, 0x000b, 1);
	image_put(image, 0x204, 4, 0x01810042);
	image_add_extended(image, 0x200, 0x220, 0x000e, 1);
}
