// SPDX-License-Identifier: MIT
// Makes a seccomp filter of the tables.
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#include "vmm/sandbox/filter.h"

#define DATA(field)  ((uint32_t)offsetof(struct seccomp_data, field))
#define LOW_HALF(n)  DATA(args[n]) /* little-endian, on both architectures */
#define HIGH_HALF(n) (DATA(args[n]) + 4)

/* pthread_create() makes a thread so. */
#define CLONE_PTHREAD                                                          \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |    \
	 CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |                  \
	 CLONE_CHILD_CLEARTID)

static void filter_add(struct sandbox_filter *f, uint16_t code, uint32_t k,
		       uint8_t when_true, uint8_t when_false)
{
	if (f->length == SANDBOX_FILTER_MAX) {
		f->err = -E2BIG;
		return;
	}
	f->code[f->length++] =
		(struct sock_filter){code, when_true, when_false, k};
}

static void filter_load(struct sandbox_filter *f, uint32_t offset)
{
	filter_add(f, BPF_LD | BPF_W | BPF_ABS, offset, 0, 0);
}

static void filter_return(struct sandbox_filter *f, uint32_t value)
{
	filter_add(f, BPF_RET | BPF_K, value, 0, 0);
}

/* Skip @skip instructions unless what is loaded is @value. */
static void filter_unless(struct sandbox_filter *f, uint32_t value,
			  uint8_t skip)
{
	filter_add(f, BPF_JMP | BPF_JEQ | BPF_K, value, 0, skip);
}

/* Allow if the low half of argument @n is @value. */
static void filter_argument(struct sandbox_filter *f, unsigned int n,
			    uint32_t value, uint32_t denied)
{
	filter_load(f, LOW_HALF(n));
	filter_unless(f, value, 1);
	filter_return(f, SECCOMP_RET_ALLOW);
	filter_return(f, denied);
}

/* Allow if argument @n is a null pointer. */
static void filter_null(struct sandbox_filter *f, unsigned int n,
			uint32_t denied)
{
	filter_load(f, LOW_HALF(n));
	filter_unless(f, 0, 3);
	filter_load(f, HIGH_HALF(n));
	filter_unless(f, 0, 1);
	filter_return(f, SECCOMP_RET_ALLOW);
	filter_return(f, denied);
}

static void filter_requests(struct sandbox_filter *f,
			    const struct sandbox_table *table,
			    enum sandbox_thread thread)
{
	for (size_t i = 0; i < table->request_count; i++) {
		if (table->requests[i].thread > thread)
			continue;
		filter_unless(f, (uint32_t)table->requests[i].number, 1);
		filter_return(f, SECCOMP_RET_ALLOW);
	}
}

/* The kernel takes 32 bits of an ioctl()'s request. */
static void filter_ioctl(struct sandbox_filter *f,
			 const struct sandbox_subject *subject)
{
	filter_load(f, LOW_HALF(1));
	filter_requests(f, &sandbox_common, subject->thread);
	filter_requests(f, &arch_sandbox, subject->thread);
	if (subject->has_control)
		filter_requests(f, &sandbox_control, subject->thread);
	if (subject->has_plug)
		filter_requests(f, &sandbox_plug, subject->thread);
	filter_return(f, subject->denied);
}

static void filter_rule(struct sandbox_filter *f, enum sandbox_rule rule,
			const struct sandbox_subject *subject)
{
	switch (rule) {
	case SANDBOX_ANY:
		filter_return(f, SECCOMP_RET_ALLOW);
		break;
	case SANDBOX_REQUEST:
		filter_ioctl(f, subject);
		break;
	case SANDBOX_NO_EXEC:
		filter_load(f, LOW_HALF(2));
		filter_add(f, BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1);
		filter_return(f, subject->denied);
		filter_return(f, SECCOMP_RET_ALLOW);
		break;
	case SANDBOX_OWN:
		filter_argument(f, 0, (uint32_t)subject->pid, subject->denied);
		break;
	case SANDBOX_THREAD:
		filter_argument(f, 0, CLONE_PTHREAD, subject->denied);
		break;
	case SANDBOX_FILTER:
		filter_argument(f, 0, SECCOMP_SET_MODE_FILTER, subject->denied);
		break;
	case SANDBOX_QUERY:
		filter_null(f, 2, subject->denied);
		break;
	case SANDBOX_ABSENT:
		filter_return(f, SECCOMP_RET_ERRNO | ENOSYS);
		break;
	}
}

/* A jump reaches 255 instructions, which a table of requests may exceed: the
 * rule is jumped over by an instruction with 32 bits. */
static void filter_call(struct sandbox_filter *f,
			const struct sandbox_call *call,
			const struct sandbox_subject *subject)
{
	unsigned int over = f->length + 1;

	filter_add(f, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)call->number, 1, 0);
	filter_add(f, BPF_JMP | BPF_JA, 0, 0, 0);
	filter_rule(f, call->rule, subject);
	if (!f->err)
		f->code[over].k = f->length - over - 1;
}

static void filter_table(struct sandbox_filter *f,
			 const struct sandbox_table *table,
			 const struct sandbox_subject *subject)
{
	for (size_t i = 0; i < table->call_count; i++)
		if (table->calls[i].thread <= subject->thread)
			filter_call(f, &table->calls[i], subject);
}

int sandbox_filter_build(struct sandbox_filter *f,
			 const struct sandbox_subject *subject)
{
	f->length = 0;
	f->err = 0;
	filter_load(f, DATA(arch));
	filter_add(f, BPF_JMP | BPF_JEQ | BPF_K, arch_audit, 1, 0);
	filter_return(f, SECCOMP_RET_KILL_PROCESS);
	filter_load(f, DATA(nr));
	filter_table(f, &sandbox_common, subject);
	filter_table(f, &arch_sandbox, subject);
	if (subject->has_control)
		filter_table(f, &sandbox_control, subject);
	if (subject->has_plug)
		filter_table(f, &sandbox_plug, subject);
	if (subject->has_remote)
		filter_table(f, &sandbox_remote, subject);
	if (subject->is_server)
		filter_table(f, &sandbox_server, subject);
	if (subject->is_disk)
		filter_table(f, &sandbox_disk, subject);
	filter_return(f, subject->denied);
	return f->err;
}
