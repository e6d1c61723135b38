/* SPDX-License-Identifier: MIT */
/* Shared by programs that trace a command: its start, its threads, its end, and
 * their failure. */
#ifndef TESTS_LAB_HOST_TRACE_H
#define TESTS_LAB_HOST_TRACE_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

/* No command returns this status. */
#define TRACE_FAILED 125

static inline __attribute__((noreturn)) void trace_fail(const char *what)
{
	perror(what);
	exit(TRACE_FAILED);
}

/* Starts a command, stopped before @prepare, if not NULL, and execve(). It is
 * killed when this process ends. */
static inline pid_t trace_start(char **command, void (*prepare)(void),
				long options)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		trace_fail("fork");
	if (!child) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		if (prepare)
			prepare();
		execvp(command[0], command);
		trace_fail(command[0]);
	}
	if (waitpid(child, &status, 0) != child ||
	    ptrace(PTRACE_SETOPTIONS, child, NULL,
		   (void *)(options | PTRACE_O_EXITKILL)))
		trace_fail("ptrace");
	return child;
}

/* What befalls the threads of a command. */
struct trace_events {
	/* It goes on when this lets it, by ptrace(). */
	void (*stopped)(pid_t thread, int status);
	void (*ended)(pid_t thread);
};

/* Until the command ends: its wait status. */
static inline int trace_follow(pid_t child, const struct trace_events *events)
{
	int status;
	pid_t id;

	for (;;) {
		id = waitpid(-1, &status, __WALL);
		if (id < 0 && errno == EINTR)
			continue;
		if (id < 0)
			trace_fail("wait");
		if (WIFSTOPPED(status))
			events->stopped(id, status);
		else if (id == child)
			return status;
		else
			events->ended(id);
	}
}

/* Whether a stopped thread is about to make a system call: then @info has it.
 */
static inline bool trace_is_entry(pid_t thread,
				  struct __ptrace_syscall_info *info)
{
	return ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof(*info),
		      info) >= 0 &&
	       info->op == PTRACE_SYSCALL_INFO_ENTRY;
}

/* The signal that a stopped thread continues with: the events of clone() and
 * execve(), and a new thread's first stop, are the tracer's. */
static inline int trace_signal_of(int status)
{
	int signal = WSTOPSIG(status);

	return signal == SIGTRAP || signal == SIGSTOP ? 0 : signal;
}

#endif
