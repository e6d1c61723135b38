/* SPDX-License-Identifier: MIT */
/* Shared by programs that trace a command: its start, and their failure. */
#ifndef TESTS_LAB_HOST_TRACE_H
#define TESTS_LAB_HOST_TRACE_H

#include <signal.h>
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

#endif
