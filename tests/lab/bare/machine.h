/* SPDX-License-Identifier: MIT */
/* The machine without an operating system: memory, ports, console, the second
 * processor, and the end. */
#ifndef TESTS_LAB_BARE_MACHINE_H
#define TESTS_LAB_BARE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE UINT64_C(4096)

/* Of @size bytes, 1, 2, 4 or 8, in one access of any alignment. Memory is
 * mapped one to one; what is beyond the processor's address bits must not be
 * accessed. */
uint64_t memory_read(uint64_t address, unsigned int size);
void memory_write(uint64_t address, unsigned int size, uint64_t value);

/* Of 1, 2 or 4 bytes. */
uint32_t io_read(uint16_t port, unsigned int size);
void io_write(uint16_t port, unsigned int size, uint32_t value);

/* Physical address bits of the processor. */
unsigned int machine_address_bits(void);

/* Makes an address accessible; all below 512 GiB is. */
void machine_map(uint64_t address);

/* Lets the second processor call @work, which it does once; returns whether it
 * has begun to. */
bool machine_start_second(void (*work)(void));

/* Time since the last start, up to some minutes. The TSC of an emulated host's
 * guest tells none. */
void timer_start(void);
unsigned int timer_milliseconds(void);

/* A line on the console that begins with "guest: ", of %s, %u, %x and %lx. */
void console_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* The same for something that must not be, the first few times. */
void console_fault(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
unsigned int console_fault_count(void);

void power_off(void) __attribute__((noreturn));

static inline unsigned int ones_of(unsigned int size)
{
	return size >= 4 ? 0xffffffffu : (1u << size * 8) - 1;
}

#endif
