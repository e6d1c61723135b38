// SPDX-License-Identifier: MIT
// Copies the model-specific registers of one vCPU to another.
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <linux/kvm.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/base/no-memory.h"
#include "vmm/kvm/vm.h"
#include "vmm/x86/msrs.h"

#define MSR_TSC    0x10
#define LISTED_MAX 4096 /* KVM lists a few hundred */

/* MTRRs, which not every KVM lists. */
static const uint32_t mtrrs[] = {
	0x200, 0x201, 0x202, 0x203, 0x204, 0x205, 0x206, 0x207, 0x208, 0x209,
	0x20a, 0x20b, 0x20c, 0x20d, 0x20e, 0x20f, 0x250, 0x258, 0x259, 0x268,
	0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f, 0x2ff,
};

#define MTRRS (sizeof(mtrrs) / sizeof(mtrrs[0]))

static int msr_error(const struct vm *vm, const char *call, int err)
{
	return lend_error_set(vm->ctx, LEND_ERROR_SYSTEM, err, NULL,
			      "could not reset the guest: %s: %s", call,
			      strerror(err));
}

static struct kvm_msrs *msrs_alloc(unsigned int count)
{
	struct kvm_msrs *msrs =
		calloc(1, sizeof(*msrs) + count * sizeof(msrs->entries[0]));

	if (msrs)
		msrs->nmsrs = count;
	return msrs;
}

/* Read KVM's list of MSRs, LISTED_MAX at most. */
static int read_names(const struct vm *vm, struct kvm_msr_list **names)
{
	*names = calloc(1, sizeof(**names) +
				   LISTED_MAX * sizeof((*names)->indices[0]));
	if (!*names)
		return vmm_no_memory(vm->ctx, NULL);
	(*names)->nmsrs = LISTED_MAX;
	if (ioctl(vm->kvm_fd, KVM_GET_MSR_INDEX_LIST, *names) < 0)
		return msr_error(vm, "KVM_GET_MSR_INDEX_LIST", errno);
	return 0;
}

/* All MSRs that may need copying, without values. */
static int msrs_list(const struct vm *vm, struct kvm_msrs **msrs)
{
	struct kvm_msr_list *names;
	int err = read_names(vm, &names);

	*msrs = err ? NULL : msrs_alloc(names->nmsrs + MTRRS);
	if (!err && !*msrs)
		err = vmm_no_memory(vm->ctx, NULL);
	for (unsigned int i = 0; !err && i < MTRRS; i++)
		(*msrs)->entries[i].index = mtrrs[i];
	for (unsigned int i = 0; !err && i < names->nmsrs; i++)
		(*msrs)->entries[MTRRS + i].index = names->indices[i];
	free(names);
	return err;
}

/*
 * KVM stops at a register that does not exist or cannot be written, and
 * returns the number of registers done: continue after that one. Registers that
 * were skipped are removed from @msrs.
 */
static int msrs_transfer(const struct vm *vm, int fd, unsigned long request,
			 struct kvm_msrs *msrs)
{
	struct kvm_msrs *rest = msrs_alloc(msrs->nmsrs);
	unsigned int count = msrs->nmsrs, at = 0, kept = 0;
	size_t size = sizeof(rest->entries[0]);
	int done = 0, err = 0;

	if (!rest)
		return vmm_no_memory(vm->ctx, NULL);
	while (at < count) {
		rest->nmsrs = count - at;
		memcpy(rest->entries, &msrs->entries[at], rest->nmsrs * size);
		done = ioctl(fd, request, rest);
		if (done < 0)
			err = errno;
		if (done < 0 || (unsigned int)done > rest->nmsrs)
			break;
		memcpy(&msrs->entries[kept], rest->entries,
		       (unsigned int)done * size);
		kept += (unsigned int)done;
		at += (unsigned int)done;
		if (at < count && request == KVM_SET_MSRS)
			lend_log(vm->ctx, LEND_LOG_DEBUG,
				 "MSR %#x is not reset",
				 msrs->entries[at].index);
		at++;
	}
	free(rest);
	msrs->nmsrs = kept;
	return err ? msr_error(vm, "KVM_SET_MSRS", err) : 0;
}

/* Keep only the entries of @want that differ in @have; both are in order. */
static void keep_different(struct kvm_msrs *want, const struct kvm_msrs *have)
{
	unsigned int kept = 0, at = 0;

	for (unsigned int i = 0; i < want->nmsrs; i++) {
		struct kvm_msr_entry entry = want->entries[i];

		bool known = at < have->nmsrs &&
			     have->entries[at].index == entry.index;
		bool same = known && have->entries[at].data == entry.data;

		at += known;
		if (entry.index == MSR_TSC)
			entry.data = 0;
		else if (same)
			continue;
		want->entries[kept++] = entry;
	}
	want->nmsrs = kept;
}

int msrs_copy(const struct vm *vm, int from, int to)
{
	struct kvm_msrs *want, *have = NULL;
	int err = msrs_list(vm, &want);

	if (!err)
		err = msrs_transfer(vm, from, KVM_GET_MSRS, want);
	if (!err)
		have = msrs_alloc(want->nmsrs);
	if (!err && !have)
		err = vmm_no_memory(vm->ctx, NULL);
	if (!err) {
		memcpy(have->entries, want->entries,
		       want->nmsrs * sizeof(want->entries[0]));
		err = msrs_transfer(vm, to, KVM_GET_MSRS, have);
	}
	if (!err) {
		keep_different(want, have);
		err = msrs_transfer(vm, to, KVM_SET_MSRS, want);
	}
	free(have);
	free(want);
	return err;
}
