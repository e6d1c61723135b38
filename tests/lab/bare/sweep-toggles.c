// SPDX-License-Identifier: MIT
// One processor disables and enables decoding while the other reads and writes:
// each read returns the device's value or all ones.

#include "function.h"

#define NOBODY    0xffffffffu
#define ADDRESSES 0xff0u /* bits of addresses that are written */
#define AT_LEAST  100    /* toggles */
#define TIME      2500   /* milliseconds, after which no more are done */

static struct {
	const struct function *volatile f; /* NULL: stop */
	volatile uint64_t table;           /* its MSI-X table, or 0 */
	volatile unsigned int rounds;
	/* The first wrong read. */
	volatile bool wrong;
	volatile uint64_t wrong_at;
	volatile uint32_t wrong_value;
	volatile bool idle;
} other;

static void toggles_wrong(uint64_t at, uint32_t value)
{
	if (other.wrong)
		return;
	other.wrong_at = at;
	other.wrong_value = value;
	other.wrong = true;
}

static void toggles_use_bars(const struct function *f)
{
	for (unsigned int i = 0; i < BARS; i++) {
		const struct bar *bar = &f->bars[i];
		uint64_t at = bar->home + bar->mark_at;
		uint32_t got;

		if (!bar->has_mark || bar->is_io)
			continue;
		/* An access that KVM begins as unmapped and ends as one of a
		 * mapped BAR is done in bytes, which some devices answer with
		 * 0. */
		got = (uint32_t)memory_read(at, 4);
		if (got != bar->mark && got != NOBODY && got)
			toggles_wrong(at, got);
		memory_write(at, 4, bar->mark);
		memory_read(bar->home + bar->size - 8, 8);
	}
}

/* Reads the last value, or the one before if a write was lost without decoding.
 */
static void toggles_use_table(uint64_t table, unsigned int round)
{
	uint32_t got;

	if (!table)
		return;
	memory_write(table, 4, round << 4 & ADDRESSES);
	got = (uint32_t)memory_read(table, 4);
	if (got & ~ADDRESSES && got != NOBODY)
		toggles_wrong(table, got);
	memory_write(table + 12, 4, round & 1);
}

static void toggles_use_config(const struct function *f)
{
	uint32_t id = (uint32_t)config_read_ecam(f, 0, 4);

	if (id != number_at(f->first, 4))
		toggles_wrong(0, id);
	config_write_ecam(f, BAR0 + 1, 4, NOBODY);
	config_write_ecam(f, 0x3c, 1, other.rounds & 0xff);
}

static void toggles_second(void)
{
	for (;;) {
		const struct function *f = other.f;

		if (!f) {
			other.idle = true;
			__asm__ volatile("pause");
			continue;
		}
		other.idle = false;
		toggles_use_bars(f);
		toggles_use_table(other.table, other.rounds);
		toggles_use_config(f);
		other.rounds++;
	}
}

bool toggles_start(void)
{
	other.idle = true;
	return machine_start_second(toggles_second);
}

static void toggles_check(const struct function *f)
{
	for (unsigned int i = 0; i < BARS; i++) {
		const struct bar *bar = &f->bars[i];
		uint32_t got;

		if (!bar->has_mark)
			continue;
		got = bar_peek(bar, bar->home, bar->mark_at);
		if (got != bar->mark)
			console_fault(
				"%x: after toggles BAR %u reads %x, not %x",
				f->devfn, i, got, bar->mark);
	}
	if (other.wrong)
		console_fault("%x: the other processor read %x at %lx",
			      f->devfn, other.wrong_value, other.wrong_at);
	other.wrong = false;
}

static uint64_t toggles_table(const struct function *f)
{
	unsigned int at = f->capability[CAPABILITY_MSIX];
	uint32_t where;

	if (!at)
		return 0;
	where = number_at(f->first + at + 4, 4);
	return f->bars[where & 7].home + (where & ~7u);
}

unsigned int sweep_toggles(struct function *f, unsigned int toggles,
			   unsigned int *rounds)
{
	unsigned int before = other.rounds, done, i, msix = 0;

	other.table = toggles_table(f);
	if (other.table) {
		memory_write(other.table, 4, 0);
		msix = f->capability[CAPABILITY_MSIX] + 2u;
		config_write_ecam(f, msix, 2, 0x8000);
	}
	timer_start();
	other.f = f;
	for (done = 0; done < toggles; done += 2) {
		config_write_ecam(f, COMMAND, 1, done >> 1 & 1);
		config_write_ecam(f, COMMAND, 1, DECODES);
		if (done >= AT_LEAST && timer_milliseconds() > TIME)
			break;
	}
	for (i = 0; i < 1000 && other.rounds - before < 100; i++)
		config_write_ecam(f, COMMAND, 1, DECODES);
	other.f = NULL;
	while (!other.idle)
		__asm__ volatile("pause");
	if (other.table) {
		memory_write(other.table, 8, 0);
		memory_write(other.table + 12, 4, 1);
		config_write_ecam(f, msix, 2, 0);
	}
	config_write_ecam(f, 0x3c, 1, f->first[0x3c]);
	toggles_check(f);
	*rounds = other.rounds - before;
	return done;
}
