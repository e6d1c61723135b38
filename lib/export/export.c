// SPDX-License-Identifier: MIT
// Puts an open device behind a server: registers, interrupts, DMA and resets of
// the client are those of the device.

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <lend/export.h>
#include <lend/irq.h>
#include <lend/region.h>
#include <lend/reset.h>

#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/device/device.h"
#include "lib/pci/served.h"

/* Those of fixed indices; the others have types, which clients cannot ask for
 * here. VGA ranges belong to the host. */
#define REGIONS LEND_PCI_REGION_VGA
#define IRQS    (LEND_PCI_IRQ_REQ + 1)

struct lend_export {
	struct lend_ctx *ctx;       /* the device's */
	struct lend_device *device; /* a reference */
	struct lend_server *server;
	struct lend_pci *served; /* NULL: not a PCI device */
	int request;             /* eventfd, or -1 */
	bool has_warned;         /* of the client that there is */
};

/* The record of the client's first failure has what the errno in a reply does
 * not: the limit, the range, the remedy. */
static int export_warn(struct lend_export *export, int err)
{
	char text[1024];

	if (!err || export->has_warned)
		return err;
	export->has_warned = true;
	lend_error_format(lend_ctx_error(export->ctx), text, sizeof(text));
	lend_log(export->ctx, LEND_LOG_WARNING, "%s", text);
	return err;
}

static int export_region_read(void *opaque, unsigned int index, uint64_t offset,
			      void *data, size_t size)
{
	struct lend_export *export = opaque;

	if (!export->served || index != LEND_PCI_REGION_CONFIG)
		return lend_region_read(export->device, index, offset, data,
					size);
	served_read(export->served, (unsigned int)offset, data, size);
	return 0;
}

static int export_region_write(void *opaque, unsigned int index,
			       uint64_t offset, const void *data, size_t size)
{
	struct lend_export *export = opaque;

	if (!export->served || index != LEND_PCI_REGION_CONFIG)
		return lend_region_write(export->device, index, offset, data,
					 size);
	return served_write(export->served, (unsigned int)offset, data, size);
}

/* A number above 0 is what the host has left, which no reply can have. */
static int export_irq_set(void *opaque, unsigned int index, unsigned int start,
			  unsigned int count, const int *fds)
{
	struct lend_export *export = opaque;
	int err = lend_irq_set(export->device, index, start, count, fds);

	if (err > 0)
		return -ENOSPC;
	return export_warn(export, err);
}

static int export_irq_unmask_fd(void *opaque, unsigned int index,
				unsigned int start, int fd)
{
	struct lend_export *export = opaque;

	return export_warn(
		export, lend_irq_unmask_fd(export->device, index, start, fd));
}

static int export_irq_act(void *opaque, unsigned int index, unsigned int start,
			  enum lend_server_irq_action action)
{
	struct lend_export *export = opaque;
	int err;

	if (action == LEND_SERVER_IRQ_MASK)
		err = lend_irq_mask(export->device, index, start);
	else if (action == LEND_SERVER_IRQ_UNMASK)
		err = lend_irq_unmask(export->device, index, start);
	else
		err = lend_irq_trigger(export->device, index, start);
	return export_warn(export, err);
}

static int export_irq_disable(void *opaque, unsigned int index)
{
	struct lend_export *export = opaque;

	return export_warn(export, lend_irq_disable(export->device, index));
}

static int export_refuse_memory(struct lend_export *export,
				const struct lend_server_dma *dma)
{
	lend_error_set(export->ctx, LEND_ERROR_DMA, EINVAL,
		       lend_device_name(export->device),
		       "the client's memory is not shared: 0x%llx bytes at "
		       "IOVA 0x%llx have no descriptor",
		       (unsigned long long)dma->size,
		       (unsigned long long)dma->iova);
	return lend_error_remedy(
		export->ctx, "for QEMU: -object memory-backend-memfd,id=ram,"
			     "size=SIZE,share=on -machine memory-backend=ram");
}

static int export_dma_map(void *opaque, const struct lend_server_dma *dma)
{
	struct lend_export *export = opaque;
	int err = 0;

	if (dma->vaddr)
		err = lend_iommu_map_file(export->device->iommu, dma->iova,
					  dma->vaddr, dma->size, dma->flags,
					  dma->fd, dma->offset);
	else if (dma->flags & LEND_DMA_WRITE)
		err = export_refuse_memory(export, dma);
	return export_warn(export, err);
}

static int export_dma_unmap(void *opaque, const struct lend_server_dma *dma)
{
	struct lend_export *export = opaque;

	if (!dma->vaddr)
		return 0;
	return export_warn(export, lend_iommu_unmap(export->device->iommu,
						    dma->iova, dma->size));
}

/* Without bus mastering the device does no DMA, even if it cannot be reset. */
static int export_reset(void *opaque)
{
	struct lend_export *export = opaque;
	int err = 0;

	if (export->served) {
		err = lend_device_bus_master(export->device, false);
		served_reset(export->served);
	}
	if (lend_device_can_reset(export->device))
		err = lend_device_reset(export->device);
	return export_warn(export, err);
}

static void export_left(void *opaque)
{
	struct lend_export *export = opaque;

	export->has_warned = false;
}

static struct lend_server_region export_region(const struct lend_export *export,
					       unsigned int index, bool map)
{
	const struct lend_region *region =
		lend_device_region(export->device, index);
	bool is_mapped = map && region->area_count;

	return (struct lend_server_region){
		.size = region->size,
		.offset = lend_region_offset(export->device, index),
		.areas = region->areas,
		.area_count = is_mapped ? region->area_count : 0,
		.flags = (region->flags &
			  (LEND_REGION_READ | LEND_REGION_WRITE)) |
			 (is_mapped ? LEND_REGION_MMAP : 0),
		.fd = is_mapped ? lend_device_fd(export->device) : -1,
	};
}

static int export_serve(struct lend_export *export,
			const struct lend_export_options *options)
{
	static const struct lend_server_ops ops = {
		.size = sizeof(ops),
		.region_read = export_region_read,
		.region_write = export_region_write,
		.irq_set = export_irq_set,
		.irq_unmask_fd = export_irq_unmask_fd,
		.irq_act = export_irq_act,
		.irq_disable = export_irq_disable,
		.dma_map = export_dma_map,
		.dma_unmap = export_dma_unmap,
		.reset = export_reset,
		.left = export_left,
	};
	struct lend_server_region regions[REGIONS];
	struct lend_server_irq irqs[IRQS];
	struct lend_server_options known = {
		.size = sizeof(known),
		.name = lend_device_name(export->device),
		.regions = regions,
		.irqs = irqs,
		.region_count = REGIONS,
		.irq_count = IRQS,
		.fd = options->fd,
		.type = lend_device_type(export->device),
		.patience = options->patience,
		.can_reset = lend_device_can_reset(export->device),
	};

	for (unsigned int i = 0; i < REGIONS; i++)
		regions[i] = export_region(export, i, options->map);
	for (unsigned int i = 0; i < IRQS; i++) {
		const struct lend_irq *irq = lend_device_irq(export->device, i);

		irqs[i] = (struct lend_server_irq){irq->count, irq->flags};
	}
	if (export->request >= 0)
		irqs[LEND_PCI_IRQ_REQ] = (struct lend_server_irq){0, 0};
	return lend_server_new(export->ctx, &known, &ops, export,
			       &export->server);
}

/* The host's request must reach this process, whatever the client does. */
static int export_watch_request(struct lend_export *export)
{
	const struct kernel *kernel = export->ctx->kernel;
	int fd;

	if (!export->served ||
	    !lend_device_irq(export->device, LEND_PCI_IRQ_REQ)->count)
		return 0;
	fd = kernel->eventfd(kernel);
	if (fd < 0)
		return error_system(export->ctx, -fd,
				    lend_device_name(export->device),
				    "eventfd");
	export->request = fd;
	return lend_irq_set(export->device, LEND_PCI_IRQ_REQ, 0, 1, &fd);
}

static int export_set_up(struct lend_export *export,
			 const struct lend_export_options *options)
{
	enum lend_device_type type = lend_device_type(export->device);
	int err = 0;

	if (type != LEND_DEVICE_PLATFORM)
		err = lend_device_require(export->device, LEND_DEVICE_PCI);
	if (!err &&
	    lend_iommu_backend(export->device->iommu) == LEND_BACKEND_NOIOMMU)
		err = lend_error_set(export->ctx, LEND_ERROR_NO_IOMMU, ENOTSUP,
				     lend_device_name(export->device),
				     "a device without an IOMMU cannot be "
				     "offered to another process");
	if (!err && type == LEND_DEVICE_PCI)
		err = served_new(export->device, &export->served);
	if (!err)
		err = export_watch_request(export);
	return err ? err : export_serve(export, options);
}

int lend_export_new(struct lend_device *device,
		    const struct lend_export_options *options,
		    struct lend_export **result)
{
	struct lend_export_options known = {.fd = -1};
	struct lend_ctx *ctx = lend_device_ctx(device);
	struct lend_export *export;
	int err = sized_copy(ctx, NULL, &sized_export_options, &known, options);

	if (err)
		return err;
	export = calloc(1, sizeof(*export));
	if (!export)
		return error_no_memory(ctx, lend_device_name(device));
	export->ctx = ctx;
	export->device = lend_device_ref(device);
	export->request = -1;
	err = export_set_up(export, &known);
	if (err)
		lend_export_free(export);
	else
		*result = export;
	return err;
}

void lend_export_free(struct lend_export *export)
{
	if (!export)
		return;
	lend_server_free(export->server);
	if (export->request >= 0) {
		lend_irq_disable(export->device, LEND_PCI_IRQ_REQ);
		export->ctx->kernel->close(export->ctx->kernel,
					   export->request);
	}
	served_free(export->served);
	lend_device_unref(export->device);
	free(export);
}

struct lend_server *lend_export_server(const struct lend_export *export)
{
	return export->server;
}

int lend_export_request_fd(const struct lend_export *export)
{
	return export->request;
}
