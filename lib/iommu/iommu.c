// SPDX-License-Identifier: MIT
// I/O address spaces: creates them, chooses their back end, and attaches and
// detaches devices.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/iommu/group.h"
#include "lib/iommu/iommu.h"

static const struct iommu_ops *const backends[] = {
	[LEND_BACKEND_CONTAINER] = &type1_ops,
	[LEND_BACKEND_IOMMUFD] = &iommufd_ops,
	[LEND_BACKEND_NOIOMMU] = &noiommu_ops,
	[LEND_BACKEND_USER] = &user_ops,
};

static const char *const names[] = {
	[LEND_BACKEND_AUTO] = "auto",
	[LEND_BACKEND_CONTAINER] = "container",
	[LEND_BACKEND_IOMMUFD] = "iommufd",
	[LEND_BACKEND_NOIOMMU] = "noiommu",
	[LEND_BACKEND_USER] = "vfio-user",
};

static void info_clear(struct iommu_info *info)
{
	free(info->ranges);
	*info = (struct iommu_info){0};
}

static void close_backend(struct lend_iommu *iommu)
{
	const struct kernel *k = iommu->ctx->kernel;

	if (iommu->ops)
		iommu->ops->close(iommu);
	atomic_store_explicit(&iommu->ops, NULL, memory_order_release);
	if (iommu->fd >= 0)
		k->close(k, iommu->fd);
	iommu->fd = -1;
}

/* A descriptor that was passed in stays the caller's after a failure. */
static int open_backend(struct lend_iommu *iommu, const struct iommu_ops *ops,
			int fd)
{
	int err;

	atomic_store_explicit(&iommu->ops, ops, memory_order_release);
	err = ops->open(iommu, fd);
	if (!err)
		return 0;
	if (fd >= 0)
		iommu->fd = -1;
	close_backend(iommu);
	return err;
}

static void iommu_free(struct lend_iommu *iommu)
{
	close_backend(iommu);
	ledger_free(&iommu->ledger);
	info_clear(&iommu->info);
	pthread_mutex_destroy(&iommu->lock);
	lend_ctx_unref(iommu->ctx);
	free(iommu);
}

static int check_options(struct lend_ctx *ctx,
			 const struct lend_iommu_options *options)
{
	const char *why = NULL;

	if ((unsigned int)options->backend > LEND_BACKEND_USER)
		why = "unknown back end";
	else if (options->iommufd >= 0 &&
		 options->backend != LEND_BACKEND_AUTO &&
		 options->backend != LEND_BACKEND_IOMMUFD)
		why = "an iommufd requires the iommufd back end";
	if (!why)
		return 0;
	return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			      "cannot create an address space: %s", why);
}

static int open_named(struct lend_iommu *iommu,
		      const struct lend_iommu_options *options)
{
	enum lend_backend backend = options->backend;
	const char *why = "requested";

	if (options->iommufd >= 0) {
		backend = LEND_BACKEND_IOMMUFD;
		why = "an iommufd was passed in";
	}
	if (backend == LEND_BACKEND_AUTO)
		why = "to be chosen when the first device is opened";
	snprintf(iommu->reason, sizeof(iommu->reason), "%s", why);
	if (backend == LEND_BACKEND_AUTO)
		return 0;
	return open_backend(iommu, backends[backend], options->iommufd);
}

int lend_iommu_new(struct lend_ctx *ctx,
		   const struct lend_iommu_options *options,
		   struct lend_iommu **result)
{
	struct lend_iommu_options known = LEND_IOMMU_OPTIONS_INIT;
	struct lend_iommu *iommu;
	int err;

	err = sized_copy(ctx, NULL, &sized_iommu_options, &known, options);
	if (!err)
		err = check_options(ctx, &known);
	if (err)
		return err;
	iommu = calloc(1, sizeof(*iommu));
	if (!iommu)
		return error_no_memory(ctx, NULL);
	iommu->refs = 1;
	iommu->ctx = lend_ctx_ref(ctx);
	iommu->fd = -1;
	pthread_mutex_init(&iommu->lock, NULL);
	pthread_mutex_lock(&ctx->open_lock);
	err = open_named(iommu, &known);
	pthread_mutex_unlock(&ctx->open_lock);
	if (err) {
		iommu_free(iommu);
		return err;
	}
	*result = iommu;
	return 0;
}

struct lend_iommu *lend_iommu_ref(struct lend_iommu *iommu)
{
	atomic_fetch_add_explicit(&iommu->refs, 1, memory_order_relaxed);
	return iommu;
}

struct lend_iommu *lend_iommu_unref(struct lend_iommu *iommu)
{
	if (iommu && atomic_fetch_sub_explicit(&iommu->refs, 1,
					       memory_order_acq_rel) == 1)
		iommu_free(iommu);
	return NULL;
}

enum lend_backend lend_iommu_backend(const struct lend_iommu *iommu)
{
	const struct iommu_ops *ops;

	ops = atomic_load_explicit(&iommu->ops, memory_order_acquire);
	return ops ? ops->backend : LEND_BACKEND_AUTO;
}

const char *lend_iommu_backend_name(const struct lend_iommu *iommu)
{
	return names[lend_iommu_backend(iommu)];
}

int lend_iommu_fd(const struct lend_iommu *iommu)
{
	int fd = atomic_load_explicit(&iommu->fd, memory_order_acquire);

	return fd >= 0 ? fd : -ENOTCONN;
}

uint32_t lend_iommu_ioas(const struct lend_iommu *iommu)
{
	return atomic_load_explicit(&iommu->ioas, memory_order_acquire);
}

const char *lend_iommu_reason(const struct lend_iommu *iommu)
{
	return iommu->reason;
}

static void unmap_all(struct lend_iommu *iommu)
{
	struct ledger *ledger = &iommu->ledger;
	uint64_t size = 0;
	int err;

	if (!ledger->count)
		return;
	err = iommu->ops->unmap_all(iommu, &size);
	if (err < 0)
		lend_log(iommu->ctx, LEND_LOG_WARNING,
			 "cannot unmap 0x%llx mapped bytes: %s",
			 (unsigned long long)ledger->bytes, strerror(-err));
	else if (size != ledger->bytes)
		lend_log(iommu->ctx, LEND_LOG_WARNING,
			 "the kernel unmapped 0x%llx of 0x%llx mapped bytes",
			 (unsigned long long)size,
			 (unsigned long long)ledger->bytes);
	ledger_clear(ledger);
}

void iommu_detach(struct lend_iommu *iommu, struct attachment *attachment)
{
	pthread_mutex_lock(&iommu->lock);
	if (!--iommu->devices) {
		unmap_all(iommu);
		info_clear(&iommu->info);
	}
	pthread_mutex_unlock(&iommu->lock);
	iommu->ops->detach(iommu, attachment);
}

static int iommu_decide(struct lend_iommu *iommu, const struct request *request)
{
	const struct iommu_ops *ops = request->is_socket
					      ? user_choose(iommu)
					      : iommu_choose(iommu, request);

	lend_log(iommu->ctx, LEND_LOG_INFO, "%s: IOMMU back end %s: %s",
		 request->name, names[ops->backend], iommu->reason);
	return open_backend(iommu, ops, -1);
}

static int iommu_ask(struct lend_iommu *iommu, const char *device)
{
	struct iommu_info info = {0};
	int err = iommu->ops->info(iommu, device, &info);

	if (err) {
		info_clear(&info);
		return err;
	}
	info.count = iommu->ledger.count;
	info_clear(&iommu->info);
	iommu->info = info;
	iommu->info_is_old = false;
	return 0;
}

int iommu_refresh(struct lend_iommu *iommu)
{
	return iommu->info_is_old ? iommu_ask(iommu, NULL) : 0;
}

/* An unusable IOMMU is an error at the first device. Further devices only mark
 * the information as stale; it is read again when it is needed. */
static int iommu_attach_device(struct lend_iommu *iommu,
			       const struct request *request,
			       struct attachment *attachment)
{
	int err;

	err = iommu->ops->attach(iommu, request, attachment);
	if (err)
		return err;
	pthread_mutex_lock(&iommu->lock);
	iommu->info_is_old = true;
	if (!iommu->devices++)
		err = iommu_ask(iommu, request->name);
	pthread_mutex_unlock(&iommu->lock);
	if (err)
		iommu_detach(iommu, attachment);
	else
		iommu->is_settled = true;
	return err;
}

static void attachment_clear(struct attachment *attachment, int passed)
{
	attachment->fd = -1;
	attachment->remote = NULL;
	attachment->kvm_fd = -1;
	attachment->group = NULL;
	attachment->number = 0;
	attachment->kvm_file.report = NULL;
	attachment->keeps_fd = passed >= 0;
}

void kvm_file_add(struct kvm_file *file, const struct request *request, int fd)
{
	if (file->report || !request->kvm_file)
		return;
	*file = (struct kvm_file){request->kvm_file, request->opaque, fd};
	file->report(file->opaque, fd, true);
}

void kvm_file_drop(struct kvm_file *file)
{
	if (file->report)
		file->report(file->opaque, file->fd, false);
	file->report = NULL;
}

void iommu_begin_slow(struct lend_iommu *iommu)
{
	if (iommu->is_settled)
		pthread_mutex_unlock(&iommu->ctx->open_lock);
}

void iommu_end_slow(struct lend_iommu *iommu)
{
	if (iommu->is_settled)
		pthread_mutex_lock(&iommu->ctx->open_lock);
}

void attachment_close(struct lend_iommu *iommu, struct attachment *attachment)
{
	const struct kernel *k = iommu->ctx->kernel;

	kvm_file_drop(&attachment->kvm_file);
	if (attachment->fd >= 0 && !attachment->keeps_fd) {
		iommu_begin_slow(iommu);
		k->close(k, attachment->fd);
		iommu_end_slow(iommu);
	}
	if (attachment->group)
		group_put(iommu->ctx, attachment->group);
	attachment_clear(attachment, -1);
}

/* The container may accept a device that iommufd refuses, such as one whose DMA
 * is not coherent, or one with unsafe interrupts, if vfio_iommu_type1 allows
 * those. If it does not, the first refusal is reported. */
static int attach_instead(struct lend_iommu *iommu,
			  const struct request *request,
			  struct attachment *attachment, int refusal)
{
	struct error_record saved;
	int err;

	error_save(iommu->ctx, &saved);
	snprintf(iommu->reason, sizeof(iommu->reason),
		 "iommufd refused the device: %s", strerror(-refusal));
	lend_log(iommu->ctx, LEND_LOG_INFO, "%s: %s; trying the container",
		 request->name, iommu->reason);
	err = open_backend(iommu, &type1_ops, -1);
	if (!err)
		err = iommu_attach_device(iommu, request, attachment);
	if (!err)
		return 0;
	close_backend(iommu);
	error_reinstate(iommu->ctx, &saved);
	return refusal;
}

/* Attaches by the back end that is chosen for the device, with the nodes that
 * the choice opened. */
static int attach_chosen(struct lend_iommu *iommu,
			 const struct request *request,
			 struct attachment *attachment)
{
	const struct kernel *k = iommu->ctx->kernel;
	struct request found = *request;
	struct node node = {.fd = -1};
	int err;

	found.node = &node;
	err = iommu_decide(iommu, &found);
	if (!err)
		err = iommu_attach_device(iommu, &found, attachment);
	if (node.fd >= 0)
		k->close(k, node.fd);
	return err;
}

/* A failure leaves the choice open: another device, or this one once it is
 * bound, may need another back end. */
static int attach_first(struct lend_iommu *iommu, const struct request *request,
			struct attachment *attachment)
{
	struct error_record saved;
	bool was_iommufd;
	int err;

	error_save(iommu->ctx, &saved);
	err = attach_chosen(iommu, request, attachment);
	if (!err || !iommu->ops)
		return err;
	was_iommufd = iommu->ops == &iommufd_ops;
	close_backend(iommu);
	if (!was_iommufd || !request->address ||
	    (err != -EINVAL && err != -ENOTSUP && err != -EPERM))
		return err;
	err = attach_instead(iommu, request, attachment, err);
	if (!err)
		error_reinstate(iommu->ctx, &saved);
	return err;
}

int iommu_attach(struct lend_iommu *iommu, const struct request *request,
		 struct attachment *attachment)
{
	attachment_clear(attachment, request->fd);
	if (!iommu->ops)
		return attach_first(iommu, request, attachment);
	return iommu_attach_device(iommu, request, attachment);
}
