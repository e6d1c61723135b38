/* SPDX-License-Identifier: MIT */
/* The KVM virtual machine: opens /dev/kvm and checks its capabilities. */
#ifndef VMM_KVM_VM_H
#define VMM_KVM_VM_H

struct lend_ctx;

struct vm {
	struct lend_ctx *ctx; /* borrowed */
	int kvm_fd;
	int fd;
	int run_size;       /* bytes to map of each vCPU descriptor */
	unsigned long type; /* the argument of KVM_CREATE_VM */
};

/*
 * Open /dev/kvm. On failure the error is recorded, with a fix, and @vm is
 * closed.
 */
int vm_open(struct vm *vm, struct lend_ctx *ctx);

/* The memory slots that a machine has; the least of any KVM if it cannot be
 * asked. */
unsigned int vm_slots(void);

/* Record that a call to KVM failed, with its errno. Returns -errno. */
int vm_error(struct lend_ctx *ctx, const char *call);

/*
 * Create the machine; on failure, a recorded error. vm_stop() closes it; the
 * kernel destroys it once every vCPU descriptor is closed.
 */
int vm_start(struct vm *vm);
void vm_stop(struct vm *vm);

/* vm_stop(), and close /dev/kvm. */
void vm_close(struct vm *vm);

#endif
