// SPDX-License-Identifier: MIT
// The descriptors of the scripted virtual machine and of its VFIO device.

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "fake/internal.h"

int fake_vm_open(struct fake_kernel *fake)
{
	if (fake->vm_fd)
		return fake->vm_fd;
	fake->vm_fd = fake_fd_add(fake, memfd_create("kvm-vm", MFD_CLOEXEC),
				  FAKE_VM, &fake->vm);
	if (fake->vm_fd < 0)
		abort();
	return fake->vm_fd;
}

static int fake_vm_create_device(struct fake_kernel *fake,
				 struct kvm_create_device *device)
{
	int fd;

	if (device->type != KVM_DEV_TYPE_VFIO)
		return -ENODEV;
	fd = fake_fd_add(fake, memfd_create("kvm-vfio", MFD_CLOEXEC),
			 FAKE_VM_VFIO, &fake->vm);
	if (fd < 0)
		return fd;
	device->fd = (__u32)fd;
	return 0;
}

int fake_vm_ioctl(struct fake_kernel *fake, unsigned long request,
		  void *argument)
{
	int result;

	if (request == KVM_CREATE_DEVICE)
		return fake_vm_create_device(fake, argument);
	result = fake_kvm_ioctl(&fake->vm, request, argument);
	if (fake->vm.misuse)
		fake_misuse(fake, "%s", fake->vm.misuse);
	return result;
}
