// SPDX-License-Identifier: MIT
// The registers of system calls on x86-64.

#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/user.h>

#include "registers.h"

bool registers_set_call(pid_t thread, long number,
			const unsigned long arguments[REGISTERS_ARGUMENTS])
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, thread, NULL, &registers))
		return false;
	registers.orig_rax = (unsigned long)number;
	registers.rdi = arguments[0];
	registers.rsi = arguments[1];
	registers.rdx = arguments[2];
	registers.r10 = arguments[3];
	registers.r8 = arguments[4];
	registers.r9 = arguments[5];
	return !ptrace(PTRACE_SETREGS, thread, NULL, &registers);
}

unsigned long registers_stack(pid_t thread)
{
	struct user_regs_struct registers;

	return ptrace(PTRACE_GETREGS, thread, NULL, &registers) ? 0
								: registers.rsp;
}
