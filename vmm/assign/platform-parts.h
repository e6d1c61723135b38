/* SPDX-License-Identifier: MIT */
/* A lent platform device in the machine: its structure, for the files that
 * implement it.
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
	int trigger;  /* eventfd that the device signals; or -1 */
	int resample; /* level-triggered: eventfd of the guest's EOI; or -1 */
	bool wired;   /* KVM and the device are wired to each other */
	bool is_set;  /* the device knows of @trigger */
	struct line line;      /* used where the machine relays it */
	struct held_line held; /* used where KVM does not report the EOI */
	struct assign_platform *owner;
	unsigned int index;
};

struct assign_platform {
	struct machine_device device; /* first */
	struct lend_device *lent;
	struct lend_platform *platform;
	bool no_irqfd;
	bool keeps_addresses;
	bool traps; /* registers are trapped: accesses end interrupts */
	bool warned_relay, warned_trap;

	struct machine *machine; /* borrowed; NULL unless started */
	struct assign_platform_region *regions;
	unsigned int region_count;
	struct assign_platform_irq *irqs;
	unsigned int irq_count;
};

/* Maps the mappable parts of the regions into this process, and adds the need
 * of all regions to machine->need. Returns 0, or a recorded error. */
int assign_platform_map(struct assign_platform *a, struct machine *machine,
			bool no_mmap);

/* Adds the need of a region to machine->need; 0, or a recorded error. */
int assign_platform_need(struct machine *machine, const char *name,
			 uint64_t size);

/* A region to be placed. */
struct assign_platform_seat {
	const char *name; /* of the device, for messages; borrowed */
	unsigned int index;
	uint64_t size;
	bool keeps;    /* at the host's address, */
	uint64_t host; /* which is this */
};

/* Claims guest addresses for a region. Returns 0, or a recorded error that
 * names the need. */
int assign_platform_claim(struct machine *machine,
			  const struct assign_platform_seat *seat,
			  struct range *range);

/* Places the regions at guest addresses, and removes them. Returns 0, or a
 * recorded error that names the need. */
int assign_platform_place(struct assign_platform *a);
void assign_platform_drop(struct assign_platform *a);

/* From here on every access to the regions is trapped, and reported to
 * assign_platform_touch(). */
void assign_platform_trap(struct assign_platform *a);

/* Reserves lines of the machine for @count interrupts. Returns the first one's
 * GSI, or a recorded error. */
int assign_platform_take_lines(struct machine *machine, const char *name,
			       unsigned int count);

/* Reserves lines of the machine and wires the interrupts to them. Returns 0, or
 * a recorded error. */
int assign_platform_connect(struct assign_platform *a);
void assign_platform_disconnect(struct assign_platform *a);

/* The guest has accessed a region; from any vCPU's thread. */
void assign_platform_touch(struct assign_platform *a);

#endif
