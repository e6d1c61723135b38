/* SPDX-License-Identifier: MIT */
/* The machine without an operating system: memory, ports, console, the second
 * processor, power-off. */
#ifndef TESTS_LAB_BARE_MACHINE_H
#define TESTS_LAB_BARE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE UINT64_C(4096)

/* One access of 1, 2, 4 or 8 bytes, of any alignment. Memory is
 * identity-mapped; addresses beyond the processor's physical bits must not be
 * accessed. */
uint64_t memory_read(uint64_t address, unsigned int size);
void memory_write(uint64_t address, unsigned int size, uint64_t value);

/* Of 1, 2 or 4 bytes. */
uint32_t io_read(uint16_t port, unsigned int size);
void io_write(uint16_t port, unsigned int size, uint32_t value);

/* Physical address bits of the processor. */
unsigned int machine_address_bits(void);

/* Maps an address; all below 512 GiB are mapped. */
void machine_map(uint64_t address);

/* The program, whose name the build gives; the machine powers off when it
 * returns. */
void BARE_RUN(void);

/* Starts the second processor, which calls @work once. Returns whether it
 * started. */
bool machine_start_second(void (*work)(void));

#define SECOND       1      /* its APIC ID; the first's is 0 */
#define APIC_INIT    0x4500 /* interrupt commands */
#define APIC_STARTUP 0x4600 /* and the page that it starts at */
void apic_send(unsigned int processor, uint32_t command);

/* Gives the interrupts of an I/O APIC's input, level-triggered, to @handler on
 * the first processor. The handler ends each by machine_end_line(). */
void machine_take_line(unsigned int gsi, void (*handler)(void *frame));
void machine_end_line(void);

/* Time since the last start, up to some minutes. The TSC is no clock in a guest
 * of an emulated host. */
void timer_start(void);
unsigned int timer_milliseconds(void);

/* A line on the console that begins with "guest: ", of %s, %u, %x and %lx. */
void console_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same for a fault; only the first few are printed. */
void console_fault(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
unsigned int console_fault_count(void);

void power_off(void) __attribute__((noreturn));

static inline unsigned int ones_of(unsigned int size)
{
	return size >= 4 ? 0xffffffffu : (1u << size * 8) - 1;
}

#endif
