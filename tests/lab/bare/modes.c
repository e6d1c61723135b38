// SPDX-License-Identifier: MIT
// A guest that needs no kernel: both processors start in real mode, each way to
// restart restarts, and a lent NIC's registers and INTx work.

#include "function.h"

#define NOTE         UINT64_C(0x1800000) /* unused RAM, which a restart keeps */
#define MARK         0x6c656e64
#define VECTOR_HIGH  UINT64_C(0xfffffff0)
#define START_PAGE   UINT64_C(0x2000)
#define RESET_VALUE  1
#define NIC          0x802910ec /* an RTL8029 */
#define NIC_AT       0xc000     /* where its ports are placed */
#define NIC_LINE_MIN 16         /* INTx pins swizzle over eight inputs */
#define NIC_LINES    8
#define INTERRUPTS   100

/* Registers of an NE2000, and their bits. */
#define NE_COMMAND  0x00
#define NE_STATUS   0x07
#define NE_ADDRESS  0x08
#define NE_COUNT    0x0a
#define NE_DATA_SET 0x0e
#define NE_MASK     0x0f
#define NE_DATA     0x10
#define NE_RESET    0x1f
#define NE_STOP     0x21
#define NE_READ     0x0a
#define NE_BYTES    0x48
#define NE_DONE     0x40
#define NE_ROM_SIZE 32 /* of the station's address, each byte of it twice */

static volatile bool second_has_run;
static volatile unsigned int interrupts;

static void modes_second(void)
{
	second_has_run = true;
}

/* The second processor starts in real mode, and jumps to the lower vector. */
static void restart_by_vector(void)
{
	static const uint8_t jump[] = {0xea, 0, 0, 0xff, 0xff};

	for (unsigned int i = 0; i < sizeof(jump); i++)
		memory_write(START_PAGE + i, 1, jump[i]);
	apic_send(SECOND, APIC_INIT);
	apic_send(SECOND, APIC_STARTUP | START_PAGE >> 12);
}

/* The first processor starts at the upper vector after INIT. */
static void restart_by_init(void)
{
	apic_send(0, APIC_INIT);
}

static void restart_by_triple_fault(void)
{
	static const struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) none = {0, 0};

	__asm__ volatile("lidt %0; ud2" : : "m"(none));
}

static void restart_by_acpi(void)
{
	io_write(0x602, 1, RESET_VALUE);
}

static void restart_by_cf9(void)
{
	io_write(0xcf9, 1, 6);
}

static void restart_by_keyboard(void)
{
	io_write(0x64, 1, 0xfe);
}

static const struct way {
	const char *name;
	void (*restart)(void);
} ways[] = {
	{"the vector in real mode", restart_by_vector},
	{"INIT", restart_by_init},
	{"a triple fault", restart_by_triple_fault},
	{"the ACPI register", restart_by_acpi},
	{"port cf9", restart_by_cf9},
	{"the keyboard controller", restart_by_keyboard},
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void modes_wait(const volatile bool *done)
{
	timer_start();
	while (!*done && timer_milliseconds() < 10000)
		__asm__ volatile("pause");
}

/* How often the machine has restarted. */
static unsigned int modes_count(void)
{
	if (memory_read(NOTE, 4) != MARK)
		return 0;
	return (unsigned int)memory_read(NOTE + 4, 4);
}

static void modes_restart(unsigned int count)
{
	static const bool never;

	memory_write(NOTE + 4, 4, count + 1);
	memory_write(NOTE, 4, MARK);
	ways[count].restart();
	modes_wait(&never);
	console_fault("%s does not restart", ways[count].name);
}

/* Writes to the page at the upper vector change nothing. */
static void modes_check_rom(void)
{
	uint64_t before = memory_read(VECTOR_HIGH, 8);

	memory_write(VECTOR_HIGH, 8, ~before);
	if (memory_read(VECTOR_HIGH, 8) != before)
		console_fault("the upper vector can be written");
}

static uint8_t nic_read(unsigned int at)
{
	return (uint8_t)io_read((uint16_t)(NIC_AT + at), 1);
}

static void nic_write(unsigned int at, uint8_t value)
{
	io_write((uint16_t)(NIC_AT + at), 1, value);
}

__attribute__((interrupt)) static void nic_interrupt(void *frame)
{
	(void)frame;
	nic_write(NE_STATUS, nic_read(NE_STATUS));
	interrupts = interrupts + 1;
	machine_end_line();
}

/* Reads the station's address, which ends in an interrupt. */
static void nic_read_station(uint8_t rom[NE_ROM_SIZE])
{
	unsigned int before = interrupts;

	nic_write(NE_COUNT, NE_ROM_SIZE);
	nic_write(NE_COUNT + 1, 0);
	nic_write(NE_ADDRESS, 0);
	nic_write(NE_ADDRESS + 1, 0);
	nic_write(NE_COMMAND, NE_READ);
	for (unsigned int i = 0; i < NE_ROM_SIZE; i++)
		rom[i] = nic_read(NE_DATA);
	timer_start();
	while (interrupts == before && timer_milliseconds() < 10000)
		__asm__ volatile("pause");
}

static void nic_use(const struct function *f)
{
	unsigned int pin = config_read_port(f, 0x3d, 1);
	unsigned int line = (f->devfn / 8 + pin - 1) % NIC_LINES;
	uint8_t rom[NE_ROM_SIZE];

	config_write_port(f, BAR0, 4, NIC_AT);
	config_write_port(f, COMMAND, 2, 1);
	nic_write(NE_RESET, nic_read(NE_RESET));
	nic_write(NE_COMMAND, NE_STOP);
	nic_write(NE_DATA_SET, NE_BYTES);
	nic_write(NE_STATUS, 0xff);
	machine_take_line(NIC_LINE_MIN + line, nic_interrupt);
	nic_write(NE_MASK, NE_DONE);
	__asm__ volatile("sti");
	for (unsigned int i = 0; i < INTERRUPTS && interrupts == i; i++)
		nic_read_station(rom);
	__asm__ volatile("cli");
	console_say("modes nic %x:%x:%x:%x:%x:%x, %u interrupts", rom[0],
		    rom[2], rom[4], rom[6], rom[8], rom[10], interrupts);
}

static void modes_use_nic(void)
{
	static struct function f;

	for (f.devfn = 0; f.devfn < 256; f.devfn++)
		if (config_read_port(&f, 0, 4) == NIC)
			nic_use(&f);
}

void modes_run(void)
{
	unsigned int count = modes_count();

	if (count && count <= WAYS)
		console_say("modes restarted by %s", ways[count - 1].name);
	modes_check_rom();
	if (machine_start_second(modes_second))
		modes_wait(&second_has_run);
	if (!second_has_run)
		console_fault("the second processor does not start");
	if (console_fault_count())
		return;
	if (count < WAYS)
		modes_restart(count);
	else
		modes_use_nic();
	if (!console_fault_count())
		console_say("modes ok: %u restarts", count);
}
