// SPDX-License-Identifier: MIT
// Reads and writes the MSI-X table and pending bits at every offset and width,
// within and past their ends, with and without vectors in use.

#include "function.h"

#define ENTRY      16
#define CONTROL    12
#define ENTRIES    128 /* of the table to sweep, at most */
#define PAST       64  /* bytes to sweep past the table */
#define ENABLE     0x8000
#define MASK_ALL   0x4000
#define MESSAGE_TO 0xfee00000u
#define VECTOR     0x40

struct table {
	const struct function *f;
	unsigned int control; /* in configuration space */
	unsigned int count;
	uint64_t table, pending; /* addresses */
	uint8_t now[ENTRIES * ENTRY];
};

/* An entry's last register has the mask bit only. */
static uint8_t table_bits(unsigned int at)
{
	unsigned int in = at % ENTRY;

	return in < CONTROL ? 0xff : in == CONTROL;
}

/* The two lowest bits of the message address may be read-only zero or not. */
static bool table_differs(unsigned int at, uint8_t one, uint8_t other)
{
	return (one ^ other) & (at % ENTRY ? 0xff : 0xfc);
}

/* Registers keep their values except for [@from, +@size), where each byte of
 * @value may have been written, or must have been if @whole. */
static void table_check(struct table *t, unsigned int from, unsigned int size,
			uint64_t value, bool whole)
{
	unsigned int end = t->count * ENTRY;

	for (unsigned int at = from & ~3u; at < from + size && at < end;
	     at += 4) {
		uint32_t got = (uint32_t)memory_read(t->table + at, 4);

		for (unsigned int i = at; i < at + 4; i++, got >>= 8) {
			bool in = i >= from && i < from + size;
			uint8_t new = in ? value >> (i - from) * 8 : 0;
			uint8_t byte = (uint8_t)got;

			new &= table_bits(i);
			if (in && (whole || !table_differs(i, byte, new)))
				t->now[i] = new;
			if (table_differs(i, byte, t->now[i]))
				console_fault("%x: table %x reads %x, not %x, "
					      "after %u "
					      "bytes at %x",
					      t->f->devfn, i, byte, t->now[i],
					      size, from);
		}
	}
}

static void table_write(struct table *t, unsigned int at, unsigned int size,
			uint64_t value)
{
	bool whole = size >= 4 && !(at & (size - 1)) &&
		     at + size <= t->count * ENTRY;

	memory_write(t->table + at, size, value);
	table_check(t, at, size, value, whole);
}

static bool table_reads(const struct table *t, unsigned int at,
			unsigned int size, uint64_t got)
{
	for (unsigned int i = at; i < at + size; i++, got >>= 8)
		if (i < t->count * ENTRY &&
		    table_differs(i, got & 0xff, t->now[i]))
			return false;
	return true;
}

static void table_sweep(struct table *t)
{
	unsigned int end = t->count * ENTRY;

	for (unsigned int size = 1; size <= 8; size *= 2)
		for (unsigned int at = 0; at < end; at++) {
			uint64_t got;

			table_write(t, at, size,
				    at & 1 ? UINT64_MAX
					   : 0x0102040810204080ul << at % 7);
			got = memory_read(t->table + at, size);
			if (!table_reads(t, at, size, got))
				console_fault(
					"%x: %u bytes of table %x read %lx",
					t->f->devfn, size, at, got);
		}
	for (unsigned int at = 0; at < end; at += 4)
		table_write(t, at, 4, at % ENTRY == CONTROL);
}

/* Writes change nothing. */
static void table_sweep_pending(struct table *t)
{
	unsigned int end = (t->count + 63) / 64 * 8;

	for (unsigned int size = 1; size <= 8; size *= 2)
		for (unsigned int at = 0; at < end; at++) {
			memory_write(t->pending + at, size,
				     at + size <= end ? UINT64_MAX : 0);
			if (memory_read(t->pending + (at & ~7u), 8))
				console_fault(
					"%x: pending bits were written at %x",
					t->f->devfn, at);
		}
}

/* The bytes past the table are the device's; the table must not change. */
static void table_sweep_past(struct table *t)
{
	unsigned int end = t->count * ENTRY;

	for (unsigned int size = 1; size <= 8; size *= 2)
		for (unsigned int at = end - 8; at < end + PAST; at++) {
			uint64_t got = memory_read(t->table + at, size);

			if (!table_reads(t, at, size, got))
				console_fault(
					"%x: %u bytes of table %x read %lx",
					t->f->devfn, size, at, got);
			if (at + size <= end + 16)
				table_write(t, at, size, got);
		}
}

static void table_set_control(const struct table *t, uint32_t value)
{
	config_write_ecam(t->f, t->control, 2, value);
	if ((config_read_ecam(t->f, t->control, 2) & (ENABLE | MASK_ALL)) !=
	    value)
		console_fault("%x: MSI-X control does not keep %x", t->f->devfn,
			      value);
}

static void table_set_entry(struct table *t, unsigned int i, uint64_t address,
			    uint32_t data, bool masked)
{
	table_write(t, i * ENTRY, 8, address);
	table_write(t, i * ENTRY + 8, 4, data);
	table_write(t, i * ENTRY + CONTROL, 4, masked);
}

/* Vectors in use, with valid and invalid messages. */
static void table_use_vectors(struct table *t)
{
	static const uint64_t addresses[] = {
		MESSAGE_TO, 0,          UINT64_MAX,         0xfee01000,
		0x2000000,  0xfec00000, 0xfffffffffee00000, 0x1fee00000,
	};
	unsigned int end = t->count < 4 ? t->count : 4;

	table_set_control(t, ENABLE);
	for (unsigned int a = 0; a < sizeof(addresses) / sizeof(uint64_t); a++)
		for (unsigned int i = 0; i < end; i++) {
			table_set_entry(t, i, addresses[a], a ? ~i : VECTOR + i,
					false);
			table_write(t, i * ENTRY, 8, addresses[a] ^ 4);
			table_set_entry(t, i, addresses[a], i, true);
		}
	for (unsigned int i = 0; i < t->count; i++)
		table_set_entry(t, i, MESSAGE_TO, VECTOR + i % 128, false);
	table_set_control(t, ENABLE | MASK_ALL);
	table_set_control(t, ENABLE);
	table_sweep_pending(t);
	table_set_control(t, MASK_ALL);
	table_set_control(t, 0);
	table_set_control(t, ENABLE | MASK_ALL);
	for (unsigned int i = 0; i < t->count; i++)
		table_set_entry(t, i, 0, 0, true);
	table_set_control(t, 0);
}

void sweep_msix(struct function *f)
{
	static struct table table;
	struct table *t = &table;
	uint32_t where;

	if (!f->capability[CAPABILITY_MSIX])
		return;
	t->f = f;
	t->control = f->capability[CAPABILITY_MSIX] + 2u;
	t->count = (number_at(f->first + t->control, 2) & 0x7ff) + 1;
	if (t->count > ENTRIES)
		t->count = ENTRIES;
	where = number_at(f->first + t->control + 2, 4);
	t->table = f->bars[where & 7].home + (where & ~7u);
	where = number_at(f->first + t->control + 6, 4);
	t->pending = f->bars[where & 7].home + (where & ~7u);
	for (unsigned int at = 0; at < t->count * ENTRY; at++)
		t->now[at] = at % ENTRY == CONTROL;
	table_check(t, 0, t->count * ENTRY, 0, false);
	table_sweep(t);
	table_sweep_pending(t);
	table_sweep_past(t);
	table_use_vectors(t);
}
