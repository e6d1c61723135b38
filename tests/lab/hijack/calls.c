// SPDX-License-Identifier: MIT
// System calls that a hijacked thread would like to make.

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/kvm.h>
#include <linux/vfio.h>

#include "calls.h"

/* Arguments that depend on the thread. */
#define PATH 0xfeed0001ul /* of a file that exists */
#define PAGE 0xfeed0002ul /* of its stack */

#define PAGE_SIZE  4096ul
#define BELOW      512 /* the stack, beyond what the thread may use there */
#define IOAS_ALLOC _IO(';', 0x81) /* linux/iommufd.h */

#define RW  (PROT_READ | PROT_WRITE)
#define ANY 0x7fff /* a descriptor: the filter does not look at it */

static const char path[16] = "/bin/busybox";

/* Each by itself would succeed, or do no harm. */
static const struct hijack_call calls[] = {
	{"openat", SYS_openat, {(unsigned long)AT_FDCWD, PATH, O_RDONLY}},
	{"execve", SYS_execve, {PATH}},
	{"socket", SYS_socket, {AF_UNIX, SOCK_STREAM}},
	{"mprotect-exec", SYS_mprotect, {PAGE, PAGE_SIZE, RW | PROT_EXEC}},
	{"mmap-exec",
	 SYS_mmap,
	 {0, PAGE_SIZE, RW | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1ul}},
	{"memfd_create", SYS_memfd_create, {PATH}},
	{"clone-process", SYS_clone, {SIGCHLD}},
	{"unshare", SYS_unshare, {0}},
	{"ptrace", SYS_ptrace, {PTRACE_ATTACH, 1}},
	{"process_vm_readv", SYS_process_vm_readv, {1}},
	{"kill", SYS_kill, {1}},
	{"tgkill-other", SYS_tgkill, {1, 1}},
	{"prctl", SYS_prctl, {0}},
	{"bpf", SYS_bpf, {0}},
	{"io_uring_setup", SYS_io_uring_setup, {1}},
	{"kvm-ioctl", SYS_ioctl, {ANY, KVM_CREATE_DEVICE}},
	{"vfio-ioctl", SYS_ioctl, {ANY, VFIO_GROUP_GET_DEVICE_FD, PATH}},
	{"iommufd-ioctl", SYS_ioctl, {ANY, IOAS_ALLOC}},
	{"terminal-ioctl", SYS_ioctl, {0, TIOCSTI, PATH}},
};

#define COUNT (sizeof(calls) / sizeof(calls[0]))

void hijack_print_calls(void)
{
	for (size_t i = 0; i < COUNT; i++)
		puts(calls[i].name);
}

const struct hijack_call *hijack_find_call(const char *name)
{
	for (size_t i = 0; i < COUNT; i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	return NULL;
}

static bool hijack_write(pid_t thread, unsigned long at)
{
	unsigned long words[sizeof(path) / sizeof(unsigned long)];

	memcpy(words, path, sizeof(words));
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (ptrace(PTRACE_POKEDATA, thread,
			   (void *)(at + i * sizeof(words[0])),
			   (void *)words[i]))
			return false;
	return true;
}

bool hijack_inject(pid_t thread, const struct hijack_call *call)
{
	unsigned long stack = registers_stack(thread);
	unsigned long at = (stack - BELOW) & ~15ul;
	struct hijack_call mine = *call;

	if (!stack || !hijack_write(thread, at))
		return false;
	for (int i = 0; i < REGISTERS_ARGUMENTS; i++) {
		if (mine.arguments[i] == PATH)
			mine.arguments[i] = at;
		else if (mine.arguments[i] == PAGE)
			mine.arguments[i] = stack & ~(PAGE_SIZE - 1);
	}
	return registers_set_call(thread, mine.number, mine.arguments);
}
