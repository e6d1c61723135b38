// SPDX-License-Identifier: MIT
// Reads the seccomp filters of a stopped thread, and asks them.

#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>

#include "judge.h"

unsigned int judge_count_filters(pid_t id)
{
	unsigned long count = 0;

	while (ptrace(PTRACE_SECCOMP_GET_FILTER, id, (void *)count, NULL) > 0)
		count++;
	return (unsigned int)count;
}

static bool judge_read_filter(pid_t id, unsigned long n,
			      struct verdict_filter *filter)
{
	long length = ptrace(PTRACE_SECCOMP_GET_FILTER, id, (void *)n, NULL);
	struct sock_filter *code =
		length > 0 ? calloc((size_t)length, sizeof(*code)) : NULL;

	*filter = (struct verdict_filter){code, (unsigned int)length};
	return code &&
	       ptrace(PTRACE_SECCOMP_GET_FILTER, id, (void *)n, code) == length;
}

static bool judge_filters(const struct verdict_thread *thread, pid_t id)
{
	struct verdict_case wrong;
	long cases = verdict_sweep(thread, &wrong);

	if (cases > 0) {
		printf("thread %d: %u filters, %ld verdicts\n", id,
		       thread->filter_count, cases);
		return true;
	}
	printf("thread %d: call %d(%#llx, %#llx, %#llx), architecture %#x: "
	       "verdict %#x instead of %#x\n",
	       id, wrong.data.nr, wrong.data.args[0], wrong.data.args[1],
	       wrong.data.args[2], wrong.data.arch, wrong.actual,
	       wrong.expected);
	return false;
}

bool judge_thread(pid_t id, pid_t process, enum sandbox_thread kind)
{
	struct verdict_thread thread = {
		.kind = kind,
		.process = process,
		.filter_count = judge_count_filters(id),
	};
	bool holds = thread.filter_count > 0 &&
		     thread.filter_count <= VERDICT_FILTERS;

	if (!holds) {
		printf("thread %d: %u filters\n", id, thread.filter_count);
		return false;
	}
	for (unsigned int i = 0; i < thread.filter_count; i++)
		if (!judge_read_filter(id, i, &thread.filters[i]))
			holds = false;
	if (!holds)
		printf("thread %d: its filters cannot be read\n", id);
	else
		holds = judge_filters(&thread, id);
	for (unsigned int i = 0; i < thread.filter_count; i++)
		free((void *)(uintptr_t)thread.filters[i].code);
	return holds;
}
