// SPDX-License-Identifier: MIT
// An arm64 guest without an operating system: after a reset the interrupt
// controller's registers have their first values again.
#include <stddef.h>
#include <stdint.h>

#define IMAGE_MAIN gic_reset_main
#include "image.h"

#define GICD  0x08000000ul
#define GICC  0x08010000ul
#define GICR  0x04000000ul
#define GITS  0x08080000ul
#define PIDR2 0xffe8u      /* the GIC's version */
#define NOTES 0x41000000ul /* unused RAM */
#define MARK  0x6c656e64u

struct row {
	uint64_t base;
	uint32_t at, words;
	uint32_t dirt; /* the value to change it to */
};

/* Values that the registers accept; 0: read only. */
static const struct row v3[] = {
	{GICD, 0x0000, 1, 0x12},        {GICD, 0x0084, 8, 0},
	{GICD, 0x0104, 8, 0x00ff00f0},  {GICD, 0x0204, 8, 0x0f000000},
	{GICD, 0x0304, 8, 0x000000f0},  {GICD, 0x0420, 64, 0xa0a0a0a0},
	{GICD, 0x0c08, 16, 0x00aa5500}, {GICD, 0x6100, 512, 0},
	{GICR, 0x00070, 1, 0x42000000}, {GICR, 0x00074, 1, 0},
	{GICR, 0x00078, 1, 0x42100000}, {GICR, 0x0007c, 1, 0},
	{GICR, 0x10080, 1, 0},          {GICR, 0x10100, 1, 0xffffffff},
	{GICR, 0x10200, 1, 0x00010000}, {GICR, 0x10300, 1, 0x00020000},
	{GICR, 0x10400, 8, 0x80808080}, {GICR, 0x10c04, 1, 0},
	{GICR, 0x00000, 1, 1},          {GITS, 0x0080, 1, 0x42200000},
	{GITS, 0x0104, 1, 0x80000000},  {GITS, 0x0000, 1, 1},
};
static const struct row v2[] = {
	{GICD, 0x000, 1, 1},           {GICD, 0x084, 8, 0},
	{GICD, 0x104, 8, 0x00ff00f0},  {GICD, 0x204, 8, 0x0f000000},
	{GICD, 0x304, 8, 0x000000f0},  {GICD, 0x420, 64, 0xa0a0a0a0},
	{GICD, 0x820, 64, 0x01010101}, {GICD, 0xc08, 16, 0x00aa5500},
	{GICD, 0x080, 1, 0},           {GICD, 0x100, 1, 0xffffffff},
	{GICD, 0x200, 1, 0x00010000},  {GICD, 0x400, 8, 0x80808080},
	{GICC, 0x000, 1, 1},           {GICC, 0x004, 1, 0xf0},
	{GICC, 0x008, 1, 3},
};

/* Stores a value of the first boot; returns the first boot's value. */
static uint64_t gic_note(unsigned int *count, uint64_t value)
{
	volatile uint32_t *at = image_word(NOTES) + 1 + *count;

	++*count;
	if (*image_word(NOTES) != MARK)
		*at = (uint32_t)value;
	return *at;
}

static unsigned int gic_differ(uint64_t at, uint64_t first, uint64_t now)
{
	if ((uint32_t)first == (uint32_t)now)
		return 0;
	image_say("guest: gic at ");
	image_say_hex(at);
	image_say(" was ");
	image_say_hex(first);
	image_say(" is ");
	image_say_hex(now);
	image_say("\n");
	return 1;
}

static unsigned int gic_look(const struct row *rows, size_t count,
			     unsigned int *noted)
{
	unsigned int faults = 0;

	for (size_t i = 0; i < count; i++)
		for (uint32_t k = 0; k < rows[i].words; k++) {
			uint64_t at = rows[i].base + rows[i].at + 4 * k;
			uint32_t now = *image_word(at);

			faults += gic_differ(at, gic_note(noted, now), now);
		}
	return faults;
}

static unsigned int gic_look_at_processor(unsigned int *noted)
{
	const uint64_t now[] = {
		GET("S3_0_C4_C6_0"),   GET("S3_0_C12_C12_3"),
		GET("S3_0_C12_C12_4"), GET("S3_0_C12_C12_7"),
		GET("S3_0_C12_C9_0"),
	};
	unsigned int faults = 0;

	for (size_t i = 0; i < sizeof(now) / sizeof(now[0]); i++)
		faults += gic_differ(i, gic_note(noted, now[i]), now[i]);
	return faults;
}

static void gic_dirty(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (uint32_t k = 0; rows[i].dirt && k < rows[i].words; k++)
			*image_word(rows[i].base + rows[i].at + 4 * k) =
				rows[i].dirt;
}

static void gic_dirty_processor(void)
{
	SET("S3_0_C4_C6_0", 0xf0);
	SET("S3_0_C12_C12_3", 5);
	SET("S3_0_C12_C12_4", 2);
	SET("S3_0_C12_C12_7", 1);
	SET("S3_0_C12_C9_0", 1);
}

void gic_reset_main(uint64_t tree, uint64_t first)
{
	int is_v3 = (*image_word(GICD + PIDR2) >> 4 & 15) == 3;
	const struct row *rows = is_v3 ? v3 : v2;
	size_t count =
		is_v3 ? sizeof(v3) / sizeof(v3[0]) : sizeof(v2) / sizeof(v2[0]);
	unsigned int noted = 0, faults = gic_look(rows, count, &noted);

	(void)tree;
	(void)first;
	if (is_v3)
		faults += gic_look_at_processor(&noted);
	if (*image_word(NOTES) != MARK) {
		*image_word(NOTES) = MARK;
		gic_dirty(rows, count);
		if (is_v3)
			gic_dirty_processor();
		image_say("guest: gic changed\n");
		psci_call(SYSTEM_RESET, 0, 0);
	}
	image_say(faults ? "guest: gic FAILED\n"
			 : "guest: gic ok, as at first\n");
	psci_call(SYSTEM_OFF, 0, 0);
}
