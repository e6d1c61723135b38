// SPDX-License-Identifier: MIT
// KVM's VFIO device, which registers the VFIO files of lent devices with KVM.

#include <errno.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/kvm/kvm.h"

/* Linux 6.4 renamed "group" to "file" and kept the numbers. */
static int kvm_vfio_set(const struct lend_kvm *kvm, unsigned int attribute,
			int fd)
{
	const struct kernel *k = kvm->ctx->kernel;
	int32_t value = fd;
	struct kvm_device_attr attr = {
		.group = KVM_DEV_VFIO_GROUP,
		.attr = attribute,
		.addr = (uintptr_t)&value,
	};

	return k->ioctl(k, kvm->vfio_fd, KVM_SET_DEVICE_ATTR, &attr);
}

static void kvm_vfio_warn(const struct lend_kvm *kvm, const char *call, int err)
{
	lend_log(kvm->ctx, LEND_LOG_WARNING,
		 "could not register a VFIO device with KVM: %s: %s", call,
		 strerror(-err));
}

static void kvm_vfio_add(struct lend_kvm *kvm, int fd)
{
	struct kvm_create_device device = {.type = KVM_DEV_TYPE_VFIO};
	int err;

	if (!kvm->files++) {
		err = kvm_vm_ioctl(kvm, KVM_CREATE_DEVICE, &device);
		kvm->vfio_fd = err < 0 ? -1 : (int)device.fd;
		if (err < 0)
			kvm_vfio_warn(kvm, "KVM_CREATE_DEVICE", err);
	}
	if (kvm->vfio_fd < 0)
		return;
	err = kvm_vfio_set(kvm, KVM_DEV_VFIO_GROUP_ADD, fd);
	if (err < 0)
		kvm_vfio_warn(kvm, "KVM_DEV_VFIO_FILE_ADD", err);
}

static void kvm_vfio_remove(struct lend_kvm *kvm, int fd)
{
	const struct kernel *k = kvm->ctx->kernel;

	if (!kvm->files)
		return;
	if (kvm->vfio_fd >= 0)
		kvm_vfio_set(kvm, KVM_DEV_VFIO_GROUP_DEL, fd);
	if (--kvm->files)
		return;
	if (kvm->vfio_fd >= 0)
		k->close(k, kvm->vfio_fd);
	kvm->vfio_fd = -1;
}

void lend_kvm_file(void *opaque, int fd, bool add)
{
	if (add)
		kvm_vfio_add(opaque, fd);
	else
		kvm_vfio_remove(opaque, fd);
}
