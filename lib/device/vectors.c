// SPDX-License-Identifier: MIT
// Vectors of an interrupt index, each with an eventfd to wait for.

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <lend/vectors.h>

#include "lib/base/context.h"
#include "lib/device/device.h"

struct lend_vectors {
	struct lend_device *device;
	unsigned int index;
	unsigned int count;
	bool is_on;
	int fds[];
};

static int vectors_refuse(struct lend_device *device, unsigned int count)
{
	return lend_error_set(device->ctx, LEND_ERROR_ARGUMENT, EINVAL,
			      lend_device_name(device),
			      "the device has no interrupt index with %u "
			      "vectors",
			      count);
}

/* The index to use, or -errno. */
static int vectors_choose(struct lend_device *device, unsigned int index,
			  unsigned int count)
{
	static const unsigned int kinds[] = {
		LEND_PCI_IRQ_MSIX, LEND_PCI_IRQ_MSI, LEND_PCI_IRQ_INTX};

	if (index != LEND_VECTORS_ANY) {
		if (count && count <= lend_device_irq(device, index)->count)
			return (int)index;
		return vectors_refuse(device, count);
	}
	for (size_t i = 0; count && i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (lend_device_type(device) == LEND_DEVICE_PCI &&
		    count <= lend_device_irq(device, kinds[i])->count)
			return (int)kinds[i];
	return vectors_refuse(device, count);
}

static int vectors_make_fds(struct lend_vectors *vectors)
{
	struct lend_device *device = vectors->device;
	const struct kernel *k = device->ctx->kernel;

	for (unsigned int i = 0; i < vectors->count; i++) {
		vectors->fds[i] = k->eventfd(k);
		if (vectors->fds[i] >= 0)
			continue;
		error_system(device->ctx, -vectors->fds[i],
			     lend_device_name(device),
			     "create eventfd %u of %u", i + 1, vectors->count);
		if (vectors->fds[i] == -EMFILE)
			lend_error_remedy(device->ctx,
					  "raise the limit of open files "
					  "(ulimit -n)");
		return vectors->fds[i];
	}
	return 0;
}

static int vectors_enable(struct lend_vectors *vectors)
{
	struct lend_device *device = vectors->device;
	int result = lend_irq_set(device, vectors->index, 0, vectors->count,
				  vectors->fds);

	vectors->is_on = !result;
	if (result <= 0)
		return result;
	return lend_error_set(device->ctx, LEND_ERROR_LIMIT, ENOSPC,
			      lend_device_name(device),
			      "the host has %d of %u interrupt vectors left",
			      result, vectors->count);
}

int lend_vectors_new(struct lend_device *device, unsigned int index,
		     unsigned int count, struct lend_vectors **result)
{
	struct lend_vectors *vectors;
	int err = vectors_choose(device, index, count);

	if (err < 0)
		return err;
	vectors = malloc(sizeof(*vectors) + count * sizeof(vectors->fds[0]));
	if (!vectors)
		return error_no_memory(device->ctx, lend_device_name(device));
	vectors->device = lend_device_ref(device);
	vectors->index = (unsigned int)err;
	vectors->count = count;
	vectors->is_on = false;
	for (unsigned int i = 0; i < count; i++)
		vectors->fds[i] = -1;
	err = vectors_make_fds(vectors);
	if (!err)
		err = vectors_enable(vectors);
	if (err)
		lend_vectors_free(vectors);
	else
		*result = vectors;
	return err;
}

void lend_vectors_free(struct lend_vectors *vectors)
{
	const struct kernel *k;

	if (!vectors)
		return;
	k = vectors->device->ctx->kernel;
	if (vectors->is_on)
		device_disable_irq(vectors->device, vectors->index);
	for (unsigned int i = 0; i < vectors->count; i++)
		if (vectors->fds[i] >= 0)
			k->close(k, vectors->fds[i]);
	lend_device_unref(vectors->device);
	free(vectors);
}

unsigned int lend_vectors_index(const struct lend_vectors *vectors)
{
	return vectors->index;
}

int lend_vectors_fd(const struct lend_vectors *vectors, unsigned int vector)
{
	return vector < vectors->count ? vectors->fds[vector] : -EINVAL;
}

int lend_vectors_wait(struct lend_vectors *vectors, unsigned int vector,
		      int milliseconds)
{
	const struct kernel *k = vectors->device->ctx->kernel;
	struct pollfd pollfd = {.events = POLLIN};
	uint64_t count = 0;
	ssize_t size;
	int ready;

	pollfd.fd = lend_vectors_fd(vectors, vector);
	if (pollfd.fd < 0)
		return -EINVAL;
	ready = k->poll(k, &pollfd, 1, milliseconds);
	if (ready <= 0)
		return ready;
	size = k->read(k, pollfd.fd, &count, sizeof(count));
	if (size == -EAGAIN) /* another thread was faster */
		return 0;
	if (size < 0)
		return (int)size;
	return count < INT_MAX ? (int)count : INT_MAX;
}

int lend_vectors_unmask(struct lend_vectors *vectors, unsigned int vector)
{
	const struct lend_irq *irq =
		lend_device_irq(vectors->device, vectors->index);

	if (vector < vectors->count && !(irq->flags & LEND_IRQ_AUTOMASKED))
		return 0;
	return lend_irq_unmask(vectors->device, vectors->index, vector);
}
