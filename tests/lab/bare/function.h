/* SPDX-License-Identifier: MIT */
/* A PCI function: where it is, and what the specification says that its
 * configuration space may do when it is written. */
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
	uint64_t home; /* where this program has put it */
	/* Something in it that reads neither 0 nor all ones, if known. */
	bool has_mark;
	unsigned int mark_at;
	uint32_t mark;
};

/*
 * Each bit reads as it did at first, but for these:
 *
 *  open   may also be one that reads what was written; which of both it is,
 *         is found out before the sweep, and then it stays so
 *  loose  may change by itself, or in a way of its own; not looked at
 *  never  starts a reset: never written as 1 here
 */
struct function {
	unsigned int devfn;
	uint8_t first[CONFIG_SIZE]; /* what it read at first */
	uint8_t now[CONFIG_SIZE];   /* what it should read */
	uint8_t open[CONFIG_SIZE];
	uint8_t loose[CONFIG_SIZE];
	uint8_t never[CONFIG_SIZE];
	uint8_t writable[CONFIG_SIZE]; /* of those that are open */
	/* Where its capabilities are, by their numbers; 0: none. */
	uint8_t capability[0x20];
	struct bar bars[BARS];
};

/* By memory; any size and place. */
uint64_t config_read_ecam(const struct function *f, unsigned int at,
			  unsigned int size);
void config_write_ecam(const struct function *f, unsigned int at,
		       unsigned int size, uint64_t value);
/* By ports; within the first 256 bytes. */
uint32_t config_read_port(const struct function *f, unsigned int at,
			  unsigned int size);
void config_write_port(const struct function *f, unsigned int at,
		       unsigned int size, uint32_t value);

/* A little-endian number of a configuration space. */
uint32_t number_at(const uint8_t *bytes, unsigned int size);

/* Reads all of it, and works out what may change. */
void function_model(struct function *f);

/* What must be writable is; finds the BARs. */
void function_shape(struct function *f);

/* What a register reads after this write, by the model. */
void function_wrote(struct function *f, unsigned int at, unsigned int size,
		    uint64_t value);

/* Whether @value at an aligned @at is what the model says. */
bool function_agrees(const struct function *f, unsigned int at,
		     unsigned int size, uint32_t value);

/* Gives BARs their places, and looks for something to know each by. */
void bars_place(struct function *f);
/* Puts a BAR's register to a place; the register must keep it. */
void bar_move(const struct function *f, unsigned int i, uint64_t to);
/* What is at a place where a BAR may be. */
uint32_t bar_peek(const struct bar *bar, uint64_t base, unsigned int offset);

/* The sweeps; each leaves the function as it found it. */
void sweep_config(struct function *f);
void sweep_msix(struct function *f);
void sweep_bars(struct function *f, const struct function *other);
/* Starts the other processor, which goes over all that a function decodes while
 * sweep_toggles() switches that off and on, so often, or for some seconds. It
 * returns how often it did, and how many @rounds the other one made. */
bool toggles_start(void);
unsigned int sweep_toggles(struct function *f, unsigned int toggles,
			   unsigned int *rounds);
void sweep_reset(struct function *f);

#endif
