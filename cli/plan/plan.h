/* SPDX-License-Identifier: MIT */
/* lend run --dry-run: how the machine would be, and whether it fits. */
#ifndef CLI_PLAN_PLAN_H
#define CLI_PLAN_PLAN_H

#include <stdarg.h>

#include <lend/lend.h>

#include "cli/json.h"
#include "vmm/assign/pci.h"
#include "vmm/assign/platform-plan.h"
#include "vmm/assign/platform.h"

struct cli;
struct layout;
struct machine;
struct machine_config;
struct run_devices;
struct topology;

/* A device as sysfs tells of it, which is all that can be learnt without
 * opening it; opening resets it. */
struct plan_device {
	const struct assign_pci_config *config;
	bool has_bars;
	struct lend_pci_bar bars[ASSIGN_PCI_BARS];
	uint64_t at[ASSIGN_PCI_BARS]; /* where a window holds it, or 0 */
	bool has_interrupts;
	unsigned int vectors; /* of MSI or MSI-X, whichever has more */
	bool intx;
	uint64_t opregion; /* bytes of RAM that it takes at least, or 0 */
};

/* A platform device, as the host's device tree tells of it. */
struct plan_platform {
	const struct assign_platform_config *config;
	struct assign_platform_plan plan;
	bool is_placed;
};

struct plan {
	struct lend_ctx *ctx;
	const struct topology *topology; /* borrowed: where each goes */
	struct plan_device *devices;     /* on the guest's PCI busses */
	size_t count;
	struct plan_platform *platforms;
	size_t platform_count;
	bool unguarded; /* no IOMMU, as was asked for: nothing is mapped */
	bool can_pin;   /* the memory that the devices would reach */
	struct json_object *findings;
};

/*
 * Tell how the machine of @config would be, whose devices are @devices, and
 * start nothing. Prints the document, or text made from it, and sets
 * cli->failed where it would not fit. Returns 0, or -errno with a record.
 */
int run_plan(struct cli *cli, const struct machine_config *config,
	     struct run_devices *devices);

/* Adds a finding of our own; one of the context's last failure. */
void plan_tell(struct plan *plan, const char *check,
	       enum lend_check_status status, const char *device,
	       const char *remedy, const char *fmt, ...)
	__attribute__((format(printf, 6, 7)));
void plan_tell_failure(struct plan *plan, const char *check);

/* Learns a device's BARs and interrupts, and whether it has an OpRegion. */
void plan_learn(struct plan *plan, struct plan_device *device);

/* Gives each BAR the place that a window holds for it. */
void plan_place(struct plan *plan, const struct layout *layout);

/* Learns a platform device's regions and interrupts. */
void plan_learn_platform(struct plan *plan, struct plan_platform *platform);

/* Gives the platform devices places and interrupts in a machine that is
 * planned. */
void plan_place_platforms(struct plan *plan, struct machine *machine);
void plan_add_platforms(const struct plan *plan, struct json_object *document);
void plan_print_platforms(const struct json_object *list);

/* Devices of either kind. */
static inline size_t plan_lent(const struct plan *plan)
{
	return plan->count + plan->platform_count;
}

/* The guest's addresses; what is mapped for the devices; what these are. */
struct json_object *plan_map(const struct layout *layout);
struct json_object *plan_dma(const struct plan *plan,
			     const struct layout *layout);
void plan_add_devices(const struct plan *plan, struct json_object *document);

/* The guest's root ports, those that were made for want of slots too. */
void plan_add_ports(const struct run_devices *devices,
		    struct json_object *document);

/* What the machine would take of the kernel, as facts: "pinned", and
 * "interrupts"; and whether that can be had. */
void plan_add_limits(struct plan *plan, struct json_object *document,
		     uint64_t ram, unsigned int cpus);

/* Whether the devices' IOMMUs reach the guest's RAM, as sysfs tells. */
void plan_check_reach(struct plan *plan, const struct layout *layout);

void plan_print(const struct json_object *document);

#endif
