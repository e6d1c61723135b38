// SPDX-License-Identifier: MIT
// KVM's virtual machine for lent devices: creation, and eventfds of interrupts.

#include <stdlib.h>

#include "lib/base/context.h"
#include "lib/base/sized.h"
#include "lib/kvm/kvm.h"

int kvm_vm_ioctl(const struct lend_kvm *kvm, unsigned long request,
		 void *argument)
{
	const struct kernel *k = kvm->ctx->kernel;

	return k->ioctl(k, kvm->vm_fd, request, argument);
}

static int kvm_fill(struct lend_kvm *kvm,
		    const struct lend_kvm_options *options)
{
	struct lend_kvm_options known = {0};
	int err =
		sized_copy(kvm->ctx, NULL, &sized_kvm_options, &known, options);

	if (err)
		return err;
	kvm->slot = known.slot;
	kvm->gsi = known.gsi;
	kvm->opaque = known.opaque;
	return kvm_routes_init(kvm, known.routes, known.route_count);
}

int lend_kvm_new(struct lend_ctx *ctx, int vm_fd,
		 const struct lend_kvm_options *options, struct lend_kvm **kvm)
{
	struct lend_kvm *new = calloc(1, sizeof(*new));
	int err;

	if (!new)
		return error_no_memory(ctx, NULL);
	new->ctx = lend_ctx_ref(ctx);
	new->vm_fd = vm_fd;
	new->vfio_fd = -1;
	kvm_space_init(&new->space);
	pthread_mutex_init(&new->routes.lock, NULL);
	err = kvm_fill(new, options);
	if (err) {
		lend_kvm_free(new);
		return err;
	}
	*kvm = new;
	return 0;
}

void lend_kvm_free(struct lend_kvm *kvm)
{
	const struct kernel *k;

	if (!kvm)
		return;
	k = kvm->ctx->kernel;
	if (kvm->vfio_fd >= 0)
		k->close(k, kvm->vfio_fd);
	kvm_routes_destroy(&kvm->routes);
	kvm_space_destroy(&kvm->space);
	lend_ctx_unref(kvm->ctx);
	free(kvm);
}

int lend_kvm_irqfd_add(struct lend_kvm *kvm, unsigned int gsi, int fd,
		       int resample)
{
	struct kvm_irqfd request = {.fd = (__u32)fd, .gsi = gsi};
	int err;

	if (resample >= 0) {
		request.flags = KVM_IRQFD_FLAG_RESAMPLE;
		request.resamplefd = (__u32)resample;
	}
	err = kvm_vm_ioctl(kvm, KVM_IRQFD, &request);
	return err < 0 ? err : 0;
}

void lend_kvm_irqfd_remove(struct lend_kvm *kvm, unsigned int gsi, int fd)
{
	struct kvm_irqfd request = {
		.fd = (__u32)fd,
		.gsi = gsi,
		.flags = KVM_IRQFD_FLAG_DEASSIGN,
	};

	kvm_vm_ioctl(kvm, KVM_IRQFD, &request);
}
