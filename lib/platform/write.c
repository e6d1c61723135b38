// SPDX-License-Identifier: MIT
// Prepares a platform device's node, by a trial, and writes it.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <libfdt.h>

#include "lib/address/address.h"
#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/platform/binding.h"
#include "lib/platform/node.h"
#include "lib/platform/platform.h"
#include "lib/platform/tree.h"

/* Size of the tree for a trial, in bytes. */
#define TRIAL_MIN (16u << 10)
#define TRIAL_MAX (8u << 20)

#define OVERLAY_MAX (1u << 20)
#define PATH_MAX_   4096

static int platform_refuse(const struct lend_platform *p,
			   enum lend_error_code code, const char *why)
{
	return lend_error_set(p->ctx, code, EINVAL, p->address->name, "%s",
			      why);
}

static int platform_take_options(struct lend_platform *p,
				 const struct lend_platform_options *options)
{
	if (options->overlay && options->overlay_size > OVERLAY_MAX)
		return platform_refuse(p, LEND_ERROR_ARGUMENT,
				       "the overlay is larger than 1 MiB");
	if (options->drop)
		p->drop = strdup(options->drop);
	if (options->numbers)
		p->numbers = strdup(options->numbers);
	if (options->overlay) {
		/* Never of size 0, even for an empty file. */
		p->overlay = malloc(options->overlay_size + 1);
		p->overlay_size = (uint32_t)options->overlay_size;
		if (p->overlay)
			memcpy(p->overlay, options->overlay,
			       options->overlay_size);
	}
	if ((options->drop && !p->drop) || (options->numbers && !p->numbers) ||
	    (options->overlay && !p->overlay))
		return error_no_memory(p->ctx, p->address->name);
	return 0;
}

static int check_front_end(struct lend_platform *p, const char *front_end)
{
	const char *wanted = binding_of_front_end(front_end);
	const char *has = dt_string(dt_get(p->host.node, "compatible"), 0);

	if (!wanted || dt_is_compatible(p->host.node, wanted))
		return 0;
	lend_error_set(p->ctx, LEND_ERROR_WRONG_TYPE, EINVAL, p->address->name,
		       "its node is not compatible with %s, which %s requires",
		       wanted, front_end);
	lend_error_evidence(p->ctx, "its node is compatible with '%s'",
			    has ? has : "");
	return lend_error_remedy(p->ctx, "use -device vfio-platform");
}

/* Names the controller, whose binding lacks the trigger. */
static void report_controller(struct lend_platform *p, unsigned int index)
{
	uint32_t cells = 0;
	const struct dt_node *controller =
		host_irq_controller(&p->host, index, &cells);
	const char *compatible =
		controller ? dt_string(dt_get(controller, "compatible"), 0)
			   : NULL;

	if (!controller)
		lend_error_evidence(p->ctx,
				    "the tree has no controller for it");
	else
		lend_error_evidence(p->ctx,
				    "its specifier has %u %s by the binding of "
				    "%s, %s",
				    cells, cells == 1 ? "cell" : "cells",
				    compatible ? compatible : "its controller",
				    controller->path ? controller->path
						     : controller->name);
}

static int check_triggers(struct lend_platform *p)
{
	for (unsigned int i = 0; i < p->irq_count; i++) {
		if (p->irqs[i].trigger != LEND_TRIGGER_UNKNOWN)
			continue;
		lend_error_set(p->ctx, LEND_ERROR_DEVICE, ENODATA,
			       p->address->name,
			       "the host's device tree does not say whether "
			       "interrupt %u is level- or edge-triggered",
			       i);
		report_controller(p, i);
		return lend_error_remedy(
			p->ctx, "bind it to VFIO, which reports the trigger");
	}
	return 0;
}

static void fill_build(const struct lend_platform *p,
		       const struct lend_platform_place *place,
		       struct node_region *regions, struct node_irq *irqs,
		       struct node_build *b)
{
	for (unsigned int i = 0; i < p->region_count; i++)
		regions[i] = (struct node_region){
			.address = place->addresses[i],
			.size = p->regions[i].size,
		};
	for (unsigned int i = 0; i < p->irq_count; i++)
		irqs[i] = (struct node_irq){
			.spi = place->spis[i],
			.level = p->irqs[i].trigger == LEND_TRIGGER_LEVEL,
		};
	*b = (struct node_build){
		.ctx = p->ctx,
		.device = p->address->name,
		.host = &p->host,
		.binding = p->binding,
		.regions = regions,
		.region_count = p->region_count,
		.irqs = irqs,
		.irq_count = p->irq_count,
		.keeps_addresses = p->keeps_addresses,
		.drop = p->drop,
		.numbers = p->numbers,
		.overlay = p->overlay,
		.overlay_size = p->overlay_size,
	};
}

int lend_platform_write(const struct lend_platform *p,
			const struct lend_platform_place *place, void *fdt,
			int parent)
{
	struct lend_platform_place known = {0};
	struct node_region *regions;
	struct node_irq *irqs;
	struct node_build build;
	char *path;
	int err;

	err = sized_copy(p->ctx, p->address->name, &sized_platform_place,
			 &known, place);
	if (err)
		return err;
	if (!p->binding)
		return platform_refuse(
			p, LEND_ERROR_ARGUMENT,
			"lend_platform_prepare() has not succeeded");
	if ((p->region_count && !known.addresses) ||
	    (p->irq_count && !known.spis))
		return platform_refuse(
			p, LEND_ERROR_ARGUMENT,
			"its place lacks addresses or interrupts");
	regions = calloc(p->region_count + 1UL, sizeof(*regions));
	irqs = calloc(p->irq_count + 1UL, sizeof(*irqs));
	path = malloc(PATH_MAX_);
	if (regions && irqs && path) {
		fill_build(p, &known, regions, irqs, &build);
		err = node_write(&build, fdt, parent, path, PATH_MAX_);
	} else {
		err = error_no_memory(p->ctx, p->address->name);
	}
	free(path);
	free(irqs);
	free(regions);
	return err;
}

/* An empty tree whose root has two address cells and two size cells. */
static int platform_make_tree(void *fdt, uint32_t size)
{
	int err = fdt_create_empty_tree(fdt, (int)size);

	if (!err)
		err = fdt_setprop_u32(fdt, 0, "#size-cells", 2);
	if (!err)
		err = fdt_setprop_u32(fdt, 0, "#address-cells", 2);
	return err ? -ENOMEM : 0;
}

static int try_write(struct lend_platform *p,
		     const struct lend_platform_place *place)
{
	int err = -ENOSPC;

	for (uint32_t size = TRIAL_MIN; err == -ENOSPC && size <= TRIAL_MAX;
	     size *= 2) {
		void *fdt = malloc(size);

		err = fdt ? platform_make_tree(fdt, size) : -ENOMEM;
		err = err ? error_no_memory(p->ctx, p->address->name)
			  : lend_platform_write(p, place, fdt, 0);
		free(fdt);
	}
	if (err == -ENOSPC)
		lend_error_set(p->ctx, LEND_ERROR_LIMIT, ENOSPC,
			       p->address->name,
			       "its node is larger than 8 MiB");
	return err;
}

/* A trial works with any addresses. */
static int platform_try_write(struct lend_platform *p)
{
	uint64_t *addresses = calloc(p->region_count + 1UL, sizeof(*addresses));
	uint32_t *spis = calloc(p->irq_count + 1UL, sizeof(*spis));
	const struct lend_platform_place place = {
		.size = sizeof(place),
		.addresses = addresses,
		.spis = spis,
	};
	int err;

	if (addresses && spis)
		err = try_write(p, &place);
	else
		err = error_no_memory(p->ctx, p->address->name);
	free(spis);
	free(addresses);
	return err;
}

int lend_platform_prepare(struct lend_platform *p,
			  const struct lend_platform_options *options)
{
	struct lend_platform_options known = {0};
	int err;

	free(p->drop);
	free(p->numbers);
	free(p->overlay);
	p->drop = p->numbers = p->overlay = NULL;
	p->binding = NULL;
	err = sized_copy(p->ctx, p->address->name, &sized_platform_options,
			 &known, options);
	p->keeps_addresses = !err && known.keep_addresses;
	if (!err)
		err = platform_take_options(p, &known);
	if (!err)
		err = check_front_end(p, known.front_end);
	if (!err)
		err = check_triggers(p);
	if (!err)
		err = host_node_resolve(p->ctx, &p->host);
	if (err)
		return err;
	p->binding = binding_find(p->host.node);
	err = platform_try_write(p);
	if (err)
		p->binding = NULL;
	return err;
}

const char *lend_platform_binding(const struct lend_platform *p)
{
	return p->binding ? p->binding->compatible : NULL;
}
