// SPDX-License-Identifier: MIT
// Evaluates seccomp filters, and compares them with the tables.

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <linux/audit.h>
#include <linux/kvm.h>
#include <linux/sched.h>
#include <linux/vfio.h>

#include "verdict.h"

#define CALLS     512 /* more than any architecture has */
#define X32       0x40000000
#define ARGUMENTS 3 /* that a rule may ask for */
#define VALUES    1024

#define PTHREAD_FLAGS                                                          \
	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |    \
	 CLONE_SYSVSEM | CLONE_SETTLS | CLONE_PARENT_SETTID |                  \
	 CLONE_CHILD_CLEARTID)

struct verdict_sweep {
	const struct verdict_thread *thread;
	struct verdict_case *wrong;
	long cases;
	unsigned int value_count;
	uint32_t values[VALUES];
};

/* The few kinds of instructions that the filters consist of. */
uint32_t verdict_of_filter(const struct verdict_filter *filter,
			   const struct seccomp_data *data)
{
	uint32_t word = 0;

	for (unsigned int at = 0; at < filter->length; at++) {
		const struct sock_filter *i = &filter->code[at];
		bool is_true;

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k > sizeof(*data) - sizeof(word))
				return VERDICT_NONE;
			memcpy(&word, (const char *)data + i->k, sizeof(word));
			break;
		case BPF_JMP | BPF_JA:
			at += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			is_true = BPF_OP(i->code) == BPF_JEQ ? word == i->k
							     : word & i->k;
			at += is_true ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			return VERDICT_NONE;
		}
	}
	return VERDICT_NONE;
}

uint32_t verdict_of_built(const struct sandbox_filter *filter,
			  const struct seccomp_data *data)
{
	const struct verdict_filter built = {filter->code, filter->length};

	return verdict_of_filter(&built, data);
}

/* The strictest counts, which is the least as a signed number. */
static uint32_t verdict_of_all(const struct verdict_thread *thread,
			       const struct seccomp_data *data)
{
	uint32_t strictest = SECCOMP_RET_ALLOW;

	for (unsigned int i = 0; i < thread->filter_count; i++) {
		uint32_t one = verdict_of_filter(&thread->filters[i], data);

		if (one == VERDICT_NONE)
			return one;
		if ((int32_t)(one & SECCOMP_RET_ACTION_FULL) <
		    (int32_t)(strictest & SECCOMP_RET_ACTION_FULL))
			strictest = one;
	}
	return strictest;
}

static bool tables_have_request(enum sandbox_thread kind, uint32_t request)
{
	const struct sandbox_table *tables[] = {&sandbox_common, &arch_sandbox};

	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < tables[t]->request_count; i++) {
			const struct sandbox_request *row =
				&tables[t]->requests[i];

			if ((uint32_t)row->number == request &&
			    row->thread <= kind)
				return true;
		}
	return false;
}

static const struct sandbox_call *tables_find_call(enum sandbox_thread kind,
						   long number)
{
	const struct sandbox_table *tables[] = {&sandbox_common, &arch_sandbox};

	for (size_t t = 0; t < 2; t++)
		for (size_t i = 0; i < tables[t]->call_count; i++)
			if (tables[t]->calls[i].number == number &&
			    tables[t]->calls[i].thread <= kind)
				return &tables[t]->calls[i];
	return NULL;
}

static bool rule_allows(const struct verdict_thread *thread,
			enum sandbox_rule rule, const struct seccomp_data *data)
{
	switch (rule) {
	case SANDBOX_ANY:
		return true;
	case SANDBOX_REQUEST:
		return tables_have_request(thread->kind,
					   (uint32_t)data->args[1]);
	case SANDBOX_NO_EXEC:
		return !(data->args[2] & PROT_EXEC);
	case SANDBOX_OWN:
		return (pid_t)data->args[0] == thread->process;
	case SANDBOX_THREAD:
		return (uint32_t)data->args[0] == PTHREAD_FLAGS;
	case SANDBOX_FILTER:
		return (uint32_t)data->args[0] == SECCOMP_SET_MODE_FILTER;
	case SANDBOX_QUERY:
		return !data->args[2];
	case SANDBOX_ABSENT:
		break;
	}
	return false;
}

static uint32_t verdict_expected(const struct verdict_thread *thread,
				 const struct seccomp_data *data)
{
	const struct sandbox_call *call =
		data->arch == arch_audit
			? tables_find_call(thread->kind, data->nr)
			: NULL;

	if (!call)
		return SECCOMP_RET_KILL_PROCESS;
	if (call->rule == SANDBOX_ABSENT)
		return SECCOMP_RET_ERRNO | ENOSYS;
	return rule_allows(thread, call->rule, data) ? SECCOMP_RET_ALLOW
						     : SECCOMP_RET_KILL_PROCESS;
}

static bool sweep_try(struct verdict_sweep *sweep,
		      const struct seccomp_data *data)
{
	const struct verdict_case this = {
		.data = *data,
		.expected = verdict_expected(sweep->thread, data),
		.actual = verdict_of_all(sweep->thread, data),
	};

	sweep->cases++;
	if (this.expected == this.actual)
		return true;
	*sweep->wrong = this;
	return false;
}

static void sweep_add_value(struct verdict_sweep *sweep, uint32_t value)
{
	for (unsigned int i = 0; i < sweep->value_count; i++)
		if (sweep->values[i] == value)
			return;
	if (sweep->value_count < VALUES)
		sweep->values[sweep->value_count++] = value;
}

/* Each constant of a comparison, and one that differs from it. */
static void sweep_collect(struct verdict_sweep *sweep)
{
	sweep_add_value(sweep, 0);
	sweep_add_value(sweep, UINT32_MAX);
	for (unsigned int f = 0; f < sweep->thread->filter_count; f++) {
		const struct verdict_filter *filter =
			&sweep->thread->filters[f];

		for (unsigned int i = 0; i < filter->length; i++) {
			const struct sock_filter *code = &filter->code[i];

			if (BPF_CLASS(code->code) != BPF_JMP ||
			    BPF_OP(code->code) == BPF_JA)
				continue;
			sweep_add_value(sweep, code->k);
			sweep_add_value(sweep, code->k ^ 1);
		}
	}
}

static bool sweep_try_call(struct verdict_sweep *sweep, int number)
{
	for (unsigned int n = 0; n < ARGUMENTS; n++) {
		struct seccomp_data data = {.nr = number, .arch = arch_audit};

		for (unsigned int i = 0; i < sweep->value_count; i++) {
			data.args[n] = sweep->values[i];
			if (!sweep_try(sweep, &data))
				return false;
		}
	}
	return true;
}

/* The calls of x86's other two interfaces, which an arm64 kernel lacks. */
static bool sweep_try_others(struct verdict_sweep *sweep, int number)
{
	const struct seccomp_data x32 = {.nr = number | X32,
					 .arch = arch_audit};
	const struct seccomp_data i386 = {.nr = number,
					  .arch = AUDIT_ARCH_I386};

	return sweep_try(sweep, &x32) && sweep_try(sweep, &i386);
}

static bool sweep_try_calls(struct verdict_sweep *sweep)
{
	for (int number = -1; number < CALLS; number++)
		if (!sweep_try_call(sweep, number) ||
		    !sweep_try_others(sweep, number))
			return false;
	return true;
}

static bool sweep_try_type(struct verdict_sweep *sweep, uint32_t type)
{
	struct seccomp_data data = {.nr = SYS_ioctl, .arch = arch_audit};

	for (uint32_t number = 0; number < 0x100; number++) {
		data.args[1] = type | number;
		if (!sweep_try(sweep, &data))
			return false;
	}
	return true;
}

/* Each number of each type; those of KVM, VFIO with iommufd, and terminals as
 * often as there are sizes and directions. */
static bool sweep_try_requests(struct verdict_sweep *sweep)
{
	static const char used[] = {(char)KVMIO, VFIO_TYPE, 'T'};
	uint32_t form;

	for (uint32_t type = 0; type < 0x100; type++)
		if (!sweep_try_type(sweep, type << _IOC_TYPESHIFT))
			return false;
	for (unsigned int i = 0; i < sweep->value_count; i++) {
		form = sweep->values[i] & 0xffff0000;
		for (size_t k = 0; k < sizeof(used); k++)
			if (!sweep_try_type(sweep,
					    form | (uint32_t)(uint8_t)used[k]
							    << _IOC_TYPESHIFT))
				return false;
	}
	return true;
}

long verdict_sweep(const struct verdict_thread *thread,
		   struct verdict_case *wrong)
{
	struct verdict_sweep sweep = {.thread = thread, .wrong = wrong};

	sweep_collect(&sweep);
	return sweep_try_calls(&sweep) && sweep_try_requests(&sweep)
		       ? sweep.cases
		       : -1;
}
