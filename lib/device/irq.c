// SPDX-License-Identifier: MIT
// Interrupts of a device: VFIO_DEVICE_SET_IRQS.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/vfio.h>

#include "lib/base/context.h"
#include "lib/device/device.h"
#include "lib/device/irq.h"
#include "lib/device/reach.h"

_Static_assert(LEND_IRQ_EVENTFD == VFIO_IRQ_INFO_EVENTFD &&
		       LEND_IRQ_MASKABLE == VFIO_IRQ_INFO_MASKABLE &&
		       LEND_IRQ_AUTOMASKED == VFIO_IRQ_INFO_AUTOMASKED &&
		       LEND_IRQ_NORESIZE == VFIO_IRQ_INFO_NORESIZE,
	       "flags are the kernel's");

#define FLAGS                                                                  \
	(LEND_IRQ_EVENTFD | LEND_IRQ_MASKABLE | LEND_IRQ_AUTOMASKED |          \
	 LEND_IRQ_NORESIZE)

/* Far above the 2048 of MSI-X: bounds the memory that a broken driver can cost.
 */
#define COUNT_MAX 65536

/* Up to so many vectors the request fits on the stack; most calls have fewer.
 */
#define COUNT_SMALL 32

int device_read_irqs(struct lend_device *device)
{
	int err;

	device->irqs = calloc(device->irq_count + 1, sizeof(*device->irqs));
	if (!device->irqs)
		return error_no_memory(device->ctx, lend_device_name(device));
	for (unsigned int i = 0; i < device->irq_count; i++) {
		struct vfio_irq_info info = {.argsz = sizeof(info), .index = i};

		err = reach_ioctl(device, VFIO_DEVICE_GET_IRQ_INFO, &info);
		if (err == -EINVAL) /* as an index that is for others */
			continue;
		if (err < 0)
			return error_system(device->ctx, -err,
					    lend_device_name(device),
					    "query interrupt index %u", i);
		if (info.count > COUNT_MAX)
			return device_bad_answer(device, "interrupt index", i);
		device->irqs[i].public.count = info.count;
		device->irqs[i].public.flags = info.flags & FLAGS;
	}
	return 0;
}

const struct lend_irq *lend_device_irq(const struct lend_device *device,
				       unsigned int index)
{
	static const struct lend_irq none;

	if (index >= device->irq_count)
		return &none;
	return &device->irqs[index].public;
}

unsigned int lend_device_irq_count(const struct lend_device *device)
{
	return device->irq_count;
}

static bool irq_exists(const struct lend_device *device, unsigned int index,
		       unsigned int start, unsigned int count)
{
	const struct lend_irq *irq = lend_device_irq(device, index);

	return start <= irq->count && count && count <= irq->count - start;
}

static int irq_set_ioctl(struct lend_device *device, struct vfio_irq_set *set)
{
	atomic_store_explicit(&device->is_image_old, true,
			      memory_order_relaxed);
	return reach_ioctl(device, VFIO_DEVICE_SET_IRQS, set);
}

/* An action with an eventfd for each vector. */
static int set_fds(struct lend_device *device, uint32_t action,
		   unsigned int index, unsigned int start, unsigned int count,
		   const int *fds)
{
	size_t size = sizeof(struct vfio_irq_set) + count * sizeof(*fds);
	union {
		struct vfio_irq_set set;
		char room[sizeof(struct vfio_irq_set) +
			  COUNT_SMALL * sizeof(int)];
	} small;
	struct vfio_irq_set *set = &small.set;
	int result;

	if (count > COUNT_SMALL)
		set = malloc(size);
	if (!set)
		return -ENOMEM;
	set->argsz = (uint32_t)size;
	set->flags = VFIO_IRQ_SET_DATA_EVENTFD | action;
	set->index = index;
	set->start = start;
	set->count = count;
	memcpy(set->data, fds, count * sizeof(*fds));
	result = irq_set_ioctl(device, set);
	if (set != &small.set)
		free(set);
	return result;
}

/* An action without data. */
static int set_none(struct lend_device *device, uint32_t action,
		    unsigned int index, unsigned int start, unsigned int count)
{
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_NONE | action,
		.index = index,
		.start = start,
		.count = count,
	};

	return irq_set_ioctl(device, &set);
}

int device_irq_set(struct lend_device *device, unsigned int index,
		   unsigned int start, unsigned int count, const int *fds)
{
	int result;

	if (!irq_exists(device, index, start, count))
		return -EINVAL;
	pthread_mutex_lock(&device->lock);
	result = set_fds(device, VFIO_IRQ_SET_ACTION_TRIGGER, index, start,
			 count, fds);
	if (!result)
		device->irqs[index].on = true;
	pthread_mutex_unlock(&device->lock);
	return result;
}

int device_irq_unmask_fd(struct lend_device *device, unsigned int index,
			 unsigned int start, int fd)
{
	if (!irq_exists(device, index, start, 1))
		return -EINVAL;
	return set_fds(device, VFIO_IRQ_SET_ACTION_UNMASK, index, start, 1,
		       &fd);
}

static int disable_locked(struct lend_device *device, unsigned int index)
{
	int result = set_none(device, VFIO_IRQ_SET_ACTION_TRIGGER, index, 0, 0);

	if (result >= 0)
		device->irqs[index].on = false;
	return result;
}

int device_irq_disable(struct lend_device *device, unsigned int index)
{
	int result;

	if (!irq_exists(device, index, 0, 1))
		return -EINVAL;
	pthread_mutex_lock(&device->lock);
	result = disable_locked(device, index);
	pthread_mutex_unlock(&device->lock);
	return result;
}

/* Records why a call on vectors that the caller chose failed. */
static int irq_explain(struct lend_device *device, unsigned int index,
		       unsigned int start, unsigned int count, int result)
{
	const char *name = lend_device_name(device);
	unsigned int last = start + (count ? count - 1 : 0);

	if (result >= 0)
		return result;
	if (result == -ENOMEM)
		return error_no_memory(device->ctx, name);
	if (irq_exists(device, index, start, count))
		return lend_error_set(device->ctx, LEND_ERROR_DEVICE, -result,
				      name,
				      "cannot set vectors %u to %u of "
				      "interrupt index %u: %s",
				      start, last, index, strerror(-result));
	if (!count)
		return lend_error_set(device->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      name,
				      "interrupt index %u: at least one vector "
				      "is required",
				      index);
	return lend_error_set(device->ctx, LEND_ERROR_ARGUMENT, EINVAL, name,
			      "interrupt index %u has %u vectors; vectors %u "
			      "to %u do not exist",
			      index, lend_device_irq(device, index)->count,
			      start, last);
}

int lend_irq_set(struct lend_device *device, unsigned int index,
		 unsigned int start, unsigned int count, const int *fds)
{
	return irq_explain(device, index, start, count,
			   device_irq_set(device, index, start, count, fds));
}

int lend_irq_unmask_fd(struct lend_device *device, unsigned int index,
		       unsigned int start, int fd)
{
	return irq_explain(device, index, start, 1,
			   device_irq_unmask_fd(device, index, start, fd));
}

static int set_one(struct lend_device *device, uint32_t action,
		   unsigned int index, unsigned int start)
{
	int result = irq_exists(device, index, start, 1)
			     ? set_none(device, action, index, start, 1)
			     : -EINVAL;

	return irq_explain(device, index, start, 1, result);
}

int lend_irq_mask(struct lend_device *device, unsigned int index,
		  unsigned int start)
{
	return set_one(device, VFIO_IRQ_SET_ACTION_MASK, index, start);
}

int lend_irq_unmask(struct lend_device *device, unsigned int index,
		    unsigned int start)
{
	return set_one(device, VFIO_IRQ_SET_ACTION_UNMASK, index, start);
}

int lend_irq_trigger(struct lend_device *device, unsigned int index,
		     unsigned int start)
{
	return set_one(device, VFIO_IRQ_SET_ACTION_TRIGGER, index, start);
}

int lend_irq_disable(struct lend_device *device, unsigned int index)
{
	return irq_explain(device, index, 0, 1,
			   device_irq_disable(device, index));
}

/* Nothing can be done about a failure. */
static void disable_or_warn(struct lend_device *device, unsigned int index)
{
	if (device->irqs[index].on && disable_locked(device, index) < 0)
		lend_log(device->ctx, LEND_LOG_WARNING,
			 "%s: could not disable interrupt index %u",
			 lend_device_name(device), index);
}

void device_disable_irq(struct lend_device *device, unsigned int index)
{
	pthread_mutex_lock(&device->lock);
	disable_or_warn(device, index);
	pthread_mutex_unlock(&device->lock);
}

void device_disable_irqs(struct lend_device *device)
{
	for (unsigned int i = 0; device->irqs && i < device->irq_count; i++)
		disable_or_warn(device, i);
}
