/* SPDX-License-Identifier: MIT */
/* A lent platform device in the machine: how it is asked for, and made. */
#ifndef VMM_ASSIGN_PLATFORM_H
#define VMM_ASSIGN_PLATFORM_H

#include <stdbool.h>

#include <lend/platform.h>

struct kvm_vfio;
struct lend_address;
struct lend_device;
struct machine;
struct machine_device;

struct assign_platform_config {
	struct kvm_vfio *kvm_vfio;    /* borrowed; the machine's one */
	struct lend_address *address; /* borrowed */
	int fd;           /* of the device's node, passed in; or -1 */
	const char *name; /* what messages call it */
	bool no_mmap;
	bool no_irqfd; /* pass each interrupt on in the machine */
	struct lend_platform_options node; /* borrowed, all that is in it */
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
 * regions, as far as the host's tree tells of them.
 */
int assign_platform_measure(struct machine *machine, const void *config);

#endif
