// SPDX-License-Identifier: MIT
// Runs a machine and takes over one of its threads.
// with: tests/lab/hijack/calls.c tests/lab/hijack/judge.c
// with: tests/lab/hijack/registers-@arch@.c vmm/@arch@/sandbox.c
// with: tests/unit/vmm/sandbox/verdict.c vmm/sandbox/table.c
//
// usage: hijack verdicts COMMAND...
//        hijack THREAD CALL COMMAND...
//        hijack calls
//
// With "verdicts" the filters of each thread are read when it ends, those of
// vCPUs also when they are about to run the guest for the first time, and each
// of their verdicts is compared with the tables. Returns 0 if they agree, and
// the command did.
//
// With THREAD, which is vcpu, main or other (it maps RAM for DMA), that thread
// makes the CALL instead of one of its own. Returns 0 if the process ended by
// it. "calls" prints the list.

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <linux/kvm.h>

#include "tests/lab/hijack/calls.h"
#include "tests/lab/hijack/judge.h"
#include "trace.h"

#define THREADS 256

enum hijack_kind { KIND_UNKNOWN, KIND_VCPU, KIND_MAIN, KIND_OTHER };

struct hijack_thread {
	pid_t id; /* 0: none */
	enum hijack_kind kind;
};

static struct {
	struct hijack_thread threads[THREADS];
	pid_t process;
	enum hijack_kind wanted;
	const struct hijack_call *call; /* NULL: verdicts */
	pid_t hijacked;                 /* or 0 */
	bool is_signalled;              /* its handler ends the process */
	bool has_run;                   /* the guest */
	bool is_wrong;
	unsigned int judged;
} hijack;

static struct hijack_thread *hijack_find(pid_t id)
{
	for (unsigned int i = 0; i < THREADS; i++)
		if (hijack.threads[i].id == id)
			return &hijack.threads[i];
	return NULL;
}

static void hijack_add(pid_t id)
{
	struct hijack_thread *thread = hijack_find(0);

	if (!thread) {
		errno = EAGAIN;
		trace_fail("too many threads");
	}
	thread->id = id;
	thread->kind = id == hijack.process ? KIND_MAIN : KIND_UNKNOWN;
}

static void hijack_judge(const struct hijack_thread *thread)
{
	/* Some threads help to open devices, before the machine is confined. */
	if (!hijack.has_run && !judge_count_filters(thread->id))
		return;
	hijack.judged++;
	if (!judge_thread(thread->id, hijack.process,
			  thread->kind == KIND_VCPU ? SANDBOX_VCPU
						    : SANDBOX_MAIN))
		hijack.is_wrong = true;
}

/* The first ioctl() of a thread shows what it is for. */
static void hijack_classify(struct hijack_thread *thread, unsigned long request)
{
	if (thread->kind != KIND_UNKNOWN)
		return;
	thread->kind = request == KVM_RUN ? KIND_VCPU : KIND_OTHER;
	if (request == KVM_RUN)
		hijack.has_run = true;
	if (request == KVM_RUN && !hijack.call)
		hijack_judge(thread);
}

/* Whether this thread's calls are of interest no more. */
static bool hijack_is_done(const struct hijack_thread *thread)
{
	if (hijack.hijacked)
		return thread->id != hijack.hijacked || hijack.is_signalled;
	return thread->kind != KIND_UNKNOWN && thread->kind != hijack.wanted;
}

static void hijack_on_entry(struct hijack_thread *thread,
			    const struct __ptrace_syscall_info *info)
{
	if (info->entry.nr == SYS_ioctl)
		hijack_classify(thread, info->entry.args[1]);
	if (!hijack.call || hijack.hijacked || thread->kind != hijack.wanted ||
	    !judge_count_filters(thread->id) ||
	    (thread->kind == KIND_MAIN && !hijack.has_run))
		return;
	if (!hijack_inject(thread->id, hijack.call))
		trace_fail(hijack.call->name);
	hijack.hijacked = thread->id;
}

static void hijack_on_call(struct hijack_thread *thread)
{
	struct __ptrace_syscall_info info;

	if (!trace_is_entry(thread->id, &info))
		return;
	if (thread->id != hijack.hijacked) {
		hijack_on_entry(thread, &info);
		return;
	}
	/* A denied call returns too, but no other follows. */
	printf("the thread went on to call %llu\n",
	       (unsigned long long)info.entry.nr);
	kill(hijack.process, SIGKILL);
}

/* The signal that a stopped thread continues with. */
static int hijack_signal_of(struct hijack_thread *thread, int status)
{
	int signal = WSTOPSIG(status);

	if (signal == (SIGTRAP | 0x80)) {
		hijack_on_call(thread);
		return 0;
	}
	if (signal == SIGSYS && thread->id == hijack.hijacked)
		hijack.is_signalled = true;
	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8) && !hijack.call)
		hijack_judge(thread);
	return trace_signal_of(status);
}

static void hijack_take_stop(pid_t id, int status)
{
	struct hijack_thread *thread = hijack_find(id);
	int signal = 0;

	if (thread)
		signal = hijack_signal_of(thread, status);
	else
		hijack_add(id);
	thread = hijack_find(id);
	ptrace(hijack_is_done(thread) ? PTRACE_CONT : PTRACE_SYSCALL, id, NULL,
	       (void *)(long)signal);
}

static void hijack_take_end(pid_t id)
{
	struct hijack_thread *thread = hijack_find(id);

	if (thread)
		thread->id = 0;
}

static int hijack_result(int status)
{
	if (!hijack.call) {
		printf("%u threads judged\n", hijack.judged);
		if (hijack.is_wrong || !hijack.judged)
			return 1;
		return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
	}
	if (!hijack.hijacked) {
		printf("no such thread made a call\n");
		return 1;
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 128 + SIGSYS)
		return 0; /* -sandbox report=on */
	printf("wait status %#x\n", status);
	return 1;
}

static enum hijack_kind hijack_kind_of(const char *name)
{
	return !strcmp(name, "vcpu")   ? KIND_VCPU
	       : !strcmp(name, "main") ? KIND_MAIN
				       : KIND_OTHER;
}

int main(int argc, char **argv)
{
	static const struct trace_events events = {
		.stopped = hijack_take_stop,
		.ended = hijack_take_end,
	};
	bool is_verdicts = argc > 2 && !strcmp(argv[1], "verdicts");
	long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
		       PTRACE_O_TRACEEXEC;

	if (argc == 2 && !strcmp(argv[1], "calls")) {
		hijack_print_calls();
		return 0;
	}
	if (!is_verdicts) {
		hijack.call = argc > 3 ? hijack_find_call(argv[2]) : NULL;
		if (!hijack.call)
			return TRACE_FAILED;
		hijack.wanted = hijack_kind_of(argv[1]);
	} else {
		options |= PTRACE_O_TRACEEXIT;
	}
	hijack.process =
		trace_start(argv + (is_verdicts ? 2 : 3), NULL, options);
	hijack_add(hijack.process);
	ptrace(PTRACE_SYSCALL, hijack.process, NULL, NULL);
	return hijack_result(trace_follow(hijack.process, &events));
}
