// SPDX-License-Identifier: MIT
// Programs BARs of two memory cards with valid and invalid addresses, and
// checks at each step which device answers; or only moves one.

#define PROGRAM "bars"
#include "guest.h"

#define CARD_ID 0x11101af4 /* ivshmem: registers, and shared memory */

#define COMMAND 0x04
#define DECODE  0x2 /* memory */
#define BAR0    0x10
#define BAR2    0x18

#define ONES 0xffffffffu
#define READ 20000 /* times that a mapped register is read */

struct card {
	int config;
	uint64_t regs; /* addresses of its BARs, from the guest's kernel */
	uint64_t memory;
	uint64_t size;
	uint32_t mark; /* in its register and its memory */
};

/* The register or memory at a guest-physical address. */
static volatile uint32_t *word_at(uint64_t address)
{
	static void *page;
	static int fd = -1;

	if (fd < 0)
		fd = open("/dev/mem", O_RDWR | O_SYNC);
	if (page)
		munmap(page, PAGE);
	page = map_region(fd, address & ~(PAGE - 1ull), PAGE);
	return (volatile uint32_t *)((char *)page + address % PAGE);
}

static void expect_value(const char *what, uint64_t address, uint32_t want)
{
	uint32_t got = *word_at(address);

	if (got == want)
		return;
	printf("bars FAILED: %s: %#llx reads %#x, not %#x\n", what,
	       (unsigned long long)address, got, want);
	exit(1);
}

static void expect_not_value(const char *what, uint64_t address, uint32_t other)
{
	if (*word_at(address) != other)
		return;
	printf("bars FAILED: %s: %#llx reads %#x\n", what,
	       (unsigned long long)address, other);
	exit(1);
}

/* The register keeps its value even if the BAR cannot be mapped there. */
static void move_regs(const struct card *card, uint64_t base)
{
	pci_put(card->config, BAR0, (uint32_t)base);
	if ((pci_get(card->config, BAR0) & ~0xfu) != (uint32_t)base)
		guest_fail("BAR 0 does not keep its value");
}

static void move_memory(const struct card *card, uint64_t base)
{
	pci_put(card->config, BAR2, (uint32_t)base);
	pci_put(card->config, BAR2 + 4, (uint32_t)(base >> 32));
	if ((pci_get(card->config, BAR2) & ~0xfu) != (uint32_t)base ||
	    pci_get(card->config, BAR2 + 4) != base >> 32)
		guest_fail("BAR 2 does not keep its value");
}

static void at_home(const char *what, const struct card *card)
{
	expect_value(what, card->regs, card->mark);
	expect_value(what, card->memory + PAGE, card->mark);
}

/* Opens the @n-th card by slot. */
static void open_card(struct card *card, unsigned int n, uint32_t mark)
{
	char dir[256];
	uint32_t low;
	int config;

	pci_find(CARD_ID, n, dir);
	config = open_in(dir, "config", O_RDWR);

	*card = (struct card){.config = config, .mark = mark};
	card->regs = pci_get(config, BAR0) & ~0xfu;
	low = pci_get(config, BAR2) & ~0xfu;
	card->memory = (uint64_t)pci_get(config, BAR2 + 4) << 32 | low;
	pci_put(config, BAR2, ONES);
	card->size = ~(pci_get(config, BAR2) & ~0xfu) + 1u;
	pci_put(config, BAR2, low);
	pci_put(config, COMMAND, DECODE);
	*word_at(card->regs) = mark;
	*word_at(card->memory + PAGE) = mark;
	at_home("a card as the kernel placed it", card);
}

static void try_moves(const struct card *a)
{
	const uint64_t far = 0x480000000, farther = 0x4c0000000;

	move_memory(a, far);
	expect_value("memory that moved", far + PAGE, a->mark);
	expect_value("where memory was", a->memory + PAGE, ONES);
	move_memory(a, farther);
	expect_value("memory that moved again", farther + PAGE, a->mark);
	expect_value("where it was the second time", far + PAGE, ONES);
	pci_put(a->config, COMMAND, 0);
	expect_value("without decoding", farther + PAGE, ONES);
	expect_value("registers without decoding", a->regs, ONES);
	pci_put(a->config, COMMAND, DECODE);
	expect_value("decoding again", farther + PAGE, a->mark);
	pci_put(a->config, COMMAND, 0);
	move_memory(a, a->memory);
	expect_value("moved without decoding", a->memory + PAGE, ONES);
	pci_put(a->config, COMMAND, DECODE);
	at_home("moved back", a);
	printf("bars ok: moves and decoding\n");
}

/* The second card's BAR overlaps the first one's, and waits until that moves.
 */
static void try_overlap(const struct card *a, const struct card *b)
{
	move_memory(b, a->memory);
	expect_value("where two BARs overlap", a->memory + PAGE, a->mark);
	expect_value("the second BAR's old address", b->memory + PAGE, ONES);
	move_memory(a, 0x480000000);
	expect_value("the BAR that waited", a->memory + PAGE, b->mark);
	expect_value("the BAR that moved away", 0x480000000 + PAGE, a->mark);
	move_memory(a, a->memory);
	expect_value("moved back while the other is there", a->memory + PAGE,
		     b->mark);
	pci_put(b->config, COMMAND, 0);
	expect_value("the other without decoding", a->memory + PAGE, a->mark);
	pci_put(b->config, COMMAND, DECODE);
	expect_value("the other with decoding again", a->memory + PAGE,
		     a->mark);
	move_memory(b, b->memory);
	at_home("the first after an overlap", a);
	at_home("the second after an overlap", b);
	printf("bars ok: overlap\n");
}

static void try_ram(const struct card *a)
{
	volatile uint32_t *page = page_new();

	page[0] = 0x11223344;
	move_memory(a, page_physical((void *)page) & ~(a->size - 1));
	if (page[0] != 0x11223344)
		guest_fail("memory under a BAR changed");
	page[1] = 0x55667788;
	if (page[1] != 0x55667788)
		guest_fail("memory under a BAR is lost");
	move_memory(a, 0);
	move_memory(a, a->memory);
	at_home("back from RAM", a);
	printf("bars ok: RAM\n");
}

/* The machine's own devices keep their addresses. */
static void try_machine(const struct card *a)
{
	static const struct {
		const char *what;
		uint64_t base;
		unsigned int at;
	} places[] = {
		{"the I/O APIC", 0xfec00000, 0},
		{"the local APIC", 0xfee00000, 0x30},
		{"PCI config space", 0xfea00000, 0},
		{"KVM's pages", 0xfffbc000, 0},
		{"the reset vector", 0xfffff000, 0xff0},
	};

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		move_regs(a, places[i].base);
		expect_not_value(places[i].what, places[i].base, a->mark);
		if (i == 2)
			expect_not_value(places[i].what, places[i].base, ONES);
	}
	move_regs(a, a->regs);
	at_home("back from the machine's own", a);
	printf("bars ok: the machine's own\n");
}

static void try_top(const struct card *a)
{
	static const uint64_t tops[] = {
		1ull << 52,
		1ull << 63,
		0xffffffffff000000,
		0xffffffffff800000,
	};

	for (size_t i = 0; i < sizeof(tops) / sizeof(tops[0]); i++) {
		move_memory(a, tops[i]);
		expect_value("where memory was", a->memory + PAGE, ONES);
	}
	move_memory(a, a->memory);
	at_home("back from the top", a);
	/* The last page has the reset vector. */
	move_regs(a, 0xffffee00);
	expect_value("the last registers below 4 GiB", 0xffffee00, a->mark);
	move_regs(a, a->regs);
	at_home("back from below 4 GiB", a);
	printf("bars ok: the top of the address space\n");
}

/* 256 bytes each: alone in a page, and two in one page. */
static void try_small(const struct card *a, const struct card *b)
{
	const uint64_t page = 0xfd000000;
	volatile uint32_t *mark;

	move_regs(a, page);
	mark = word_at(page);
	for (int i = 0; i < READ; i++)
		if (*mark != a->mark)
			guest_fail("a small BAR at a page's start");
	move_regs(b, page + 0x100);
	expect_value("the first in a page of two", page, a->mark);
	expect_value("the second in a page of two", page + 0x100, b->mark);
	move_regs(a, page + 0x200);
	expect_value("the first, moved within the page", page + 0x200, a->mark);
	expect_value("where the first was", page, ONES);
	move_regs(b, page);
	expect_value("the second at the page's start", page, b->mark);
	expect_value("the first behind it", page + 0x200, a->mark);
	move_regs(a, a->regs);
	expect_value("the second alone", page, b->mark);
	move_regs(b, b->regs);
	at_home("the first out of the page", a);
	at_home("the second out of the page", b);
	printf("bars ok: less than a page, read %d times\n", READ);
}

int main(int argc, char **argv)
{
	bool moves_alone = argc > 1 && !strcmp(argv[1], "moves");
	struct card a, b;

	setvbuf(stdout, NULL, _IOLBF, 0);
	open_card(&a, 0, 0x0a0a5a5a);
	if (moves_alone) {
		try_moves(&a);
		return 0;
	}
	open_card(&b, 1, 0x0b0b5a5a);
	try_moves(&a);
	try_overlap(&a, &b);
	try_ram(&a);
	try_machine(&a);
	try_top(&a);
	try_small(&a, &b);
	return 0;
}
