// SPDX-License-Identifier: MIT
// Reads and writes configuration space at every offset and width, by ECAM and
// by ports, and checks it against the model.

#include "function.h"

static bool is_whole(unsigned int at, unsigned int size)
{
	return size <= 4 && !(at & (size - 1)) && at + size <= CONFIG_SIZE;
}

/* A power state that the function does not support is ignored. */
static uint8_t keep_state(const struct function *f, unsigned int at,
			  uint8_t old, uint8_t value)
{
	unsigned int power = f->capability[CAPABILITY_POWER];
	unsigned int has;

	if (!power || at != power + 4)
		return value;
	has = number_at(f->first + power + 2, 2) >> 8;
	if (((value & 3) == 1 && !(has & 2)) ||
	    ((value & 3) == 2 && !(has & 4)))
		return (uint8_t)((value & ~3u) | (old & 3u));
	return value;
}

void function_wrote(struct function *f, unsigned int at, unsigned int size,
		    uint64_t value)
{
	for (unsigned int i = 0; i < size; i++, value >>= 8) {
		uint8_t *now = &f->now[at + i], mask = f->writable[at + i];
		uint8_t byte = keep_state(f, at + i, *now, (uint8_t)value);

		*now = (uint8_t)((*now & ~mask) | (byte & mask));
	}
}

bool function_agrees(const struct function *f, unsigned int at,
		     unsigned int size, uint32_t value)
{
	uint32_t loose = number_at(f->loose + at, size);

	return !((value ^ number_at(f->now + at, size)) & ~loose);
}

/* The range reads as expected. */
static void config_check(const struct function *f, unsigned int from,
			 unsigned int end, const char *when)
{
	for (unsigned int at = from & ~3u; at < end; at += 4) {
		uint32_t value = (uint32_t)config_read_ecam(f, at, 4);

		if (!function_agrees(f, at, 4, value))
			console_fault("%x: %s, %x reads %x, not %x", f->devfn,
				      when, at, value,
				      number_at(f->now + at, 4));
	}
}

/* An access that is not one whole register may read in parts, or all ones. */
static bool config_parts_agree(const struct function *f, unsigned int at,
			       unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size; i++, value >>= 8)
		if ((value & 0xff) != 0xff && at + i < CONFIG_SIZE &&
		    !function_agrees(f, at + i, 1, value & 0xff))
			return false;
	return true;
}

static void config_read_all(const struct function *f)
{
	unsigned int at, size;
	uint64_t value;

	for (size = 1; size <= 8; size *= 2)
		for (at = 0; at < CONFIG_SIZE; at++) {
			value = config_read_ecam(f, at, size);
			if (is_whole(at, size)
				    ? function_agrees(f, at, size,
						      (uint32_t)value)
				    : config_parts_agree(f, at, size, value))
				continue;
			console_fault("%x: %u bytes at %x read %lx", f->devfn,
				      size, at, value);
		}
	for (size = 1; size <= 4; size *= 2)
		for (at = 0; at < STANDARD_SIZE; at++) {
			value = config_read_port(f, at, size);
			if (!config_parts_agree(f, at, size, value))
				console_fault(
					"%x: %u bytes at %x read %lx by ports",
					f->devfn, size, at, value);
		}
}

/* The pattern without the bits that are never written. */
static uint64_t config_harmless(const struct function *f, unsigned int at,
				unsigned int size, uint64_t value)
{
	for (unsigned int i = 0; i < size && at + i < CONFIG_SIZE; i++)
		value &= ~((uint64_t)f->never[at + i] << i * 8);
	return value;
}

/* A register that changed has the bytes that were written. */
static void config_settle_register(struct function *f, unsigned int at,
				   unsigned int from, unsigned int size,
				   uint64_t value)
{
	uint32_t got = (uint32_t)config_read_ecam(f, at, 4);

	if (function_agrees(f, at, 4, got))
		return;
	for (unsigned int i = at; i < at + 4; i++, got >>= 8)
		if (i >= from && i < from + size &&
		    !function_agrees(f, i, 1, got & 0xff))
			function_wrote(f, i, 1, value >> (i - from) * 8);
}

/* A write that may have happened in parts, or not at all. */
static void config_settle(struct function *f, unsigned int at,
			  unsigned int size, uint64_t value)
{
	for (unsigned int i = at & ~3u; i < at + size; i += 4)
		config_settle_register(f, i, at, size, value);
}

static void config_put_back(struct function *f, unsigned int from,
			    unsigned int end)
{
	for (unsigned int at = from & ~3u; at < end; at += 4) {
		uint32_t first = number_at(f->first + at, 4);

		if (!number_at(f->writable + at, 4) ||
		    number_at(f->now + at, 4) == first)
			continue;
		config_write_ecam(f, at, 4, first);
		function_wrote(f, at, 4, first);
	}
}

static void config_write_one(struct function *f, unsigned int at,
			     unsigned int size, uint64_t value, bool by_ports)
{
	value = config_harmless(f, at, size, value);
	if (by_ports)
		config_write_port(f, at, size, (uint32_t)value);
	else
		config_write_ecam(f, at, size, value);
	if (is_whole(at, size))
		function_wrote(f, at, size, value);
	else
		config_settle(f, at, size, value);
	config_check(f, at, at + size,
		     by_ports ? "written by ports" : "written");
	config_put_back(f, at, at + size);
}

/* The first 256 bytes, with most writable registers: checked after each write.
 */
static void config_write_standard(struct function *f)
{
	for (unsigned int size = 1; size <= 8; size *= 2)
		for (unsigned int at = 0; at < STANDARD_SIZE; at++) {
			uint64_t bit = 1ull << (at * 5 + size) % (size * 8);

			config_write_one(f, at, size, 0, false);
			config_write_one(f, at, size, UINT64_MAX, false);
			config_write_one(f, at, size, bit, false);
			if (size <= 4 && (at & 3) + size <= 4)
				config_write_one(f, at, size, ~bit, true);
		}
	config_check(f, 0, CONFIG_SIZE, "after writes");
}

/* The rest: all written, then all checked. */
static void config_write_extended(struct function *f)
{
	for (unsigned int size = 1; size <= 8; size *= 2) {
		for (unsigned int at = STANDARD_SIZE; at + size <= CONFIG_SIZE;
		     at++)
			config_write_ecam(
				f, at, size,
				config_harmless(f, at, size, UINT64_MAX));
		config_check(f, 0, CONFIG_SIZE, "all ones later");
	}
	for (unsigned int at = STANDARD_SIZE; at < CONFIG_SIZE; at += 4)
		config_write_ecam(f, at, 4, 0);
	config_check(f, 0, CONFIG_SIZE, "zeros later");
}

void sweep_config(struct function *f)
{
	config_read_all(f);
	config_write_standard(f);
	config_write_extended(f);
}

static bool function_start_reset(struct function *f)
{
	unsigned int express = f->capability[CAPABILITY_EXPRESS];
	unsigned int af = f->capability[CAPABILITY_AF];

	if (express && f->first[express + 7] & 0x10)
		config_write_ecam(f, express + 8u, 2, 0x8000);
	else if (af && f->first[af + 3] & 2)
		config_write_ecam(f, af + 4u, 1, 1);
	else
		return false;
	return true;
}

/* Restores the first values, by a function-level reset if supported. */
void sweep_reset(struct function *f)
{
	config_write_ecam(f, COMMAND, 2, 0x0406);
	if (!function_start_reset(f)) {
		config_write_ecam(f, COMMAND, 2,
				  number_at(f->first + COMMAND, 2));
		for (unsigned int at = BAR0; at <= ROM; at += 4)
			config_write_ecam(f, at, 4,
					  number_at(f->first + at, 4));
	}
	config_check(f, 0, CONFIG_SIZE, "after a reset");
}
