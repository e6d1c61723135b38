// SPDX-License-Identifier: MIT
// Assigns addresses to BARs, and finds a mark in each.

#include "function.h"

#define MEMORY_HOME 0xc0000000u /* the machine's window for BARs */
#define PORTS_HOME  0xc000u

static uint64_t next_memory = MEMORY_HOME, next_port = PORTS_HOME;

static uint64_t bars_take(uint64_t *next, uint64_t size)
{
	uint64_t at = (*next + size - 1) & ~(size - 1);

	*next = at + size;
	return at;
}

uint32_t bar_peek(const struct bar *bar, uint64_t base, unsigned int offset)
{
	if (bar->is_io)
		return io_read((uint16_t)(base + offset), 4);
	return (uint32_t)memory_read(base + offset, 4);
}

void bar_move(const struct function *f, unsigned int i, uint64_t to)
{
	const struct bar *bar = &f->bars[i];
	unsigned int at = BAR0 + i * 4;
	uint32_t want, got;

	for (unsigned int half = 0; half <= bar->is_64bit; half++) {
		config_write_ecam(f, at + half * 4, 4, to >> half * 32);
		want = (uint32_t)(to >> half * 32) &
		       number_at(f->writable + at + half * 4, 4);
		got = (uint32_t)config_read_ecam(f, at + half * 4, 4) &
		      number_at(f->writable + at + half * 4, 4);
		if (got != want)
			console_fault("%x: BAR %u does not keep %lx", f->devfn,
				      i, to);
	}
}

static bool is_mark(uint32_t value)
{
	return value && value != 0xffffffff;
}

static void bar_find_mark(struct bar *bar)
{
	for (unsigned int at = 0; at < 0x100 && at < bar->size; at += 4) {
		uint32_t value = bar_peek(bar, bar->home, at);

		if (!is_mark(value) || bar_peek(bar, bar->home, at) != value)
			continue;
		bar->has_mark = true;
		bar->mark_at = at;
		bar->mark = value;
		return;
	}
}

/* A register that counts, or that a read clears, is no mark: it has changed
 * now. */
static void bar_try_mark(struct bar *bar)
{
	if (bar->has_mark &&
	    bar_peek(bar, bar->home, bar->mark_at) != bar->mark)
		bar->has_mark = false;
}

void bars_place(struct function *f)
{
	unsigned int i;

	for (i = 0; i < BARS; i++) {
		struct bar *bar = &f->bars[i];

		if (!bar->size)
			continue;
		bar->home = bars_take(
			bar->is_io ? &next_port : &next_memory,
			bar->size < PAGE && !bar->is_io ? PAGE : bar->size);
		bar_move(f, i, bar->home);
	}
	config_write_ecam(f, COMMAND, 2, DECODES);
	for (i = 0; i < BARS; i++)
		if (f->bars[i].size)
			bar_find_mark(&f->bars[i]);
	config_write_ecam(f, COMMAND, 2, 0);
	config_write_ecam(f, COMMAND, 2, DECODES);
	for (i = 0; i < BARS; i++)
		bar_try_mark(&f->bars[i]);
}
