/* SPDX-License-Identifier: MIT */
/* Platform devices: their regions and interrupts by name, and the device-tree
 * node that describes them to a guest. */
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
 * struct lend_platform - a platform device, as the host's device tree has it
 *
 * Opaque. Not reference-counted: lend_platform_free() frees it. Only one thread
 * may use it at a time.
 *
 * Since: 0.1
 */
struct lend_platform;

/**
 * enum lend_trigger - trigger type of an interrupt
 * @LEND_TRIGGER_UNKNOWN: unknown, as the device is not open and the host's
 *                        device tree does not say
 * @LEND_TRIGGER_EDGE:    edge-triggered
 * @LEND_TRIGGER_LEVEL:   level-triggered: masked each time it fires, see
 *                        LEND_IRQ_AUTOMASKED
 *
 * Since: 0.1
 */
enum lend_trigger {
	LEND_TRIGGER_UNKNOWN = 0,
	LEND_TRIGGER_EDGE = 1,
	LEND_TRIGGER_LEVEL = 2,
};

/**
 * struct lend_platform_region - a region of a platform device
 * @name:     its name in "reg-names", or NULL
 * @size:     bytes
 * @has_host: @host is known
 * @host:     physical address of the region on the host
 *
 * Made by the library alone; may grow at its end.
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
 * struct lend_platform_irq - an interrupt of a platform device
 * @name:    its name in "interrupt-names", or NULL
 * @trigger: trigger type
 *
 * Made by the library alone; may grow at its end.
 *
 * Since: 0.1
 */
struct lend_platform_irq {
	const char *name;
	enum lend_trigger trigger;
};

/**
 * struct lend_platform_options - options of a device's node for a guest
 * @size:         sizeof(struct lend_platform_options)
 * @front_end:    front end of a `-device` string; vfio-amd-xgbe and
 *                vfio-calxeda-xgmac require their "compatible". NULL for any
 *                device
 * @drop:         names of properties and child nodes to leave out, separated by
 *                ':'; or NULL
 * @numbers:      names of properties, separated by ':', whose cells are numbers
 *                though some equal phandles of the host's tree: they are
 *                copied; or NULL
 * @overlay:      flattened overlay (.dtbo) to apply to the guest's tree, in
 *                which the label "device" is the device's node; or NULL. What
 *                it sets of the node is not copied from the host's
 * @overlay_size: bytes of @overlay, up to 1 MiB
 * @keep_addresses: the regions have the host's addresses in the guest, so that
 *                properties with such addresses are copied
 * @reserved:     0
 *
 * Strings and the overlay are copied.
 *
 * Since: 0.1
 */
struct lend_platform_options {
	size_t size;
	const char *front_end;
	const char *drop;
	const char *numbers;
	const void *overlay;
	size_t overlay_size;
	bool keep_addresses;
	uint8_t reserved[7];
};

/**
 * lend_platform_new() - look up a device in the host's device tree
 * @address:  platform device
 * @device:   the same device, open, for regions and interrupts as VFIO reports
 *            them; borrowed until this returns. NULL for those of the host's
 *            tree
 * @platform: receives the device; lend_platform_free() frees it
 *
 * Opens only files of sysfs.
 *
 * Returns: 0, or
 * -ENOENT, LEND_ERROR_NO_DEVICE: the host's tree has no node for the device, or
 * the host has no tree; regions and interrupts can still be used by index, see
 * lend_device_region() and lend_device_irq();
 * -EINVAL, LEND_ERROR_WRONG_TYPE: @device is not a platform device;
 * -EBADMSG, LEND_ERROR_DEVICE: the host's tree is invalid; the record names the
 * property;
 * -E2BIG, LEND_ERROR_DEVICE: the host's tree is too large or too deep;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_SYSTEM: sysfs could not be read.
 *
 * Since: 0.1. Source: Documentation/devicetree/usage-model.rst.
 */
int lend_platform_new(const struct lend_address *address,
		      const struct lend_device *device,
		      struct lend_platform **platform);

/**
 * lend_platform_free() - free a platform device
 * @platform: platform device, or NULL
 *
 * Since: 0.1
 */
void lend_platform_free(struct lend_platform *platform);

/**
 * lend_platform_region_count() - get the number of regions
 * @platform: platform device
 *
 * Returns: the number of regions; their indices are those of
 * lend_device_region(). Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_platform_region_count(const struct lend_platform *platform);

/**
 * lend_platform_region() - get a region by index
 * @platform: platform device
 * @index:    region index
 *
 * Returns: the region, borrowed, never NULL; its size is 0 if the device does
 * not have it. Cannot fail.
 *
 * Since: 0.1
 */
const struct lend_platform_region *
lend_platform_region(const struct lend_platform *platform, unsigned int index);

/**
 * lend_platform_find_region() - get the index of a region by name
 * @platform: platform device
 * @name:     name in "reg-names"
 *
 * Returns: the index, 0 or more, or
 * -ENOENT, LEND_ERROR_ARGUMENT: no region has that name; the record lists the
 * names.
 *
 * Since: 0.1
 */
int lend_platform_find_region(const struct lend_platform *platform,
			      const char *name);

/**
 * lend_platform_irq_count() - get the number of interrupts
 * @platform: platform device
 *
 * Returns: the number of interrupts; their indices are those of
 * lend_device_irq(), which have one interrupt each. Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_platform_irq_count(const struct lend_platform *platform);

/**
 * lend_platform_irq() - get an interrupt by index
 * @platform: platform device
 * @index:    interrupt index
 *
 * Returns: the interrupt, borrowed, never NULL; it has no name and an unknown
 * trigger type if the device does not have it. Cannot fail.
 *
 * Since: 0.1
 */
const struct lend_platform_irq *
lend_platform_irq(const struct lend_platform *platform, unsigned int index);

/**
 * lend_platform_find_irq() - get the index of an interrupt by name
 * @platform: platform device
 * @name:     name in "interrupt-names"
 *
 * Returns: the index, 0 or more, or
 * -ENOENT, LEND_ERROR_ARGUMENT: no interrupt has that name; the record lists
 * the names.
 *
 * Since: 0.1
 */
int lend_platform_find_irq(const struct lend_platform *platform,
			   const char *name);

/**
 * lend_platform_arrange() - choose guest-physical addresses for all regions
 * @platform:  platform device
 * @from:      lowest free address
 * @addresses: receives lend_platform_region_count() addresses; undefined after
 *             a failure
 * @end:       receives the address behind the last region; undefined after a
 *             failure
 *
 * Each region is aligned to its size, rounded up to a power of two of at least
 * 64 KiB, so that no two share a page. If the last lend_platform_prepare() was
 * asked to keep addresses, they are the host's, and @end is @from.
 *
 * Returns: 0, or
 * -EOVERFLOW, LEND_ERROR_PLACEMENT: the regions exceed the 64-bit address
 * space;
 * -ENODATA, LEND_ERROR_PLACEMENT: the host's tree gives no address for a
 * region; do not keep addresses.
 *
 * Since: 0.1
 */
int lend_platform_arrange(const struct lend_platform *platform, uint64_t from,
			  uint64_t *addresses, uint64_t *end);

/**
 * lend_platform_prepare() - check that a node for a guest can be made
 * @platform: platform device
 * @options:  options, or NULL for the defaults
 *
 * Chooses the device's binding, reads the nodes that the device's node refers
 * to, and makes the guest's node once, in memory. Required before
 * lend_platform_write(), also after a failure. It may be called again with
 * other options.
 *
 * Returns: 0, or
 * -EINVAL, LEND_ERROR_WRONG_TYPE: the front end requires another "compatible";
 * -EINVAL, LEND_ERROR_ARGUMENT: the overlay is invalid or does not apply, or
 * @options->size is not the structure's size;
 * -E2BIG, LEND_ERROR_ARGUMENT: @options has a member set that this library does
 * not know;
 * -ENOTSUP, LEND_ERROR_LIMIT: properties refer to parts of the host that the
 * guest does not have, or have an unknown form and a number that is a phandle
 * of the host; the record names each, and the option that leaves it out or
 * copies it; -ENODATA, LEND_ERROR_DEVICE: the host's node lacks a property that
 * its binding requires, which the record names; or the trigger type of an
 * interrupt is unknown, open the device and pass it to lend_platform_new();
 * -EBADMSG, LEND_ERROR_DEVICE: the host's tree is invalid;
 * -E2BIG, LEND_ERROR_DEVICE: the host's tree is too large or too deep;
 * -ENOSPC, LEND_ERROR_LIMIT: the node does not fit into 8 MiB;
 * -ENOMEM, LEND_ERROR_MEMORY: not enough memory;
 * or another -errno, LEND_ERROR_SYSTEM: sysfs could not be read.
 *
 * Since: 0.1. Source: Documentation/devicetree/bindings.
 */
int lend_platform_prepare(struct lend_platform *platform,
			  const struct lend_platform_options *options);

/**
 * lend_platform_binding() - get the binding by which the node is made
 * @platform: platform device
 *
 * Returns: the binding's "compatible", constant; NULL for the generic binding,
 * which copies the host's node, and before lend_platform_prepare(). Cannot
 * fail.
 *
 * Since: 0.1
 */
const char *lend_platform_binding(const struct lend_platform *platform);

/**
 * struct lend_platform_place - where a guest finds a platform device
 * @size:      sizeof(struct lend_platform_place)
 * @addresses: guest-physical address of each region, as from
 *             lend_platform_arrange()
 * @spis:      shared peripheral interrupt (SPI) of the guest's GIC for each
 *             interrupt, from 0 as the GIC's binding counts them
 *
 * Since: 0.1
 */
struct lend_platform_place {
	size_t size;
	const uint64_t *addresses;
	const uint32_t *spis;
};

/**
 * lend_platform_write() - write the device's node into a guest's device tree
 * @platform: platform device, after lend_platform_prepare() has succeeded
 * @place:    where the guest finds it
 * @fdt:      flattened device tree in a buffer with room, as from
 *            fdt_open_into()
 * @parent:   offset of the node that becomes the parent; its interrupt parent
 *            is a GIC
 *
 * Writes the node and, below the root, what it refers to, and applies the
 * overlay. Makes no system call except for memory. Offsets into @fdt are
 * invalid afterwards; after a failure @fdt itself is.
 *
 * Returns: 0, or
 * -ENOSPC without a record: @fdt has too little room; try again with a larger
 * one;
 * -EEXIST, LEND_ERROR_DEVICE: the tree has a node of that name and address;
 * -EINVAL, LEND_ERROR_ARGUMENT: lend_platform_prepare() has not succeeded,
 * @place->size is not the structure's size, or @place lacks an array that the
 * device needs;
 * -E2BIG, LEND_ERROR_ARGUMENT: @place has a member set that this library does
 * not know;
 * or as lend_platform_prepare().
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
