// SPDX-License-Identifier: MIT
// Finds a platform device's regions and interrupts, by index and by name.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lend/irq.h>
#include <lend/region.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/platform/platform.h"
#include "lib/platform/tree.h"

/* The limit of lib/device, applied to the tree too. */
#define INDICES_MAX 256

/* Small regions do not share a page of any guest page size. */
#define GRANULE 0x10000ull

static int platform_malformed(struct lend_platform *p, const char *property)
{
	return lend_error_set(p->ctx, LEND_ERROR_DEVICE, EBADMSG,
			      p->address->name,
			      "property '%s' of its node in the host's device "
			      "tree is malformed",
			      property);
}

static int platform_count(struct lend_platform *p,
			  const struct lend_device *device)
{
	int irqs;

	if (device) {
		p->region_count = lend_device_region_count(device);
		p->irq_count = lend_device_irq_count(device);
		return 0;
	}
	p->region_count = host_region_count(&p->host);
	if ((dt_get(p->host.node, "reg") && !p->region_count) ||
	    p->region_count > INDICES_MAX)
		return platform_malformed(p, "reg");
	irqs = host_irq_count(&p->host);
	if (irqs < 0 || irqs > INDICES_MAX)
		return platform_malformed(p, "interrupts");
	p->irq_count = (unsigned int)irqs;
	return 0;
}

static void read_regions(struct lend_platform *p,
			 const struct lend_device *device)
{
	const struct dt_property *names = dt_get(p->host.node, "reg-names");

	for (unsigned int i = 0; i < p->region_count; i++) {
		struct lend_platform_region *region = &p->regions[i];

		region->name = dt_string(names, i);
		region->has_host =
			host_region(&p->host, i, &region->host, &region->size);
		if (device)
			region->size = lend_device_region(device, i)->size;
	}
}

static enum lend_trigger trigger_of(const struct lend_platform *p,
				    const struct lend_device *device,
				    unsigned int index)
{
	if (device)
		return lend_device_irq(device, index)->flags &
				       LEND_IRQ_AUTOMASKED
			       ? LEND_TRIGGER_LEVEL
			       : LEND_TRIGGER_EDGE;
	switch (host_irq_trigger(&p->host, index)) {
	case HOST_TRIGGER_EDGE:
		return LEND_TRIGGER_EDGE;
	case HOST_TRIGGER_LEVEL:
		return LEND_TRIGGER_LEVEL;
	default:
		return LEND_TRIGGER_UNKNOWN;
	}
}

static int platform_read(struct lend_platform *p,
			 const struct lend_device *device)
{
	const struct dt_property *names =
		dt_get(p->host.node, "interrupt-names");
	int err = platform_count(p, device);

	if (err)
		return err;
	p->regions = calloc(p->region_count + 1UL, sizeof(*p->regions));
	p->irqs = calloc(p->irq_count + 1UL, sizeof(*p->irqs));
	if (!p->regions || !p->irqs)
		return error_no_memory(p->ctx, p->address->name);
	read_regions(p, device);
	for (unsigned int i = 0; i < p->irq_count; i++) {
		p->irqs[i].name = dt_string(names, i);
		p->irqs[i].trigger = trigger_of(p, device, i);
	}
	return 0;
}

int lend_platform_new(const struct lend_address *address,
		      const struct lend_device *device,
		      struct lend_platform **platform)
{
	struct lend_platform *p;
	int err =
		device ? lend_device_require(device, LEND_DEVICE_PLATFORM) : 0;

	if (err)
		return err;
	p = calloc(1, sizeof(*p));
	if (!p)
		return error_no_memory(address->ctx, address->name);
	p->ctx = address->ctx;
	p->address =
		lend_address_ref((struct lend_address *)(uintptr_t)address);
	err = host_node_read(address, &p->host);
	/* The format of "interrupts" is in the controller's node. */
	if (!err && !device)
		err = host_node_resolve(p->ctx, &p->host);
	if (!err)
		err = platform_read(p, device);
	if (err) {
		lend_platform_free(p);
		return err;
	}
	*platform = p;
	return 0;
}

void lend_platform_free(struct lend_platform *p)
{
	if (!p)
		return;
	free(p->overlay);
	free(p->numbers);
	free(p->drop);
	free(p->irqs);
	free(p->regions);
	host_node_free(&p->host);
	lend_address_unref(p->address);
	free(p);
}

unsigned int lend_platform_region_count(const struct lend_platform *p)
{
	return p->region_count;
}

const struct lend_platform_region *
lend_platform_region(const struct lend_platform *p, unsigned int index)
{
	static const struct lend_platform_region none;

	return index < p->region_count ? &p->regions[index] : &none;
}

unsigned int lend_platform_irq_count(const struct lend_platform *p)
{
	return p->irq_count;
}

const struct lend_platform_irq *lend_platform_irq(const struct lend_platform *p,
						  unsigned int index)
{
	static const struct lend_platform_irq none;

	return index < p->irq_count ? &p->irqs[index] : &none;
}

/* An entry's index in a list of names, below count; an error lists the names.
 */
static int find_name(const struct lend_platform *p, const char *property,
		     unsigned int count, const char *name)
{
	const struct dt_property *names = dt_get(p->host.node, property);
	const char *has;

	for (unsigned int i = 0; i < count; i++) {
		has = dt_string(names, i);
		if (has && !strcmp(has, name))
			return (int)i;
	}
	lend_error_set(p->ctx, LEND_ERROR_ARGUMENT, ENOENT, p->address->name,
		       "'%s' is not one of its %s", name, property);
	if (!names)
		return lend_error_evidence(p->ctx, "it has no %s", property);
	for (unsigned int i = 0; i < count; i++) {
		has = dt_string(names, i);
		if (has)
			lend_error_evidence(p->ctx, "%u is '%s'", i, has);
	}
	return -ENOENT;
}

int lend_platform_find_region(const struct lend_platform *p, const char *name)
{
	return find_name(p, "reg-names", p->region_count, name);
}

int lend_platform_find_irq(const struct lend_platform *p, const char *name)
{
	return find_name(p, "interrupt-names", p->irq_count, name);
}

/* The next power of two, 0 if it exceeds 64 bits. */
static uint64_t round_up(uint64_t size)
{
	uint64_t power = GRANULE;

	while (power && power < size)
		power <<= 1;
	return power;
}

static int too_far(const struct lend_platform *p, unsigned int index)
{
	return lend_error_set(
		p->ctx, LEND_ERROR_PLACEMENT, EOVERFLOW, p->address->name,
		"no address is left for region %u (0x%llx bytes)", index,
		(unsigned long long)p->regions[index].size);
}

static int platform_keep_addresses(const struct lend_platform *p,
				   uint64_t *addresses)
{
	for (unsigned int i = 0; i < p->region_count; i++) {
		if (!p->regions[i].has_host) {
			lend_error_set(p->ctx, LEND_ERROR_PLACEMENT, ENODATA,
				       p->address->name,
				       "the host's device tree gives no "
				       "address for region %u",
				       i);
			return lend_error_remedy(p->ctx,
						 "leave out dt-keep-address");
		}
		addresses[i] = p->regions[i].host;
	}
	return 0;
}

/* Finds the lowest aligned address where the region does not overlap those
 * before it; false if there is none. Each round passes one of them. */
static bool find_gap(const struct lend_platform *p, uint64_t from,
		     uint64_t size, unsigned int index, uint64_t *addresses)
{
	uint64_t at = from;
	unsigned int i = 0;

	do {
		if (at > UINT64_MAX - 2 * (size - 1) - 1)
			return false;
		at = (at + (size - 1)) & ~(size - 1);
		for (i = 0; i < index; i++) {
			uint64_t other = round_up(p->regions[i].size);

			if (at < addresses[i] + other &&
			    addresses[i] < at + size) {
				at = addresses[i] + other;
				break;
			}
		}
	} while (i < index);
	addresses[index] = at;
	return true;
}

int lend_platform_arrange(const struct lend_platform *p, uint64_t from,
			  uint64_t *addresses, uint64_t *end)
{
	*end = from;
	if (p->keeps_addresses)
		return platform_keep_addresses(p, addresses);
	for (unsigned int i = 0; i < p->region_count; i++) {
		uint64_t size = round_up(p->regions[i].size);

		if (!size || !find_gap(p, from, size, i, addresses))
			return too_far(p, i);
		if (addresses[i] + size > *end)
			*end = addresses[i] + size;
	}
	return 0;
}
