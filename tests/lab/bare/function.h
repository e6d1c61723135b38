/* SPDX-License-Identifier: MIT */
/* A PCI function: its address, and what writes to its configuration space may
 * change by the specification. */
#ifndef TESTS_LAB_BARE_FUNCTION_H
#define TESTS_LAB_BARE_FUNCTION_H

#include "machine.h"

#define ECAM          0xfea00000ul
#define CONFIG_SIZE   4096
#define HEADER_SIZE   0x40
#define STANDARD_SIZE 0x100
#define BARS          6

#define COMMAND 0x04
#define DECODES 0x0003 /* in the command register: ports and memory */
#define BAR0    0x10
#define ROM     0x30

enum capability {
	CAPABILITY_POWER = 0x01,
	CAPABILITY_VPD = 0x03,
	CAPABILITY_MSI = 0x05,
	CAPABILITY_VENDOR = 0x09,
	CAPABILITY_EXPRESS = 0x10,
	CAPABILITY_MSIX = 0x11,
	CAPABILITY_AF = 0x13,
};

struct bar {
	uint64_t size; /* 0: none */
	bool is_io;
	bool is_64bit;
	uint64_t home; /* its address, chosen by this program */
	/* A word in it that reads neither 0 nor all ones, if any. */
	bool has_mark;
	unsigned int mark_at;
	uint32_t mark;
};

/*
 * Each bit reads as it did at first, except:
 *
 *  open   may be writable or read-only; found out before the sweep, and then
 *         it stays so
 *  loose  may change by itself; not checked
 *  never  starts a reset: never written as 1 here
 */
struct function {
	unsigned int devfn;
	uint8_t first[CONFIG_SIZE]; /* its first values */
	uint8_t now[CONFIG_SIZE];   /* its expected values */
	uint8_t open[CONFIG_SIZE];
	uint8_t loose[CONFIG_SIZE];
	uint8_t never[CONFIG_SIZE];
	bool claimed[CONFIG_SIZE];     /* by the header or a capability */
	uint8_t writable[CONFIG_SIZE]; /* of the open bits */
	/* Offsets of its capabilities, by their IDs; 0: none. */
	uint8_t capability[0x20];
	struct bar bars[BARS];
};

/* By ECAM, of any size and alignment. */
uint64_t config_read_ecam(const struct function *f, unsigned int at,
			  unsigned int size);
void config_write_ecam(const struct function *f, unsigned int at,
		       unsigned int size, uint64_t value);
/* By I/O ports, within the first 256 bytes. */
uint32_t config_read_port(const struct function *f, unsigned int at,
			  unsigned int size);
void config_write_port(const struct function *f, unsigned int at,
		       unsigned int size, uint32_t value);

/* A little-endian value of configuration space. */
uint32_t number_at(const uint8_t *bytes, unsigned int size);

/* Reads all of configuration space, and determines what may change. */
void function_model(struct function *f);

/* Checks that required bits are writable, and finds the BARs. */
void function_shape(struct function *f);

/* Updates the expected values after a write. */
void function_wrote(struct function *f, unsigned int at, unsigned int size,
		    uint64_t value);

/* Whether @value at an aligned @at is as expected. */
bool function_agrees(const struct function *f, unsigned int at,
		     unsigned int size, uint32_t value);

/* Assigns addresses to BARs, and finds a mark in each. */
void bars_place(struct function *f);
/* Writes an address to a BAR's register, which must keep it. */
void bar_move(const struct function *f, unsigned int i, uint64_t to);
/* Reads a BAR's word as if the BAR were at @base. */
uint32_t bar_peek(const struct bar *bar, uint64_t base, unsigned int offset);

/* The sweeps; each restores the function. */
void sweep_config(struct function *f);
void sweep_msix(struct function *f);
void sweep_bars(struct function *f, const struct function *other);
/* Starts the other processor, which accesses all that a function decodes while
 * sweep_toggles() disables and enables decoding @toggles times, or for some
 * seconds. That returns the number of toggles, and the @rounds of the other
 * processor. */
bool toggles_start(void);
unsigned int sweep_toggles(struct function *f, unsigned int toggles,
			   unsigned int *rounds);
void sweep_reset(struct function *f);

#endif
