// SPDX-License-Identifier: MIT
// Opens devices, all or nothing, and closes them by one function.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/vfio.h>

#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/base/vfio-answer.h"
#include "lib/device/device.h"
#include "lib/device/open.h"
#include "lib/device/reach.h"
#include "lib/remote/remote.h"

/* More than any driver has: bounds the queries that a broken one can cause. */
#define INDICES_MAX 256

int device_bad_answer(struct lend_device *device, const char *what,
		      unsigned int index)
{
	const char *name = lend_device_name(device);

	return lend_error_set(device->ctx, LEND_ERROR_DEVICE, EBADMSG, name,
			      "invalid answer from the %s: %s %u",
			      reach_name(device), what, index);
}

static int read_info(struct lend_device *device)
{
	struct vfio_device_info head = {0};
	uint32_t base = sizeof(head);
	struct info answer;
	int err;

	err = reach_info(device, VFIO_DEVICE_GET_INFO, &head, base, &answer);
	if (!err) {
		memcpy(&head, answer.bytes, base);
		info_free(&answer);
	}
	if (err == -ENOMEM)
		return error_no_memory(device->ctx, lend_device_name(device));
	if (err && err != -EBADMSG)
		return error_system(device->ctx, -err, lend_device_name(device),
				    "query device information");
	if (err || head.num_regions > INDICES_MAX)
		return device_bad_answer(device, "number of regions",
					 head.num_regions);
	if (head.num_irqs > INDICES_MAX)
		return device_bad_answer(device, "number of interrupts",
					 head.num_irqs);
	device->flags = head.flags;
	device->region_count = head.num_regions;
	device->irq_count = head.num_irqs;
	return 0;
}

static void device_unlink(struct lend_device *device)
{
	struct lend_device **link = &device->ctx->devices;

	while (*link && *link != device)
		link = &(*link)->next;
	if (*link)
		*link = device->next;
}

/* The only destructor, for a device that was opened in part too. Called with
 * open_lock held; released while the kernel closes the device, which stays
 * linked until then. */
static void device_free(struct lend_device *device)
{
	device_disable_irqs(device);
	device_unmap_regions(device);
	if (device->attached)
		iommu_detach(device->iommu, &device->attachment);
	device_unlink(device);
	for (unsigned int i = 0; device->regions && i < device->region_count;
	     i++) {
		free((void *)(uintptr_t)device->regions[i].public.areas);
		free(device->regions[i].whole);
	}
	free(device->regions);
	free(device->irqs);
	free(device->image);
	pthread_mutex_destroy(&device->lock);
	lend_address_unref(device->address);
	lend_iommu_unref(device->iommu);
	free(device);
}

static int check_attached(struct lend_ctx *ctx, const struct request *request)
{
	for (struct lend_device *other = ctx->devices; other;
	     other = other->next)
		if (request->address && other->address &&
		    lend_address_equal(other->address, request->address)) {
			lend_error_set(ctx, LEND_ERROR_ATTACHED, EBUSY,
				       request->name, "it is already attached");
			return lend_error_remedy(ctx, "name each device once");
		}
	return 0;
}

static struct lend_device *device_new(struct lend_iommu *iommu,
				      const struct request *request)
{
	struct lend_device *device = calloc(1, sizeof(*device));

	if (!device)
		return NULL;
	device->refs = 1;
	device->ctx = iommu->ctx;
	device->iommu = lend_iommu_ref(iommu);
	if (request->address)
		device->address = lend_address_ref(request->address);
	snprintf(device->name, sizeof(device->name), "%s", request->name);
	pthread_mutex_init(&device->lock, NULL);
	return device;
}

static int open_locked(struct lend_iommu *iommu, const struct request *request,
		       struct lend_device **result)
{
	struct lend_ctx *ctx = iommu->ctx;
	struct lend_device *device;
	int err;

	err = check_attached(ctx, request);
	if (err)
		return err;
	device = device_new(iommu, request);
	if (!device)
		return error_no_memory(ctx, request->name);
	/* From here on it cannot be opened twice. */
	device->next = ctx->devices;
	ctx->devices = device;
	err = iommu_attach(iommu, request, &device->attachment);
	device->attached = !err;
	if (err)
		device_free(device);
	else
		*result = device;
	return err;
}

/* Queries that need no lock: other devices can be opened meanwhile. */
static int device_describe(struct lend_device *device)
{
	int err = read_info(device);

	if (!err)
		err = device_read_regions(device);
	if (!err)
		err = device_read_irqs(device);
	if (!err)
		err = device_cut_msix(device);
	return err;
}

/* A server that is lost in the middle is the reason for whatever failed. */
static void device_explain(struct lend_device *device, int err)
{
	if (device->attachment.remote)
		remote_explain(device->attachment.remote, err);
}

int device_open_request(struct lend_iommu *iommu, struct request *request,
			const struct lend_device_options *options,
			struct lend_device **result)
{
	struct lend_ctx *ctx = iommu->ctx;
	struct lend_device_options known = {0};
	struct lend_device *device = NULL;
	int err = sized_copy(ctx, request->name, &sized_device_options, &known,
			     options);

	if (err)
		return err;
	request->token = known.vf_token;
	request->kvm_file = known.kvm_file;
	request->opaque = known.opaque;
	pthread_mutex_lock(&ctx->open_lock);
	err = open_locked(iommu, request, &device);
	pthread_mutex_unlock(&ctx->open_lock);
	if (err)
		return err;
	err = device_describe(device);
	if (err) {
		device_explain(device, err);
		pthread_mutex_lock(&ctx->open_lock);
		device_free(device);
		pthread_mutex_unlock(&ctx->open_lock);
		return err;
	}
	device->attachment.keeps_fd = false;
	if (device->attachment.remote)
		remote_settle(device->attachment.remote);
	*result = device;
	return 0;
}

int lend_device_open(struct lend_iommu *iommu, struct lend_address *address,
		     const struct lend_device_options *options,
		     struct lend_device **device)
{
	struct request request = {
		.name = lend_address_name(address),
		.address = address,
		.fd = -1,
	};

	return device_open_request(iommu, &request, options, device);
}

int device_open_passed(struct lend_iommu *iommu, struct request *request,
		       const char *kind, const char *name,
		       const struct lend_device_options *options,
		       struct lend_device **device)
{
	char number[32];

	snprintf(number, sizeof(number), "%s %d", kind, request->fd);
	request->name = name ? name : number;
	if (request->fd < 0)
		return lend_error_set(
			iommu->ctx, LEND_ERROR_ARGUMENT, EINVAL, request->name,
			"%d is not a file descriptor", request->fd);
	return device_open_request(iommu, request, options, device);
}

int lend_device_open_fd(struct lend_iommu *iommu, int fd, const char *name,
			const struct lend_device_options *options,
			struct lend_device **device)
{
	struct request request = {.fd = fd};

	return device_open_passed(iommu, &request, "fd", name, options, device);
}

struct lend_device *lend_device_ref(struct lend_device *device)
{
	atomic_fetch_add_explicit(&device->refs, 1, memory_order_relaxed);
	return device;
}

struct lend_device *lend_device_unref(struct lend_device *device)
{
	struct lend_ctx *ctx;

	if (!device || atomic_fetch_sub_explicit(&device->refs, 1,
						 memory_order_acq_rel) != 1)
		return NULL;
	ctx = lend_ctx_ref(device->ctx);
	pthread_mutex_lock(&ctx->open_lock);
	device_free(device);
	pthread_mutex_unlock(&ctx->open_lock);
	lend_ctx_unref(ctx);
	return NULL;
}

const char *lend_device_name(const struct lend_device *device)
{
	return device->name;
}

struct lend_ctx *lend_device_ctx(const struct lend_device *device)
{
	return device->ctx;
}

struct lend_iommu *lend_device_iommu(const struct lend_device *device)
{
	return device->iommu;
}

int lend_device_kvm_fd(const struct lend_device *device)
{
	return device->attachment.kvm_fd;
}

int lend_device_fd(const struct lend_device *device)
{
	return device->attachment.fd;
}

uint32_t lend_device_iommufd_id(const struct lend_device *device)
{
	return device->attachment.number;
}
