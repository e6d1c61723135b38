// SPDX-License-Identifier: MIT
// The controller as a device of a server: its life, and what its client does.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lend/lend.h>

#include "device/nvme/controller.h"
#include "device/nvme/ids.h"

static int served_region_read(void *opaque, unsigned int index, uint64_t offset,
			      void *data, size_t size)
{
	struct nvme *nvme = opaque;

	if (index == LEND_PCI_REGION_CONFIG) {
		lend_function_config_read(nvme->function, offset, data, size);
		return 0;
	}
	pthread_mutex_lock(&nvme->lock);
	nvme_register_read(nvme, offset, data, size);
	pthread_mutex_unlock(&nvme->lock);
	return 0;
}

static int nvme_served_reset(void *opaque)
{
	struct nvme *nvme = opaque;

	pthread_mutex_lock(&nvme->lock);
	nvme_reset(nvme);
	lend_function_reset(nvme->function);
	pthread_mutex_unlock(&nvme->lock);
	return 0;
}

/* Bus mastering may be on after a write: commands that waited for it go on. */
static int served_config_write(struct nvme *nvme, uint64_t offset,
			       const void *data, size_t size)
{
	if (lend_function_config_write(nvme->function, offset, data, size))
		return nvme_served_reset(nvme);
	pthread_mutex_lock(&nvme->lock);
	pthread_cond_broadcast(&nvme->work);
	pthread_mutex_unlock(&nvme->lock);
	return 0;
}

static int served_region_write(void *opaque, unsigned int index,
			       uint64_t offset, const void *data, size_t size)
{
	struct nvme *nvme = opaque;

	if (index == LEND_PCI_REGION_CONFIG)
		return served_config_write(nvme, offset, data, size);
	pthread_mutex_lock(&nvme->lock);
	nvme_register_write(nvme, offset, data, size);
	pthread_mutex_unlock(&nvme->lock);
	return 0;
}

static int served_irq_set(void *opaque, unsigned int index, unsigned int start,
			  unsigned int count, const int *fds)
{
	struct nvme *nvme = opaque;

	return lend_function_irq_set(nvme->function, index, start, count, fds);
}

static int served_irq_unmask_fd(void *opaque, unsigned int index,
				unsigned int start, int fd)
{
	struct nvme *nvme = opaque;

	return lend_function_irq_unmask_fd(nvme->function, index, start, fd);
}

static int served_irq_act(void *opaque, unsigned int index, unsigned int start,
			  enum lend_server_irq_action action)
{
	struct nvme *nvme = opaque;

	return lend_function_irq_act(nvme->function, index, start, action);
}

/* The line takes over from messages that are disabled. */
static int served_irq_disable(void *opaque, unsigned int index)
{
	struct nvme *nvme = opaque;
	int err = lend_function_irq_disable(nvme->function, index);

	pthread_mutex_lock(&nvme->lock);
	nvme_interrupts_update(nvme);
	pthread_mutex_unlock(&nvme->lock);
	return err;
}

static int served_dma_map(void *opaque, const struct lend_server_dma *dma)
{
	struct nvme *nvme = opaque;
	int err;

	pthread_mutex_lock(&nvme->lock);
	nvme_pause(nvme);
	err = memory_add(&nvme->memory, dma);
	nvme_resume(nvme);
	pthread_mutex_unlock(&nvme->lock);
	return err;
}

static int served_dma_unmap(void *opaque, const struct lend_server_dma *dma)
{
	struct nvme *nvme = opaque;

	pthread_mutex_lock(&nvme->lock);
	nvme_pause(nvme);
	memory_remove(&nvme->memory, dma->iova);
	nvme_resume(nvme);
	pthread_mutex_unlock(&nvme->lock);
	return 0;
}

static void served_left(void *opaque)
{
	(void)opaque;
}

static int nvme_make_function(struct nvme *nvme, bool has_msix)
{
	const struct lend_function_options options = {
		.size = sizeof(options),
		.bars = {{NVME_BAR_SIZE, LEND_FUNCTION_BAR_64, 0}},
		.vendor = NVME_VENDOR,
		.device = NVME_DEVICE,
		.subvendor = NVME_VENDOR,
		.subsystem = NVME_DEVICE,
		.class_code = NVME_CLASS,
		.msi = 32,
		.msix = has_msix ? NVME_QUEUES : 0,
		.intx = true,
		.msix_table = NVME_TABLE,
		.msix_pba = NVME_PENDING,
	};

	return lend_function_new(nvme->ctx, &options, &nvme->function);
}

static int nvme_make_server(struct nvme *nvme,
			    const struct nvme_options *options)
{
	static const struct lend_server_ops ops = {
		.size = sizeof(ops),
		.region_read = served_region_read,
		.region_write = served_region_write,
		.irq_set = served_irq_set,
		.irq_unmask_fd = served_irq_unmask_fd,
		.irq_act = served_irq_act,
		.irq_disable = served_irq_disable,
		.dma_map = served_dma_map,
		.dma_unmap = served_dma_unmap,
		.reset = nvme_served_reset,
		.left = served_left,
	};
	struct lend_server_region regions[LEND_FUNCTION_REGIONS];
	struct lend_server_irq irqs[LEND_FUNCTION_IRQS];
	const struct lend_server_options known = {
		.size = sizeof(known),
		.name = options->name,
		.regions = regions,
		.irqs = irqs,
		.region_count = LEND_FUNCTION_REGIONS,
		.irq_count = LEND_FUNCTION_IRQS,
		.fd = options->fd,
		.type = LEND_DEVICE_PCI,
		.can_reset = true,
	};

	lend_function_fill(nvme->function, regions, irqs);
	return lend_server_new(nvme->ctx, &known, &ops, nvme, &nvme->server);
}

static int nvme_prepare(struct nvme *nvme, const struct nvme_options *options)
{
	int err = 0;

	nvme->name = strdup(options->name);
	if (!nvme->name)
		err = lend_error_set(nvme->ctx, LEND_ERROR_MEMORY, ENOMEM,
				     options->name, "not enough memory");
	if (options->serial)
		snprintf(nvme->serial, sizeof(nvme->serial), "%s",
			 options->serial);
	else
		snprintf(nvme->serial, sizeof(nvme->serial), "%016llx",
			 (unsigned long long)options->image->id);
	while (1u << nvme->shift < options->image->block)
		nvme->shift++;
	if (!err)
		err = nvme_make_function(nvme, !options->has_no_msix);
	return err ? err : nvme_make_server(nvme, options);
}

int nvme_new(struct lend_ctx *ctx, const struct nvme_options *options,
	     struct nvme **result)
{
	struct nvme *nvme = calloc(1, sizeof(*nvme));
	int err;

	if (!nvme)
		return lend_error_set(ctx, LEND_ERROR_MEMORY, ENOMEM,
				      options->name, "not enough memory");
	nvme->ctx = lend_ctx_ref(ctx);
	nvme->image = options->image;
	memory_init(&nvme->memory);
	pthread_mutex_init(&nvme->lock, NULL);
	pthread_cond_init(&nvme->work, NULL);
	pthread_cond_init(&nvme->idle, NULL);
	err = nvme_prepare(nvme, options);
	if (err)
		nvme_free(nvme);
	else
		*result = nvme;
	return err;
}

/* The client goes first, and waits for the commands in flight. */
void nvme_free(struct nvme *nvme)
{
	if (!nvme)
		return;
	lend_server_free(nvme->server);
	pthread_mutex_lock(&nvme->lock);
	nvme->must_stop = true;
	pthread_cond_broadcast(&nvme->work);
	pthread_mutex_unlock(&nvme->lock);
	while (nvme->thread_count)
		pthread_join(nvme->threads[--nvme->thread_count], NULL);
	lend_function_free(nvme->function);
	memory_free(&nvme->memory);
	pthread_cond_destroy(&nvme->idle);
	pthread_cond_destroy(&nvme->work);
	pthread_mutex_destroy(&nvme->lock);
	free(nvme->name);
	lend_ctx_unref(nvme->ctx);
	free(nvme);
}

struct lend_server *nvme_server(const struct nvme *nvme)
{
	return nvme->server;
}

struct lend_function *nvme_function(const struct nvme *nvme)
{
	return nvme->function;
}
