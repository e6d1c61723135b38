// SPDX-License-Identifier: MIT
// BARs at valid and invalid addresses: other owners of an address keep
// answering, and the BAR answers when it is moved back.

#include "function.h"

#define OWN_PAGE   0x2000000ul /* of this program's RAM, 4 MiB of it */
#define OWN_SIZE   0x400000ul
#define OWN_WORD   0x0123456789abcdeful
#define IOAPIC     0xfec00000ul
#define LOCAL_APIC 0xfee00000ul
#define VERSION    0x30 /* register of the local APIC */

static void ram_check(const struct function *f, const char *where)
{
	for (uint64_t at = OWN_PAGE; at < OWN_PAGE + OWN_SIZE; at += PAGE)
		if (memory_read(at, 8) != (OWN_WORD ^ at))
			console_fault("%x: RAM at %lx changed with a BAR %s",
				      f->devfn, at, where);
}

/* Writes reach RAM, and no device. */
static void ram_use(const struct function *f, const char *where)
{
	ram_check(f, where);
	for (uint64_t at = OWN_PAGE; at < OWN_PAGE + OWN_SIZE; at += PAGE)
		memory_write(at, 8, OWN_WORD ^ at);
	ram_check(f, where);
}

static uint32_t ioapic_version(void)
{
	memory_write(IOAPIC, 4, 1);
	return (uint32_t)memory_read(IOAPIC + 0x10, 4);
}

struct seen {
	uint32_t ioapic, lapic, bridge, low;
};

static struct seen seen_now(void)
{
	return (struct seen){
		.ioapic = ioapic_version(),
		.lapic = (uint32_t)memory_read(LOCAL_APIC + VERSION, 4),
		.bridge = (uint32_t)memory_read(ECAM, 4),
		.low = (uint32_t)memory_read(0xe0000, 4),
	};
}

static void seen_check(const struct function *f, const struct seen *before,
		       const char *where)
{
	struct seen now = seen_now();

	if (now.ioapic != before->ioapic || now.lapic != before->lapic ||
	    now.bridge != before->bridge || now.low != before->low)
		console_fault(
			"%x: a BAR %s hides the machine's own: %x %x %x %x",
			f->devfn, where, now.ioapic, now.lapic, now.bridge,
			now.low);
	ram_use(f, where);
}

static void bar_check_mark(const struct function *f, unsigned int i,
			   uint64_t at, const char *where)
{
	const struct bar *bar = &f->bars[i];
	uint32_t got;

	if (!bar->has_mark)
		return;
	got = bar_peek(bar, at, bar->mark_at);
	if (got != bar->mark)
		console_fault("%x: BAR %u %s at %lx reads %x, not %x", f->devfn,
			      i, where, at, got, bar->mark);
}

static void function_decode_anew(const struct function *f)
{
	config_write_ecam(f, COMMAND, 2, 0);
	config_write_ecam(f, COMMAND, 2, DECODES);
}

struct place {
	const char *name;
	uint64_t at;
	bool answers; /* the BAR does, as the address is free */
};

/* Over the first page, RAM, the I/O APIC, the local APIC, configuration space,
 * legacy video memory and firmware tables, and at the ends of the address
 * space. */
static void sweep_memory(const struct function *f, unsigned int i,
			 const struct seen *before)
{
	const struct bar *bar = &f->bars[i];
	uint64_t end = 1ull << machine_address_bits();
	const struct place places[] = {
		{"at 0", 0, false},
		{"on RAM", OWN_PAGE, false},
		{"on the I/O APIC", IOAPIC, false},
		{"on the local APIC", LOCAL_APIC, false},
		{"on configuration space", ECAM, false},
		{"on video memory", 0xa0000, false},
		{"on firmware", 0xe0000, false},
		{"at the end of 32 bits", (1ull << 32) - bar->size, false},
		{"at the end of the address bits", end - bar->size, true},
		{"past the address bits", end, false},
		{"far past the address bits", 1ull << 62, false},
		{"at the end of 64 bits", -bar->size, false},
	};

	machine_map(end - 1);
	for (unsigned int p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
		uint64_t at = places[p].at & -bar->size;

		if (at >> 32 && !bar->is_64bit)
			continue;
		bar_move(f, i, at);
		/* A lower half of all ones may count as sizing until decoding
		 * is enabled again. */
		function_decode_anew(f);
		seen_check(f, before, places[p].name);
		if (places[p].answers)
			bar_check_mark(f, i, at, places[p].name);
		bar_move(f, i, bar->home);
		bar_check_mark(f, i, bar->home, "at home again");
	}
}

static void sweep_ports(const struct function *f, unsigned int i,
			const struct seen *before)
{
	static const uint32_t places[] = {0,     0x60,   0x3f8,   0x600,
					  0xcf8, 0xffff, 0x10000, 0xfffffff0};
	const struct bar *bar = &f->bars[i];

	for (unsigned int p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
		uint32_t id = config_read_port(f, 0, 4);

		bar_move(f, i, places[p] & -bar->size);
		seen_check(f, before, "at ports");
		if (config_read_port(f, 0, 4) != id)
			console_fault(
				"%x: ports at %x hide configuration space",
				f->devfn, places[p]);
		bar_move(f, i, bar->home);
		bar_check_mark(f, i, bar->home, "at home again");
	}
}

/* Over a BAR of another function, which was there first. */
static void sweep_other(const struct function *f, unsigned int i,
			const struct function *other)
{
	const struct bar *bar = &f->bars[i];

	for (unsigned int j = 0; j < BARS; j++) {
		const struct bar *there = &other->bars[j];

		if (!there->has_mark || there->is_io != bar->is_io)
			continue;
		bar_move(f, i, there->home & -bar->size);
		bar_check_mark(other, j, there->home, "with another on it");
		function_decode_anew(f);
		bar_check_mark(other, j, there->home,
			       "with another on it anew");
		bar_move(f, i, bar->home);
		bar_check_mark(other, j, there->home, "alone again");
		bar_check_mark(f, i, bar->home, "at home again");
	}
}

static void sweep_rom(const struct function *f, const struct seen *before)
{
	const uint32_t places[] = {0,    OWN_PAGE,   IOAPIC,
				   ECAM, 0xc8000000, 0xfffff800};

	if (!number_at(f->writable + ROM, 4))
		return;
	for (unsigned int p = 0; p < sizeof(places) / sizeof(places[0]); p++) {
		config_write_ecam(f, ROM, 4, places[p] | 1);
		seen_check(f, before, "of a ROM");
		if (places[p] == 0xc8000000)
			memory_read(places[p], 4);
	}
	config_write_ecam(f, ROM, 4, number_at(f->first + ROM, 4));
}

void sweep_bars(struct function *f, const struct function *other)
{
	const struct seen before = seen_now();

	for (uint64_t at = OWN_PAGE; at < OWN_PAGE + OWN_SIZE; at += PAGE)
		memory_write(at, 8, OWN_WORD ^ at);
	for (unsigned int i = 0; i < BARS; i++) {
		if (!f->bars[i].size)
			continue;
		if (f->bars[i].is_io)
			sweep_ports(f, i, &before);
		else
			sweep_memory(f, i, &before);
		if (other)
			sweep_other(f, i, other);
	}
	sweep_rom(f, &before);
}
