// SPDX-License-Identifier: MIT
// The KVM virtual machine: opens /dev/kvm and checks its capabilities.
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <linux/kvm.h>

#include <lend/error.h>

#include "vmm/arch.h"
#include "vmm/kvm/vm.h"

#define KVM_NODE       "/dev/kvm"
#define VM_SLOTS_LEAST 509

static int open_error(struct lend_ctx *ctx, int err)
{
	lend_error_set(ctx, LEND_ERROR_NO_KVM, err, NULL, "open %s: %s",
		       KVM_NODE, strerror(err));
	switch (err) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		lend_error_evidence(ctx, "the KVM module is not loaded, or "
					 "virtualisation is off in firmware");
		return lend_error_remedy(ctx, "%s", arch_kvm_remedy);
	case EACCES:
	case EPERM:
		lend_error_evidence(ctx,
				    "the current user is uid %u; the node's "
				    "group is usually kvm",
				    (unsigned int)geteuid());
		return lend_error_remedy(ctx, "run as root, or join the group "
					      "that owns " KVM_NODE);
	default:
		return lend_error_remedy(ctx, "check the node %s: ls -l %s",
					 KVM_NODE, KVM_NODE);
	}
}

int vm_error(struct lend_ctx *ctx, const char *call)
{
	int err = errno;

	return lend_error_set(ctx, LEND_ERROR_NO_KVM, err, NULL, "%s: %s", call,
			      strerror(err));
}

static int vm_open_kvm(struct vm *vm)
{
	vm->kvm_fd = open(KVM_NODE, O_RDWR | O_CLOEXEC);
	if (vm->kvm_fd < 0)
		return open_error(vm->ctx, errno);
	vm->run_size = ioctl(vm->kvm_fd, KVM_GET_VCPU_MMAP_SIZE, 0);
	if (vm->run_size < (int)sizeof(struct kvm_run))
		return vm_error(vm->ctx, "KVM_GET_VCPU_MMAP_SIZE");
	return 0;
}

static int create_vm(struct vm *vm)
{
	vm->fd = ioctl(vm->kvm_fd, KVM_CREATE_VM, vm->type);
	if (vm->fd < 0)
		return vm_error(vm->ctx, "KVM_CREATE_VM");
	return arch_vm_init(vm);
}

int vm_open(struct vm *vm, struct lend_ctx *ctx)
{
	int err;

	*vm = (struct vm){.ctx = ctx, .kvm_fd = -1, .fd = -1};
	err = vm_open_kvm(vm);
	if (err)
		vm_close(vm);
	return err;
}

unsigned int vm_slots(void)
{
	int fd = open(KVM_NODE, O_RDWR | O_CLOEXEC);
	int slots = -1;

	if (fd >= 0) {
		slots = ioctl(fd, KVM_CHECK_EXTENSION, KVM_CAP_NR_MEMSLOTS);
		close(fd);
	}
	return slots > VM_SLOTS_LEAST ? (unsigned int)slots : VM_SLOTS_LEAST;
}

int vm_start(struct vm *vm)
{
	int err = create_vm(vm);

	if (err)
		vm_stop(vm);
	return err;
}

void vm_stop(struct vm *vm)
{
	if (vm->fd >= 0)
		close(vm->fd);
	vm->fd = -1;
}

void vm_close(struct vm *vm)
{
	vm_stop(vm);
	if (vm->kvm_fd >= 0)
		close(vm->kvm_fd);
	vm->kvm_fd = -1;
}
