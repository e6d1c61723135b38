/* SPDX-License-Identifier: MIT */
/* A lent platform device in the machine: its configuration and creation. */
#ifndef VMM_ASSIGN_PLATFORM_H
#define VMM_ASSIGN_PLATFORM_H

#include <stdbool.h>

#include <lend/platform.h>

struct lend_address;
struct lend_device;
struct machine;
struct machine_device;

struct assign_platform_config {
	struct lend_address *address; /* borrowed */
	int fd;           /* of the device's node, passed in; or -1 */
	const char *name; /* its name in messages */
	bool no_mmap;
	bool no_irqfd; /* relay each interrupt in the machine */
	struct lend_platform_options node; /* borrowed, with all it points to */
};

/*
 * machine_device_config.open and .create for lent platform devices; @config is
 * a struct assign_platform_config. The first opens the device in
 * machine->iommu; after a success config->fd is the device's, which closes it.
 * The second sees that its node can be made, and adds its regions to
 * machine->need.
 */
int assign_platform_open(struct machine *machine, const void *config,
			 struct lend_device **lent);
int assign_platform_create(struct machine *machine, const void *config,
			   struct lend_device *lent,
			   struct machine_device **device);

/*
 * machine_device_config.measure: sees that the node can be made, and adds the
 * regions, as far as the host's tree gives their sizes.
 */
int assign_platform_measure(struct machine *machine, const void *config);

#endif
