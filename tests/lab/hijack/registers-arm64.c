// SPDX-License-Identifier: MIT
// The registers of system calls on arm64.

#include <elf.h>
#include <stddef.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include "registers.h"

static bool registers_get(pid_t thread, struct user_regs_struct *registers)
{
	struct iovec all = {registers, sizeof(*registers)};

	return !ptrace(PTRACE_GETREGSET, thread, NT_PRSTATUS, &all);
}

/* The number has a register set of its own. */
bool registers_set_call(pid_t thread, long number,
			const unsigned long arguments[REGISTERS_ARGUMENTS])
{
	struct user_regs_struct registers;
	int call = (int)number;
	struct iovec all = {&registers, sizeof(registers)};
	struct iovec one = {&call, sizeof(call)};

	if (!registers_get(thread, &registers))
		return false;
	for (int i = 0; i < REGISTERS_ARGUMENTS; i++)
		registers.regs[i] = arguments[i];
	registers.regs[8] = (unsigned long)number;
	return !ptrace(PTRACE_SETREGSET, thread, NT_PRSTATUS, &all) &&
	       !ptrace(PTRACE_SETREGSET, thread, NT_ARM_SYSTEM_CALL, &one);
}

unsigned long registers_stack(pid_t thread)
{
	struct user_regs_struct registers;

	return registers_get(thread, &registers) ? registers.sp : 0;
}
