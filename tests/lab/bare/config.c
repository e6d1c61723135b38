// SPDX-License-Identifier: MIT
// Configuration space, by ECAM and by ports.

#include "function.h"

#define ADDRESS_PORT 0xcf8
#define DATA_PORT    0xcfc
#define ENABLE       0x80000000u

uint64_t config_read_ecam(const struct function *f, unsigned int at,
			  unsigned int size)
{
	return memory_read(ECAM + (f->devfn << 12) + at, size);
}

void config_write_ecam(const struct function *f, unsigned int at,
		       unsigned int size, uint64_t value)
{
	memory_write(ECAM + (f->devfn << 12) + at, size, value);
}

static uint16_t config_latch(const struct function *f, unsigned int at)
{
	io_write(ADDRESS_PORT, 4, ENABLE | f->devfn << 8 | (at & 0xfc));
	return (uint16_t)(DATA_PORT + (at & 3));
}

uint32_t config_read_port(const struct function *f, unsigned int at,
			  unsigned int size)
{
	return io_read(config_latch(f, at), size);
}

void config_write_port(const struct function *f, unsigned int at,
		       unsigned int size, uint32_t value)
{
	io_write(config_latch(f, at), size, value);
}

uint32_t number_at(const uint8_t *bytes, unsigned int size)
{
	uint32_t value = 0;

	while (size--)
		value = value << 8 | bytes[size];
	return value;
}
