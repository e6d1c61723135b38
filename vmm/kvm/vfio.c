// SPDX-License-Identifier: MIT
// KVM's VFIO pseudo-device, which registers the machine's VFIO files with KVM.
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include <lend/context.h>

#include "vmm/kvm/vfio.h"

static int kvm_vfio_create(int vm_fd)
{
	struct kvm_create_device device = {.type = KVM_DEV_TYPE_VFIO};

	if (ioctl(vm_fd, KVM_CREATE_DEVICE, &device) < 0)
		return -errno;
	return (int)device.fd;
}

/* Linux 6.4 renamed "group" to "file" and kept the numbers. */
static int set_file(const struct kvm_vfio *vfio, unsigned int attribute,
		    int file)
{
	int32_t value = file;
	struct kvm_device_attr attr = {
		.group = KVM_DEV_VFIO_GROUP,
		.attr = attribute,
		.addr = (uintptr_t)&value,
	};

	if (ioctl(vfio->fd, KVM_SET_DEVICE_ATTR, &attr) < 0)
		return -errno;
	return 0;
}

static void kvm_vfio_warn(struct lend_ctx *ctx, const char *call, int err)
{
	lend_log(ctx, LEND_LOG_WARNING,
		 "could not register a VFIO device with KVM: %s: %s", call,
		 strerror(-err));
}

static void add_file(struct kvm_vfio *vfio, int file)
{
	int err;

	if (!vfio->users++) {
		vfio->fd = kvm_vfio_create(vfio->vm_fd);
		if (vfio->fd < 0)
			kvm_vfio_warn(vfio->ctx, "KVM_CREATE_DEVICE", vfio->fd);
	}
	if (vfio->fd < 0)
		return;
	err = set_file(vfio, KVM_DEV_VFIO_GROUP_ADD, file);
	if (err)
		kvm_vfio_warn(vfio->ctx, "KVM_DEV_VFIO_FILE_ADD", err);
}

static void remove_file(struct kvm_vfio *vfio, int file)
{
	if (vfio->fd >= 0)
		set_file(vfio, KVM_DEV_VFIO_GROUP_DEL, file);
	if (--vfio->users)
		return;
	if (vfio->fd >= 0)
		close(vfio->fd);
	vfio->fd = -1;
}

void kvm_vfio_file(void *opaque, int file, bool add)
{
	if (add)
		add_file(opaque, file);
	else
		remove_file(opaque, file);
}
