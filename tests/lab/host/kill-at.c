// SPDX-License-Identifier: MIT
// Runs a command and kills it at its N-th stop: each entry to a system call is
// a stop, and so is each return.
//
// usage: kill-at N|+N COMMAND...
//
// Prints the outcome. Returns 0 when the command was killed at N, otherwise its
// status. With N = 0 it runs to its end: then the number of stops is printed,
// and the range of those that change files. With +N it runs at full speed until
// its first rename of a file, and stops are counted from there, which is much
// faster.

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/user.h>

#include "trace.h"

/* Stops this process where it is about to rename a file, as its first record.
 * No other call may be stopped: the processes that it starts inherit the
 * filter, and have no tracer. */
static void stop_at_changes(void)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rename, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = {
		.len = sizeof(filter) / sizeof(filter[0]),
		.filter = filter,
	};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		trace_fail("seccomp");
}

static int next_stop(pid_t child, int signal, bool skip)
{
	int status;

	if (ptrace(skip ? PTRACE_CONT : PTRACE_SYSCALL, child, NULL,
		   (void *)(long)signal) ||
	    waitpid(child, &status, 0) != child)
		trace_fail("ptrace");
	return status;
}

static int kill_here(pid_t child, long stop)
{
	struct user_regs_struct registers = {0};
	int status;

	ptrace(PTRACE_GETREGS, child, NULL, &registers);
	kill(child, SIGKILL);
	if (waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
		trace_fail("kill");
	printf("killed at stop %ld, system call %lld\n", stop,
	       (long long)registers.orig_rax);
	return 0;
}

/* Whether the child is about to change a file. Writes to inherited descriptors,
 * such as its terminal, do not count. Before the first rename, which the filter
 * stops at, none does. */
static bool changes_files(pid_t child, bool is_first)
{
	struct user_regs_struct registers = {0};

	ptrace(PTRACE_GETREGS, child, NULL, &registers);
	switch (registers.orig_rax) {
	case SYS_write:
		return !is_first && registers.rdi > 2;
	case SYS_unlink:
	case SYS_mkdir:
		return !is_first;
	case SYS_rename:
		return true;
	default:
		return false;
	}
}

int main(int argc, char **argv)
{
	long wanted = argc > 2 ? strtol(argv[1], NULL, 10) : -1;
	long stops = 0, first = 0, last = 0;
	bool skip = argc > 2 && argv[1][0] == '+';
	int status, signal = 0;
	pid_t child;

	if (wanted < 0)
		return TRACE_FAILED;
	child = trace_start(argv + 2, skip ? stop_at_changes : NULL,
			    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP);
	for (;;) {
		status = next_stop(child, signal, skip);
		if (!WIFSTOPPED(status))
			break;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) {
			skip = false;
			signal = 0;
			continue;
		}
		signal = WSTOPSIG(status);
		if (signal != (SIGTRAP | 0x80)) {
			/* The stop of execve is the tracer's. */
			signal = signal == SIGTRAP ? 0 : signal;
			continue;
		}
		signal = 0;
		if (++stops == wanted)
			return kill_here(child, stops);
		if (!wanted && changes_files(child, !first)) {
			first = first ? first : stops;
			last = stops;
		}
	}
	printf("ended after %ld stops, changes from %ld to %ld\n", stops, first,
	       last);
	return WIFEXITED(status) ? WEXITSTATUS(status) : TRACE_FAILED;
}
