// SPDX-License-Identifier: MIT
// Regions of a lent platform device: placed, trapped, and mapped where
// possible.
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "vmm/assign/platform-parts.h"
#include "vmm/base/no-memory.h"

/* The largest page size of a guest kernel: no two regions share a page. */
#define GRANULE UINT64_C(0x10000)

static const char *assign_region_device(const struct assign_platform *a)
{
	return lend_device_name(a->lent);
}

/* With the guest's access width: the device may support no other. */
static uint64_t region_read(void *opaque, uint64_t offset, unsigned int size)
{
	const struct assign_platform_region *r = opaque;
	uint64_t value = 0;

	if (lend_region_read(r->owner->lent, r->index, offset, &value, size))
		value = UINT64_MAX;
	if (r->owner->traps)
		assign_platform_touch(r->owner);
	return value;
}

static void region_write(void *opaque, uint64_t offset, unsigned int size,
			 uint64_t value)
{
	const struct assign_platform_region *r = opaque;

	lend_region_write(r->owner->lent, r->index, offset, &value, size);
	if (r->owner->traps)
		assign_platform_touch(r->owner);
}

static const struct bus_ops region_ops = {
	.read = region_read,
	.write = region_write,
};

static uint64_t assign_region_room(uint64_t size)
{
	return size < GRANULE ? GRANULE : size;
}

/* A guest write to a read-only mapping would kill the process. */
static bool is_mappable(const struct lend_region *region)
{
	const uint32_t both = LEND_REGION_READ | LEND_REGION_WRITE;

	return (region->flags & both) == both;
}

static int assign_region_map_areas(struct assign_platform *a,
				   struct assign_platform_region *r)
{
	const struct lend_region *region =
		lend_device_region(a->lent, r->index);
	int err = 0;

	r->windows = calloc(region->area_count, sizeof(*r->windows));
	if (!r->windows)
		return vmm_no_memory(lend_device_ctx(a->lent),
				     assign_region_device(a));
	for (unsigned int i = 0; !err && i < region->area_count; i++) {
		struct assign_platform_window *w = &r->windows[i];

		*w = (struct assign_platform_window){
			.offset = region->areas[i].offset,
			.size = region->areas[i].size,
			.slot = -1,
		};
		err = lend_region_map(a->lent, r->index, w->offset, w->size,
				      &w->vaddr);
		r->window_count += !err;
	}
	return err;
}

int assign_platform_need(struct machine *machine, const char *name,
			 uint64_t size)
{
	if (!size || !layout_need_add(&machine->need, LAYOUT_PLATFORM,
				      assign_region_room(size)))
		return 0;
	return lend_error_set(machine->ctx, LEND_ERROR_PLACEMENT, EOVERFLOW,
			      name,
			      "the devices' regions together exceed the 64-bit "
			      "address space");
}

int assign_platform_map(struct assign_platform *a, struct machine *machine,
			bool no_mmap)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < a->region_count; i++) {
		const struct lend_region *region =
			lend_device_region(a->lent, i);

		if (!no_mmap && region->area_count && is_mappable(region))
			err = assign_region_map_areas(a, &a->regions[i]);
		if (!err && !a->keeps_addresses)
			err = assign_platform_need(
				machine, assign_region_device(a), region->size);
	}
	return err;
}

static int assign_region_refuse(struct machine *machine,
				const struct assign_platform_seat *seat,
				uint64_t base, const char *other)
{
	struct lend_ctx *ctx = machine->ctx;

	lend_error_set(ctx, LEND_ERROR_PLACEMENT, ENOSPC, seat->name,
		       "no room for region %u (0x%" PRIx64 " bytes)",
		       seat->index, seat->size);
	if (seat->keeps) {
		lend_error_evidence(ctx,
				    "the host has it at 0x%" PRIx64
				    ", where the guest has %s",
				    base, other);
		return lend_error_remedy(ctx, "leave out dt-keep-address");
	}
	return lend_error_evidence(ctx,
				   "the window for platform devices has "
				   "0x%" PRIx64 " bytes",
				   machine->layout.platform.size);
}

int assign_platform_claim(struct machine *machine,
			  const struct assign_platform_seat *seat,
			  struct range *range)
{
	const char *other = "no addresses";
	uint64_t base = seat->host;
	int err;

	if (seat->keeps)
		err = lend_kvm_claim(machine->kvm, base, seat->size, seat->name,
				     &other);
	else
		err = lend_kvm_place(
			machine->kvm, machine->layout.platform.base,
			machine->layout.platform.size,
			assign_region_room(seat->size), seat->name, &base);
	if (err)
		return assign_region_refuse(machine, seat, base, other);
	*range = (struct range){base, seat->size};
	return 0;
}

static void assign_region_map_window(struct assign_platform_region *r,
				     struct assign_platform_window *w)
{
	struct machine *machine = r->owner->machine;

	w->slot = lend_kvm_map(machine->kvm, r->range.base + w->offset, w->size,
			       w->vaddr, 0);
	if (w->slot < 0)
		lend_log(machine->ctx, LEND_LOG_WARNING,
			 "%s: region %u is trapped, which is slower: %s",
			 assign_region_device(r->owner), r->index,
			 strerror(-w->slot));
}

static int assign_region_place(struct assign_platform_region *r)
{
	struct assign_platform *a = r->owner;
	const struct assign_platform_seat seat = {
		.name = assign_region_device(a),
		.index = r->index,
		.size = lend_device_region(a->lent, r->index)->size,
		.keeps = a->keeps_addresses,
		.host = lend_platform_region(a->platform, r->index)->host,
	};
	int err;

	if (!seat.size)
		return 0;
	err = assign_platform_claim(a->machine, &seat, &r->range);
	if (err)
		return err;
	err = bus_add(&a->machine->mmio, r->range, &region_ops, r);
	if (err)
		return assign_region_refuse(a->machine, &seat, r->range.base,
					    strerror(-err));
	for (unsigned int i = 0; !a->traps && i < r->window_count; i++)
		assign_region_map_window(r, &r->windows[i]);
	return 0;
}

int assign_platform_place(struct assign_platform *a)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < a->region_count; i++)
		err = assign_region_place(&a->regions[i]);
	return err;
}

static void assign_region_unmap_windows(struct assign_platform_region *r)
{
	struct lend_kvm *kvm = r->owner->machine->kvm;

	for (unsigned int i = 0; i < r->window_count; i++) {
		lend_kvm_unmap(kvm, r->windows[i].slot);
		r->windows[i].slot = -1;
	}
}

/* The device stays trapped when the guest resets. */
void assign_platform_trap(struct assign_platform *a)
{
	a->traps = true;
	for (unsigned int i = 0; i < a->region_count; i++)
		assign_region_unmap_windows(&a->regions[i]);
}

void assign_platform_drop(struct assign_platform *a)
{
	for (unsigned int i = 0; i < a->region_count; i++) {
		struct assign_platform_region *r = &a->regions[i];

		assign_region_unmap_windows(r);
		if (!r->range.size)
			continue;
		bus_remove(&a->machine->mmio, r->range.base);
		lend_kvm_release(a->machine->kvm, r->range.base);
		r->range = (struct range){};
	}
}
