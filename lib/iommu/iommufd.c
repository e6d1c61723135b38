// SPDX-License-Identifier: MIT
// The iommufd back end: devices are bound through device nodes and attached to
// an I/O address space, an object of /dev/iommu.

#include <errno.h>

#include "lib/address/group.h"
#include "lib/base/context.h"
#include "lib/base/uapi.h"
#include "lib/iommu/cdev.h"
#include "lib/iommu/direct.h"
#include "lib/iommu/group.h"
#include "lib/iommu/ioas.h"
#include "lib/iommu/node.h"
#include "lib/iommu/refusal.h"
#include "lib/iommu/token.h"
#include "lib/iommu/users.h"

static int iommufd_open_node(struct lend_ctx *ctx)
{
	char path[SYSFS_PATH];
	int fd;

	if (sysfs_path(path, "%s/iommu", ctx->dev))
		return error_system(ctx, ENAMETOOLONG, NULL,
				    "build the path of a node");
	fd = node_open(ctx, NULL, path);
	if (fd != -ENOENT)
		return fd;
	lend_error_set(ctx, LEND_ERROR_NO_VFIO, ENOENT, NULL,
		       "the kernel has no iommufd: %s does not exist", path);
	lend_error_remedy(ctx, "sudo modprobe iommufd");
	return lend_error_remedy(ctx, "or use the container back end");
}

static int iommufd_open(struct lend_iommu *iommu, int fd)
{
	struct uapi_ioas_alloc alloc = {.size = sizeof(alloc)};
	const struct kernel *k = iommu->ctx->kernel;
	bool is_own = fd < 0;
	int err;

	if (is_own)
		fd = iommu->fd >= 0 ? iommu->fd : iommufd_open_node(iommu->ctx);
	if (fd < 0)
		return fd;
	iommu->fd = fd;
	err = k->ioctl(k, fd, UAPI_IOAS_ALLOC, &alloc);
	if (!is_own && (err == -ENOTTY || err == -EBADF || err == -EINVAL))
		return lend_error_set(iommu->ctx, LEND_ERROR_ARGUMENT, EINVAL,
				      NULL, "descriptor %d is not an iommufd",
				      fd);
	if (err < 0)
		return error_system(iommu->ctx, -err, NULL,
				    "create an I/O address space");
	iommu->ioas = alloc.id;
	return 0;
}

/* The iommufd may be shared with another process and outlive this one. */
static void iommufd_close(struct lend_iommu *iommu)
{
	struct uapi_iommu_destroy destroy = {
		.size = sizeof(destroy),
		.id = iommu->ioas,
	};
	const struct kernel *k = iommu->ctx->kernel;

	if (iommu->ioas &&
	    k->ioctl(k, iommu->fd, UAPI_IOMMU_DESTROY, &destroy) < 0)
		lend_log(iommu->ctx, LEND_LOG_WARNING,
			 "could not destroy I/O address space %u", iommu->ioas);
	iommu->ioas = 0;
	iommu->maps_no_file = false;
}

static int iommufd_explain_refusal(struct lend_ctx *ctx,
				   const struct request *request, int err)
{
	const struct refusal refusal = {
		.err = err,
		.device = request->name,
		.group = request->address ? lend_address_group(request->address)
					  : -1,
		.module = "iommufd",
		.call = "bind it to iommufd",
	};

	return refusal_explain(ctx, &refusal);
}

/* Of a descriptor the group is unknown. */
static int explain_eperm_of_passed(struct lend_ctx *ctx,
				   const struct request *request)
{
	int err = iommufd_explain_refusal(ctx, request, -EPERM);

	if (err != -EPERM)
		return err;
	error_system(ctx, EPERM, request->name, "bind it to iommufd");
	lend_error_evidence(ctx, "the kernel returns this if a device of its "
				 "IOMMU group has a host driver or is in use "
				 "by another process, or if interrupts are not "
				 "isolated");
	return lend_error_remedy(ctx, "lend check DEVICE reports which");
}

/* EPERM: a host driver or another iommufd uses a device of the group, or
 * interrupts are not isolated. */
static int explain_eperm(struct lend_ctx *ctx, const struct request *request)
{
	int group;

	if (!request->address)
		return explain_eperm_of_passed(ctx, request);
	group = lend_address_group(request->address);
	if (group >= 0 && group_is_blocked(ctx, (unsigned int)group))
		return group_explain_not_viable(ctx, (unsigned int)group,
						request->name);
	if (users_of_group(ctx, request))
		return users_explain(ctx, request);
	return iommufd_explain_refusal(ctx, request, -EPERM);
}

static int passed_explain_kind(struct lend_ctx *ctx,
			       const struct request *request)
{
	return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, request->name,
			      "descriptor %d is not a VFIO device node",
			      request->fd);
}

/* Other drivers reject what they do not know with the same errors, before they
 * read the argument. */
static bool passed_is_node(struct lend_ctx *ctx, const struct request *request)
{
	const struct kernel *k = ctx->kernel;

	return k->ioctl(k, request->fd, UAPI_DEVICE_BIND, NULL) == -EFAULT;
}

/* EINVAL: the device is already bound, does not accept a token, its firmware
 * requires a 1:1 mapping, or its DMA is not cache-coherent. */
static int explain_einval(struct lend_ctx *ctx, const struct request *request)
{
	if (request->fd >= 0 && !passed_is_node(ctx, request))
		return passed_explain_kind(ctx, request);
	if (users_of_device(ctx, request))
		return users_explain(ctx, request);
	if (request->address) {
		int group = lend_address_group(request->address);
		int err = group < 0 ? 0
				    : direct_check(ctx, (unsigned int)group,
						   request->name);

		if (err)
			return err;
	}
	if (request->token) {
		token_explain_unwanted(ctx, request->name);
		return lend_error_remedy(
			ctx, "or use the container back end: iommufd accepts a "
			     "token since Linux 6.17");
	}
	error_system(ctx, EINVAL, request->name, "bind it to iommufd");
	return lend_error_evidence(
		ctx, "the kernel returns this if another process uses the "
		     "device, or if its DMA is not cache-coherent");
}

/* The descriptor that failed to bind is already closed, so this process is not
 * listed as a user. */
static int explain_bind(struct lend_ctx *ctx, const struct request *request,
			int err)
{
	switch (err) {
	case -EBUSY:
		return users_explain(ctx, request);
	case -EPERM:
		return explain_eperm(ctx, request);
	case -EINVAL:
		return explain_einval(ctx, request);
	case -EACCES:
		return token_explain(ctx, request);
	case -ENOTTY:
		if (request->fd >= 0)
			return passed_explain_kind(ctx, request);
		break;
	}
	return error_system(ctx, -err, request->name, "bind it to iommufd");
}

static int bind_device(struct lend_iommu *iommu, const struct request *request,
		       int fd, uint32_t *number)
{
	struct uapi_device_bind bind = {
		.argsz = offsetof(struct uapi_device_bind, token),
		.iommufd = iommu->fd,
	};
	const struct kernel *k = iommu->ctx->kernel;
	int err;

	if (request->token) {
		bind.argsz = sizeof(bind);
		bind.flags = UAPI_DEVICE_BIND_TOKEN;
		bind.token = (uintptr_t)request->token;
	}
	iommu_begin_slow(iommu);
	err = k->ioctl(k, fd, UAPI_DEVICE_BIND, &bind);
	iommu_end_slow(iommu);
	*number = bind.devid;
	return err;
}

static int attach_device(struct lend_iommu *iommu, const char *device, int fd)
{
	struct uapi_device_attach attach = {
		.argsz = sizeof(attach),
		.id = iommu->ioas,
	};
	const struct kernel *k = iommu->ctx->kernel;
	int err;

	err = k->ioctl(k, fd, UAPI_DEVICE_ATTACH, &attach);
	if (err == -EINVAL || err == -EADDRINUSE) {
		lend_error_set(iommu->ctx, LEND_ERROR_DMA, -err, device,
			       "it cannot be attached to the address space");
		return lend_error_evidence(
			iommu->ctx,
			"its IOMMU reserves a range that is mapped, or its "
			"group is in another address space");
	}
	if (err < 0)
		return error_system(iommu->ctx, -err, device,
				    "attach it to the I/O address space");
	return 0;
}

/* Another process may have the node open, so closing it here may not detach the
 * device. */
static void iommufd_detach(struct lend_iommu *iommu,
			   struct attachment *attachment)
{
	struct uapi_device_detach detach = {.argsz = sizeof(detach)};
	const struct kernel *k = iommu->ctx->kernel;

	if (k->ioctl(k, attachment->fd, UAPI_DEVICE_DETACH, &detach) < 0)
		lend_log(iommu->ctx, LEND_LOG_WARNING,
			 "could not detach a device from its address space");
	attachment_close(iommu, attachment);
}

/* Opens the device's node and binds it. Returns 0, or -errno with a record. */
static int bring_in(struct lend_iommu *iommu, const struct request *request,
		    struct attachment *attachment)
{
	int fd = request->fd;
	int err;

	if (fd < 0)
		fd = cdev_open(iommu->ctx, request);
	if (fd < 0)
		return fd;
	attachment->fd = fd;
	attachment->kvm_fd = fd;
	kvm_file_add(&attachment->kvm_file, request, fd);
	err = bind_device(iommu, request, fd, &attachment->number);
	if (err >= 0)
		return 0;
	attachment_close(iommu, attachment);
	return explain_bind(iommu->ctx, request, err);
}

static int iommufd_attach(struct lend_iommu *iommu,
			  const struct request *request,
			  struct attachment *attachment)
{
	int err = 0;

	if (request->address)
		err = group_join(iommu, request, &attachment->group);
	if (!err)
		err = bring_in(iommu, request, attachment);
	if (!err)
		err = attach_device(iommu, request->name, attachment->fd);
	if (err)
		attachment_close(iommu, attachment);
	return err;
}

const struct iommu_ops iommufd_ops = {
	.backend = LEND_BACKEND_IOMMUFD,
	.open = iommufd_open,
	.close = iommufd_close,
	.attach = iommufd_attach,
	.detach = iommufd_detach,
	.info = ioas_info,
	.map = ioas_map,
	.unmap = ioas_unmap,
	.unmap_all = ioas_unmap_all,
};
