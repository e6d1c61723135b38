/* SPDX-License-Identifier: MIT */
/* Platform devices: their regions and interrupts by name, and the device-tree
 * node by which a guest finds them. */
#ifndef LEND_PLATFORM_H
#define LEND_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/device.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/**
 * struct lend_platform - a platform device as the host's device tree has it
 *
 * Opaque. Not for several threads at once.
 *
 * Since: 0.1
 */
struct lend_platform;

/**
 * enum lend_trigger - when an interrupt fires
 *
 * Since: 0.1
 */
enum lend_trigger {
	LEND_TRIGGER_UNKNOWN = 0, /* not told without opening the device */
	LEND_TRIGGER_EDGE = 1,
	LEND_TRIGGER_LEVEL = 2, /* masked each time: LEND_IRQ_AUTOMASKED */
};

/**
 * struct lend_platform_region - a region, as a platform device has it
 * @name:     of "reg-names", or NULL
 * @size:     bytes
 * @has_host: @host is known
 * @host:     the region's physical address on the host
 *
 * Made by the library alone, may grow at its end.
 *
 * Since: 0.1
 */
struct lend_platform_region {
	const char *name;
	uint64_t size;
	bool has_host;
	uint64_t host;
};

/**
 * struct lend_platform_irq - an interrupt, as a platform device has it
 * @name:    of "interrupt-names", or NULL
 * @trigger: when it fires
 *
 * Made by the library alone, may grow at its end.
 *
 * Since: 0.1
 */
struct lend_platform_irq {
	const char *name;
	enum lend_trigger trigger;
};

/**
 * struct lend_platform_options - how a device's node is made for a guest
 * @size:         sizeof(struct lend_platform_options), so that it can grow
 * @front_end:    of a -device string, such as "vfio-amd-xgbe", which insists on
 *                a "compatible"; NULL for any
 * @drop:         properties and children to leave out, their names apart by
 *                ':'; or NULL
 * @overlay:      flattened overlay (.dtbo) to apply to the guest's tree, in
 *                which the label "device" means the device's node; or NULL.
 *                What it sets of the node is not taken from the host's
 * @overlay_size: bytes of it
 * @keep_addresses: the guest will find the regions at the host's addresses, so
 *                properties with such addresses go over too
 * @reserved:     0
 *
 * All is copied.
 *
 * Since: 0.1
 */
struct lend_platform_options {
	size_t size;
	const char *front_end;
	const char *drop;
	const void *overlay;
	size_t overlay_size;
	bool keep_addresses;
	uint8_t reserved[7];
};

/**
 * lend_platform_new() - look up a device in the host's device tree
 * @address:  platform device
 * @device:   the same, open, whose regions and interrupts then are as VFIO
 *            tells them; or NULL, for what the tree tells. Borrowed until this
 *            returns
 * @platform: receives it; lend_platform_free() frees it
 *
 * Opens nothing but files of sysfs.
 *
 * Returns: 0, or
 * -ENOENT, LEND_ERROR_NO_DEVICE: the host's tree has no node for the device, or
 * the host has no tree; regions and interrupts still go by index;
 * -EINVAL, LEND_ERROR_WRONG_TYPE: @device is no platform device;
 * -EBADMSG, LEND_ERROR_DEVICE: what the tree says makes no sense;
 * or another -errno, LEND_ERROR_SYSTEM or LEND_ERROR_MEMORY.
 *
 * Since: 0.1. Source: Documentation/devicetree/usage-model.rst.
 */
int lend_platform_new(const struct lend_address *address,
		      const struct lend_device *device,
		      struct lend_platform **platform);

/**
 * lend_platform_free() - free what lend_platform_new() made
 * @platform: platform device, or NULL
 *
 * Since: 0.1
 */
void lend_platform_free(struct lend_platform *platform);

/**
 * lend_platform_region_count() - number of regions
 * @platform: platform device
 *
 * Returns: how many; their indices are those of lend_device_region(). Cannot
 * fail.
 *
 * Since: 0.1
 */
unsigned int lend_platform_region_count(const struct lend_platform *platform);

/**
 * lend_platform_region() - a region by index
 * @platform: platform device
 * @index:    region index
 *
 * Returns: the region, borrowed; of size 0 where there is none of that index.
 * Never NULL.
 *
 * Since: 0.1
 */
const struct lend_platform_region *
lend_platform_region(const struct lend_platform *platform, unsigned int index);

/**
 * lend_platform_find_region() - a region's index by name
 * @platform: platform device
 * @name:     one of "reg-names"
 *
 * Returns: the index, or -ENOENT, LEND_ERROR_ARGUMENT: no region has that name;
 * the record lists those there are.
 *
 * Since: 0.1
 */
int lend_platform_find_region(const struct lend_platform *platform,
			      const char *name);

/**
 * lend_platform_irq_count() - number of interrupts
 * @platform: platform device
 *
 * Returns: how many; their indices are those of lend_device_irq(), each with
 * one interrupt. Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_platform_irq_count(const struct lend_platform *platform);

/**
 * lend_platform_irq() - an interrupt by index
 * @platform: platform device
 * @index:    interrupt index
 *
 * Returns: the interrupt, borrowed; without a name, its trigger unknown, where
 * there is none of that index. Never NULL.
 *
 * Since: 0.1
 */
const struct lend_platform_irq *
lend_platform_irq(const struct lend_platform *platform, unsigned int index);

/**
 * lend_platform_find_irq() - an interrupt's index by name
 * @platform: platform device
 * @name:     one of "interrupt-names"
 *
 * Returns: as lend_platform_find_region().
 *
 * Since: 0.1
 */
int lend_platform_find_irq(const struct lend_platform *platform,
			   const char *name);

/**
 * lend_platform_arrange() - addresses for all regions of a device
 * @platform:  platform device
 * @from:      lowest address that is free
 * @addresses: receives an address for each region, aligned to its size rounded
 *             up to a power of two, at least 64 KiB; the host's, where
 *             lend_platform_prepare() was asked to keep them
 * @end:       receives the address after the last one; @from, where the host's
 *             are kept
 *
 * Returns: 0, or
 * -EOVERFLOW, LEND_ERROR_PLACEMENT: they reach beyond 64 bits;
 * -ENODATA, LEND_ERROR_PLACEMENT: the tree does not tell the host's address of
 * a region; do not keep them.
 *
 * Since: 0.1
 */
int lend_platform_arrange(const struct lend_platform *platform, uint64_t from,
			  uint64_t *addresses, uint64_t *end);

/**
 * lend_platform_prepare() - see what node a guest would get
 * @platform: platform device
 * @options:  or NULL
 *
 * Chooses the binding, reads the nodes that the device's node refers to, and
 * makes the guest's once, to see that it can be made.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_WRONG_TYPE: the front end insists on another
 * "compatible";
 * -EINVAL, LEND_ERROR_ARGUMENT: the overlay is none or does not apply, or
 * @options->size is not set;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENOTSUP, LEND_ERROR_LIMIT: properties refer to parts of the host that a
 * guest has not; the record names each, and how to leave it out;
 * -ENODATA, LEND_ERROR_DEVICE: the binding demands a property that the host's
 * node lacks, which the record names, or interrupts' triggers are not known
 * without opening the device;
 * -EBADMSG, LEND_ERROR_DEVICE: what the tree says makes no sense;
 * or another -errno, LEND_ERROR_SYSTEM or LEND_ERROR_MEMORY.
 *
 * Since: 0.1. Source: Documentation/devicetree/bindings.
 */
int lend_platform_prepare(struct lend_platform *platform,
			  const struct lend_platform_options *options);

/**
 * lend_platform_binding() - the binding by which the node is made
 * @platform: platform device
 *
 * Returns: its "compatible", a constant; NULL for the generic one, which takes
 * over what the host's node has.
 *
 * Since: 0.1
 */
const char *lend_platform_binding(const struct lend_platform *platform);

/**
 * struct lend_platform_place - where a guest finds a device
 * @size:            sizeof(struct lend_platform_place), so that it can grow
 * @addresses:       a guest-physical address for each region
 * @spis:            a shared peripheral interrupt of the guest's GIC for each
 *                   interrupt, from 0 as its binding counts them
 *
 * Since: 0.1
 */
struct lend_platform_place {
	size_t size;
	const uint64_t *addresses;
	const uint32_t *spis;
};

/**
 * lend_platform_write() - make the device's node in a guest's tree
 * @platform: platform device; lend_platform_prepare() has succeeded
 * @place:    where the guest finds it
 * @fdt:      flat tree that libfdt can change
 * @parent:   offset of the node that becomes the parent, of which a GIC is the
 *            interrupt parent
 *
 * Makes the node, what it refers to below the root, and applies the overlay.
 * Pure: no system call but for memory. Offsets into @fdt are void afterwards,
 * and after a failure @fdt is.
 *
 * Returns: 0, -ENOSPC without a record: @fdt has no room, try again with a
 * larger one; or as lend_platform_prepare().
 *
 * Since: 0.1. Source: Devicetree Specification 0.4.
 */
int lend_platform_write(const struct lend_platform *platform,
			const struct lend_platform_place *place, void *fdt,
			int parent);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
