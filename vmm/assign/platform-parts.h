/* SPDX-License-Identifier: MIT */
/* A lent platform device in the machine: its parts, for the files that move
 * them.
 */
#ifndef VMM_ASSIGN_PLATFORM_PARTS_H
#define VMM_ASSIGN_PLATFORM_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/platform.h>

#include "vmm/irq/held-line.h"
#include "vmm/irq/line.h"
#include "vmm/machine/internal.h"
#include "vmm/memory/range.h"

struct assign_platform;

/* Part of a region that the guest reaches without an exit. */
struct assign_platform_window {
	void *vaddr;
	uint64_t offset;
	uint64_t size;
	int slot; /* memory slot, or -1 */
};

struct assign_platform_region {
	struct assign_platform *owner;
	unsigned int index;
	struct range range; /* size 0: nowhere */
	struct assign_platform_window *windows;
	unsigned int window_count;
};

struct assign_platform_irq {
	unsigned int gsi;
	int trigger;           /* eventfd that the device signals; or -1 */
	int resample;          /* of level: eventfd of the guest's EOI; or -1 */
	bool wired;            /* KVM and the device are wired to each other */
	bool is_set;           /* the device knows of @trigger */
	struct line line;      /* where the machine passes it on */
	struct held_line held; /* where it does without word from KVM */
	struct assign_platform *owner;
	unsigned int index;
};

struct assign_platform {
	struct machine_device device; /* first */
	struct lend_device *lent;
	struct lend_platform *platform;
	bool no_irqfd;
	bool keeps_addresses;
	bool traps; /* all of the registers: accesses end interrupts */
	bool told_passes, told_traps;

	struct machine *machine; /* borrowed; NULL unless started */
	struct assign_platform_region *regions;
	unsigned int region_count;
	struct assign_platform_irq *irqs;
	unsigned int irq_count;
};

/* Maps what can be mapped of the regions into this process, and adds what all
 * take to machine->need. Returns 0, or a recorded error. */
int assign_platform_map(struct assign_platform *a, struct machine *machine,
			bool no_mmap);

/* Adds what a region takes to machine->need. Returns 0, or a recorded error. */
int assign_platform_need(struct machine *machine, const char *name,
			 uint64_t size);

/* A region that wants a place. */
struct assign_platform_seat {
	const char *name; /* of the device, for messages; borrowed */
	unsigned int index;
	uint64_t size;
	bool keeps;    /* the host's address, */
	uint64_t host; /* which is this */
};

/* Claims a place of the guest's addresses. Returns 0, or a recorded error that
 * names the need. */
int assign_platform_claim(struct machine *machine,
			  const struct assign_platform_seat *seat,
			  struct range *range);

/* Puts the regions where the guest finds them, and takes them away. Returns 0,
 * or a recorded error that names the need. */
int assign_platform_place(struct assign_platform *a);
void assign_platform_drop(struct assign_platform *a);

/* From here on every access to the regions is trapped, and told of by
 * assign_platform_touch(). */
void assign_platform_trap(struct assign_platform *a);

/* Takes lines of the machine for @count interrupts. Returns the first one's
 * GSI, or a recorded error. */
int assign_platform_take_lines(struct machine *machine, const char *name,
			       unsigned int count);

/* Takes lines of the machine and wires the interrupts to them. The same. */
int assign_platform_connect(struct assign_platform *a);
void assign_platform_disconnect(struct assign_platform *a);

/* The guest has accessed a region; from any vCPU's thread. */
void assign_platform_touch(struct assign_platform *a);

#endif
