// SPDX-License-Identifier: MIT
// The machine without an operating system: page tables, exceptions, the second
// processor, power-off.

#include "machine.h"

/* In start.S. */
void *memcpy(void *to, const void *from, size_t size);

#define GIB         (UINT64_C(1) << 30)
#define PRESENT     0x003 /* and writable */
#define LARGE       0x080
#define UNCACHED    0x018
#define ENTRIES     512
#define GATES       48
#define TABLES      4
#define TRAMPOLINE  0x1000
#define LOCAL_APIC  0xfee00000
#define EOI         0xb0 /* registers of the local APIC */
#define SPURIOUS    0xf0
#define COMMAND_LOW 0x300
#define COMMAND_TO  0x310
#define TIMER       0x320
#define TIMER_START 0x380
#define TIMER_LEFT  0x390
#define TIMER_SCALE 0x3e0
#define ONE_SHOT    0x10000 /* and masked */
#define BY_128      0xa

#define IO_APIC       0xfec00000
#define IO_APIC_DATA  0x10
#define IO_APIC_ENTRY 0x10 /* registers of the I/O APIC: two for each input */
#define LEVEL         0x8000
#define LINE_VECTOR   0x20

#define SLEEP_CONTROL 0x600
#define SLEEP_S5      (0x20 | 5 << 2)

struct gate {
	uint16_t low, selector, flags, middle;
	uint32_t high, zero;
};

struct descriptor {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

extern const uint8_t exception_stubs[], trampoline[], trampoline_end[];
extern const uint8_t trampoline_cr3[];
void first_cpu(void);
void second_cpu(void);
void exception_report(unsigned int number, uint64_t first, uint64_t second,
		      uint64_t cr2) __attribute__((noreturn));

static uint64_t top[ENTRIES] __attribute__((aligned(4096)));
static uint64_t tables[TABLES][ENTRIES] __attribute__((aligned(4096)));
static unsigned int tables_used;
static struct gate gates[GATES] __attribute__((aligned(16)));
static void (*volatile second_work)(void);
static volatile bool second_runs;

/* In pages of 1 GiB, uncached but for the first: the others may be a device's.
 */
void machine_map(uint64_t address)
{
	uint64_t *entry = &top[address >> 39 & (ENTRIES - 1)];
	uint64_t first = address & ~(ENTRIES * GIB - 1);
	uint64_t *table = tables[tables_used];

	if (*entry || tables_used == TABLES)
		return;
	tables_used++;
	for (unsigned int i = 0; i < ENTRIES; i++) {
		uint64_t at = first + i * GIB;

		table[i] = at | PRESENT | LARGE | (at ? UNCACHED : 0);
	}
	*entry = (uintptr_t)table | PRESENT;
}

static void machine_set_gate(unsigned int vector, uintptr_t at)
{
	gates[vector] = (struct gate){
		.low = (uint16_t)at,
		.selector = 0x10,
		.flags = 0x8e00,
		.middle = (uint16_t)(at >> 16),
	};
}

static void machine_load_tables(void)
{
	const struct descriptor idt = {sizeof(gates) - 1, (uintptr_t)gates};

	for (unsigned int i = 0; i < 32; i++)
		machine_set_gate(i, (uintptr_t)exception_stubs + i * 16);
	__asm__ volatile("lidt %0" : : "m"(idt));
	__asm__ volatile("mov %0, %%cr3" : : "r"(top) : "memory");
}

static void machine_cpuid(uint32_t leaf, uint32_t *eax)
{
	uint32_t ebx, ecx = 0, edx;

	*eax = leaf;
	__asm__ volatile("cpuid" : "+a"(*eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
}

unsigned int machine_address_bits(void)
{
	uint32_t eax;

	machine_cpuid(0x80000000, &eax);
	if (eax < 0x80000008)
		return 36;
	machine_cpuid(0x80000008, &eax);
	return eax & 0xff;
}

void first_cpu(void)
{
	machine_map(0);
	machine_load_tables();
	BARE_RUN();
	power_off();
}

void second_cpu(void)
{
	machine_load_tables();
	second_runs = true;
	second_work();
}

void apic_send(unsigned int processor, uint32_t command)
{
	memory_write(LOCAL_APIC + COMMAND_TO, 4, processor << 24);
	memory_write(LOCAL_APIC + COMMAND_LOW, 4, command);
}

bool machine_start_second(void (*work)(void))
{
	uint8_t *to = (uint8_t *)TRAMPOLINE;
	const size_t size = (size_t)(trampoline_end - trampoline);
	const size_t cr3 = (size_t)(trampoline_cr3 - trampoline);

	__asm__ volatile("" : "+r"(to));
	memcpy(to, trampoline, size);
	*(uint32_t *)(to + cr3) = (uint32_t)(uintptr_t)top;
	second_work = work;
	memory_write(LOCAL_APIC + SPURIOUS, 4, 0x1ff);
	apic_send(SECOND, APIC_INIT);
	apic_send(SECOND, APIC_STARTUP | TRAMPOLINE >> 12);
	for (unsigned int i = 0; i < 2000000 && !second_runs; i++) {
		if (i == 1000000)
			apic_send(SECOND, APIC_STARTUP | TRAMPOLINE >> 12);
		__asm__ volatile("pause");
	}
	return second_runs;
}

void timer_start(void)
{
	memory_write(LOCAL_APIC + TIMER, 4, ONE_SHOT);
	memory_write(LOCAL_APIC + TIMER_SCALE, 4, BY_128);
	memory_write(LOCAL_APIC + TIMER_START, 4, UINT32_MAX);
}

void machine_take_line(unsigned int gsi, void (*handler)(void *frame))
{
	machine_set_gate(LINE_VECTOR, (uintptr_t)handler);
	memory_write(LOCAL_APIC + SPURIOUS, 4, 0x1ff);
	memory_write(IO_APIC, 4, IO_APIC_ENTRY + 2 * gsi + 1);
	memory_write(IO_APIC + IO_APIC_DATA, 4, 0);
	memory_write(IO_APIC, 4, IO_APIC_ENTRY + 2 * gsi);
	memory_write(IO_APIC + IO_APIC_DATA, 4, LEVEL | LINE_VECTOR);
}

void machine_end_line(void)
{
	memory_write(LOCAL_APIC + EOI, 4, 0);
}

/* KVM's local APIC counts nanoseconds. */
unsigned int timer_milliseconds(void)
{
	uint64_t left = memory_read(LOCAL_APIC + TIMER_LEFT, 4);

	return (unsigned int)((UINT32_MAX - left) * 128 / 1000000);
}

void exception_report(unsigned int number, uint64_t first, uint64_t second,
		      uint64_t cr2)
{
	console_say("bare FAILED: exception %u (%lx, %lx), cr2 %lx", number,
		    first, second, cr2);
	power_off();
}

void power_off(void)
{
	io_write(SLEEP_CONTROL, 1, SLEEP_S5);
	for (;;)
		__asm__ volatile("hlt");
}
