// SPDX-License-Identifier: MIT
// Accesses to memory and ports, one instruction each.

#include "machine.h"

uint64_t memory_read(uint64_t address, unsigned int size)
{
	uint64_t value = 0;

	switch (size) {
	case 1:
		__asm__ volatile("movb (%1), %b0"
				 : "+q"(value)
				 : "r"(address)
				 : "memory");
		break;
	case 2:
		__asm__ volatile("movw (%1), %w0"
				 : "+r"(value)
				 : "r"(address)
				 : "memory");
		break;
	case 4:
		__asm__ volatile("movl (%1), %k0"
				 : "+r"(value)
				 : "r"(address)
				 : "memory");
		break;
	default:
		__asm__ volatile("movq (%1), %0"
				 : "+r"(value)
				 : "r"(address)
				 : "memory");
		break;
	}
	return value;
}

void memory_write(uint64_t address, unsigned int size, uint64_t value)
{
	switch (size) {
	case 1:
		__asm__ volatile("movb %b0, (%1)"
				 :
				 : "q"(value), "r"(address)
				 : "memory");
		break;
	case 2:
		__asm__ volatile("movw %w0, (%1)"
				 :
				 : "r"(value), "r"(address)
				 : "memory");
		break;
	case 4:
		__asm__ volatile("movl %k0, (%1)"
				 :
				 : "r"(value), "r"(address)
				 : "memory");
		break;
	default:
		__asm__ volatile("movq %0, (%1)"
				 :
				 : "r"(value), "r"(address)
				 : "memory");
		break;
	}
}

uint32_t io_read(uint16_t port, unsigned int size)
{
	uint32_t value = 0;

	switch (size) {
	case 1:
		__asm__ volatile("inb %1, %b0" : "+a"(value) : "d"(port));
		break;
	case 2:
		__asm__ volatile("inw %1, %w0" : "+a"(value) : "d"(port));
		break;
	default:
		__asm__ volatile("inl %1, %k0" : "+a"(value) : "d"(port));
		break;
	}
	return value;
}

void io_write(uint16_t port, unsigned int size, uint32_t value)
{
	switch (size) {
	case 1:
		__asm__ volatile("outb %b0, %1" : : "a"(value), "d"(port));
		break;
	case 2:
		__asm__ volatile("outw %w0, %1" : : "a"(value), "d"(port));
		break;
	default:
		__asm__ volatile("outl %k0, %1" : : "a"(value), "d"(port));
		break;
	}
}
