// SPDX-License-Identifier: MIT
// A lent platform device in the machine: opened, plugged in, described to the
// guest, unplugged, closed.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>

#include <lend/lend.h>

#include "vmm/assign/open.h"
#include "vmm/assign/platform-parts.h"
#include "vmm/assign/platform.h"
#include "vmm/base/no-memory.h"

static struct assign_platform *to_platform(struct machine_device *device)
{
	return (struct assign_platform *)device;
}

static int assign_platform_start(struct machine_device *device,
				 struct machine *machine)
{
	struct assign_platform *a = to_platform(device);
	int err;

	a->machine = machine;
	err = assign_platform_place(a);
	if (!err)
		err = assign_platform_connect(a);
	if (err) {
		assign_platform_disconnect(a);
		assign_platform_drop(a);
		a->machine = NULL;
	}
	return err;
}

static void assign_platform_stop(struct machine_device *device,
				 struct machine *machine)
{
	struct assign_platform *a = to_platform(device);

	(void)machine;
	assign_platform_disconnect(a);
	assign_platform_drop(a);
	a->machine = NULL;
}

static int assign_platform_write_node(const struct assign_platform *a,
				      struct machine_tree *tree)
{
	uint64_t *addresses = calloc(a->region_count + 1UL, sizeof(*addresses));
	uint32_t *spis = calloc(a->irq_count + 1UL, sizeof(*spis));
	const struct lend_platform_place place = {
		.size = sizeof(place),
		.addresses = addresses,
		.spis = spis,
	};
	int bus = fdt_path_offset(tree->fdt, tree->bus);
	int err = 0;

	if (!addresses || !spis)
		err = vmm_no_memory(lend_device_ctx(a->lent),
				    lend_device_name(a->lent));

	for (unsigned int i = 0; !err && i < a->region_count; i++)
		addresses[i] = a->regions[i].range.base;
	for (unsigned int i = 0; !err && i < a->irq_count; i++)
		spis[i] = a->irqs[i].gsi;
	if (!err)
		err = lend_platform_write(a->platform, &place, tree->fdt, bus);
	free(spis);
	free(addresses);
	return err;
}

static int assign_platform_describe(struct machine_device *device,
				    struct machine *machine,
				    struct machine_tree *tree)
{
	struct assign_platform *a = to_platform(device);
	int err = assign_platform_write_node(a, tree);
	uint32_t last;

	if (err == -ENOSPC)
		return lend_error_set(machine->ctx, LEND_ERROR_LIMIT, ENOSPC,
				      lend_device_name(a->lent),
				      "its node does not fit the guest's "
				      "device tree");
	if (!err && !fdt_find_max_phandle(tree->fdt, &last) &&
	    last >= tree->phandle)
		tree->phandle = last + 1;
	return err;
}

static void assign_platform_destroy(struct machine_device *device)
{
	struct assign_platform *a = to_platform(device);

	for (unsigned int i = 0; a->regions && i < a->region_count; i++)
		free(a->regions[i].windows);
	free(a->regions);
	free(a->irqs);
	lend_platform_free(a->platform);
	lend_device_unref(a->lent); /* unmaps the regions */
	free(a);
}

static void assign_platform_reset_all(struct machine *machine);

static const struct machine_device_ops device_ops = {
	.reset = assign_platform_reset_all,
	.start = assign_platform_start,
	.describe = assign_platform_describe,
	.stop = assign_platform_stop,
	.destroy = assign_platform_destroy,
};

/* The kernel resets at open and close; in between, the machine does. */
static void assign_platform_reset_all(struct machine *machine)
{
	struct machine_device *device;
	size_t at = 0;

	while ((device = machine_device_next(machine, &device_ops, &at))) {
		struct lend_device *lent = to_platform(device)->lent;

		if (lend_device_can_reset(lent) && lend_device_reset(lent))
			lend_log(machine->ctx, LEND_LOG_WARNING, "%s: %s",
				 lend_device_name(lent),
				 lend_ctx_error(machine->ctx)->what);
	}
}

static void assign_platform_warn_reset(const struct assign_platform *a,
				       struct lend_ctx *ctx)
{
	if (lend_device_can_reset(a->lent))
		return;
	lend_log(ctx, LEND_LOG_WARNING,
		 "%s: it cannot be reset: the guest inherits the "
		 "previous user's state, including DMA in progress, "
		 "and the next user inherits the guest's (allowed "
		 "by vfio_platform.reset_required=0)",
		 lend_device_name(a->lent));
}

int assign_platform_open(struct machine *machine, const void *config,
			 struct lend_device **lent)
{
	const struct assign_platform_config *c = config;
	const struct assign_open how = {
		.address = c->address,
		.fd = c->fd,
		.name = c->name,
	};

	return assign_open(machine, &how, lent);
}

static int make_parts(struct assign_platform *a, struct lend_ctx *ctx)
{
	unsigned int regions = lend_platform_region_count(a->platform);
	unsigned int irqs = lend_platform_irq_count(a->platform);

	a->regions = calloc(regions + 1UL, sizeof(*a->regions));
	a->irqs = calloc(irqs + 1UL, sizeof(*a->irqs));
	if (!a->regions || !a->irqs)
		return vmm_no_memory(ctx, lend_device_name(a->lent));
	a->region_count = regions;
	a->irq_count = irqs;
	for (unsigned int i = 0; i < regions; i++)
		a->regions[i] = (struct assign_platform_region){
			.owner = a,
			.index = i,
		};
	for (unsigned int i = 0; i < irqs; i++)
		a->irqs[i] = (struct assign_platform_irq){
			.owner = a,
			.index = i,
			.trigger = -1,
			.resample = -1,
			.line = LINE_CLOSED,
			.held = HELD_LINE_CLOSED,
		};
	return 0;
}

/* Where addresses are kept, check that the host's are known. */
static int assign_platform_check_addresses(struct assign_platform *a,
					   struct lend_ctx *ctx)
{
	uint64_t *addresses = calloc(a->region_count + 1UL, sizeof(*addresses));
	uint64_t end;
	int err;

	if (!addresses)
		return vmm_no_memory(ctx, lend_device_name(a->lent));
	err = lend_platform_arrange(a->platform, 0, addresses, &end);
	free(addresses);
	return err;
}

static int make_platform(struct assign_platform *a, struct machine *machine,
			 const struct assign_platform_config *config)
{
	int err = lend_platform_new(config->address, a->lent, &a->platform);

	if (!err)
		err = lend_platform_prepare(a->platform, &config->node);
	if (!err)
		err = make_parts(a, machine->ctx);
	if (!err)
		err = assign_platform_check_addresses(a, machine->ctx);
	if (!err)
		err = assign_platform_map(a, machine, config->no_mmap);
	if (!err)
		assign_platform_warn_reset(a, machine->ctx);
	return err;
}

/* Without opening the device, the trigger of some interrupts is unknown, which
 * is not an error here. */
static int
assign_platform_add_needs(const struct assign_platform_config *config,
			  struct machine *machine,
			  struct lend_platform *platform)
{
	int err = lend_platform_prepare(platform, &config->node);

	if (err == -ENODATA && lend_platform_irq_count(platform) &&
	    lend_platform_irq(platform, 0)->trigger == LEND_TRIGGER_UNKNOWN)
		err = 0;
	for (unsigned int i = 0; !err && !config->node.keep_addresses &&
				 i < lend_platform_region_count(platform);
	     i++)
		err = assign_platform_need(
			machine, config->name,
			lend_platform_region(platform, i)->size);
	return err;
}

int assign_platform_measure(struct machine *machine, const void *config)
{
	const struct assign_platform_config *c = config;
	struct lend_platform *platform;
	int err = lend_platform_new(c->address, NULL, &platform);

	if (err)
		return err;
	err = assign_platform_add_needs(c, machine, platform);
	lend_platform_free(platform);
	return err;
}

int assign_platform_create(struct machine *machine, const void *config,
			   struct lend_device *lent,
			   struct machine_device **device)
{
	const struct assign_platform_config *c = config;
	struct assign_platform *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return vmm_no_memory(machine->ctx, c->name);
	a->device.ops = &device_ops;
	a->lent = lend_device_ref(lent);
	a->no_irqfd = c->no_irqfd;
	a->keeps_addresses = c->node.keep_addresses;
	err = make_platform(a, machine, c);
	if (err) {
		assign_platform_destroy(&a->device);
		return err;
	}
	*device = &a->device;
	return 0;
}
