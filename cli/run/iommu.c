// SPDX-License-Identifier: MIT
// Chooses the I/O address space that all devices of a machine share.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/run/iommu.h"
#include "cli/run/options.h"

void run_iommu_init(struct run_iommu *iommu, const struct run_options *asked)
{
	*iommu = (struct run_iommu){.options = LEND_IOMMU_OPTIONS_INIT};
	iommu->options.backend = asked->backend;
}

static const struct run_object *
run_iommu_find_object(const struct run_objects *objects, const char *id)
{
	for (size_t i = 0; i < objects->count; i++)
		if (!strcmp(objects->list[i].id, id))
			return &objects->list[i];
	return NULL;
}

static int refuse_id(struct lend_ctx *ctx, const struct run_objects *objects,
		     const char *id)
{
	const char **ids = calloc(objects->count + 1, sizeof(*ids));
	const char *nearest = NULL;

	for (size_t i = 0; ids && i < objects->count; i++)
		ids[i] = objects->list[i].id;
	if (ids)
		nearest = lend_nearest(id, ids, (unsigned int)objects->count);
	free(ids);
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "iommufd=%s: no -object has this id", id);
	if (nearest)
		return lend_error_remedy(ctx, "%s is the nearest", nearest);
	return lend_error_remedy(ctx, "-object iommufd,id=%s", id);
}

/* Refuses two options that request different address spaces. */
static int refuse_both(struct lend_ctx *ctx, const char *one, const char *other)
{
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "%s and %s are mutually exclusive", one, other);
	return lend_error_remedy(ctx, "remove one of them");
}

static int run_iommu_settle(struct run_iommu *iommu, struct lend_ctx *ctx,
			    const struct run_options *asked, const char *id)
{
	const struct run_object *object;

	if (iommu->unguarded && (id || asked->backend != LEND_BACKEND_AUTO))
		return refuse_both(ctx, "x-no-iommu-unsafe-dma=",
				   id ? "iommufd=" : "-x-iommu");
	if (iommu->unguarded)
		iommu->options.backend = LEND_BACKEND_NOIOMMU;
	if (!id)
		return 0;
	if (asked->backend == LEND_BACKEND_CONTAINER)
		return refuse_both(ctx, "iommufd=", "-x-iommu container");
	object = run_iommu_find_object(&asked->objects, id);
	if (!object)
		return refuse_id(ctx, &asked->objects, id);
	iommu->id = object->id;
	iommu->options.backend = LEND_BACKEND_IOMMUFD;
	iommu->options.iommufd = object->fd;
	return 0;
}

/* QEMU allows two address spaces for one guest; here its memory would be pinned
 * and accounted twice. */
static int check_agrees(const struct run_iommu *iommu, struct lend_ctx *ctx,
			const char *id, bool unguarded, const char *text)
{
	bool same_id =
		iommu->id && id ? !strcmp(iommu->id, id) : !iommu->id && !id;

	if (same_id && iommu->unguarded == unguarded)
		return 0;
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
		       "all devices of a machine share one I/O address space; "
		       "these request two");
	lend_error_evidence(ctx, "-device %s", iommu->first);
	lend_error_evidence(ctx, "-device %s", text);
	return lend_error_remedy(ctx, "give each device the same %s=, or none",
				 same_id ? "x-no-iommu-unsafe-dma" : "iommufd");
}

/* As the library does if the first device has a token: not every kernel with
 * iommufd accepts one there. */
static void heed_token(struct run_iommu *iommu, struct lend_ctx *ctx)
{
	if (iommu->options.backend != LEND_BACKEND_AUTO)
		return;
	iommu->options.backend = LEND_BACKEND_CONTAINER;
	lend_log(ctx, LEND_LOG_INFO,
		 "a VF token is given: the container is used");
}

int run_iommu_join(struct run_iommu *iommu, struct lend_ctx *ctx,
		   const struct run_options *asked,
		   const struct lend_spec *spec, const char *text)
{
	const char *id = lend_spec_get(spec, "iommufd");
	bool unguarded =
		lend_spec_get_bool(spec, "x-no-iommu-unsafe-dma", false);
	int err;

	if (iommu->first) {
		err = check_agrees(iommu, ctx, id, unguarded, text);
	} else {
		iommu->first = text;
		iommu->unguarded = unguarded;
		err = run_iommu_settle(iommu, ctx, asked, id);
	}
	if (!err && lend_spec_get(spec, "vf-token"))
		heed_token(iommu, ctx);
	return err;
}

int run_iommu_keep_open(struct run_iommu *iommu, struct lend_ctx *ctx,
			const struct run_options *asked)
{
	const struct run_object *object = asked->objects.list;

	if (!asked->plug_slots)
		return 0;
	if (iommu->unguarded)
		return refuse_both(ctx,
				   "x-no-iommu-unsafe-dma=", "-plug-slots");
	iommu->options.backend = LEND_BACKEND_IOMMUFD;
	if (iommu->first || !asked->objects.count)
		return 0;
	iommu->id = object->id;
	iommu->options.iommufd = object->fd;
	return 0;
}

void run_iommu_warn_unused(const struct run_iommu *iommu, struct lend_ctx *ctx,
			   const struct run_options *asked)
{
	for (size_t i = 0; i < asked->objects.count; i++) {
		const char *id = asked->objects.list[i].id;

		if (!iommu->id || strcmp(iommu->id, id))
			lend_log(ctx, LEND_LOG_WARNING,
				 "-object iommufd,id=%s: no device uses it",
				 id);
	}
}
