/* SPDX-License-Identifier: MIT */
/* What a confined machine may ask of the kernel: a row for each system call and
 * each ioctl, with its reason. */
#ifndef VMM_SANDBOX_TABLE_H
#define VMM_SANDBOX_TABLE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

enum sandbox_thread {
	SANDBOX_VCPU, /* the threads that serve the guest's accesses */
	SANDBOX_MAIN, /* the main loop, and threads that it creates */
};

enum sandbox_rule {
	SANDBOX_ANY,     /* whatever the arguments */
	SANDBOX_REQUEST, /* ioctl(): the requests of the tables */
	SANDBOX_NO_EXEC, /* mmap(), mprotect(): no executable memory */
	SANDBOX_OWN,     /* tgkill(): within this process */
	SANDBOX_THREAD,  /* clone(): a thread, as pthread_create() makes it */
	SANDBOX_FILTER,  /* seccomp(): one more filter */
	SANDBOX_QUERY,   /* prlimit64(): nothing is set */
	/* Fails with ENOSYS: the arguments are in memory, where no filter sees
	 * them, and libc has another way. */
	SANDBOX_ABSENT,
};

/* A row of SANDBOX_VCPU holds for all threads. */
struct sandbox_call {
	long number;
	const char *name;
	enum sandbox_thread thread;
	enum sandbox_rule rule;
	const char *why;
};

struct sandbox_request {
	unsigned long number;
	enum sandbox_thread thread;
	const char *why;
};

struct sandbox_table {
	const struct sandbox_call *calls;
	size_t call_count;
	const struct sandbox_request *requests;
	size_t request_count;
};

#define SANDBOX_CALL(name, thread, rule, why)                                  \
	{                                                                      \
		SYS_##name, #name, SANDBOX_##thread, SANDBOX_##rule, why       \
	}

/* For every architecture; what a run with a control socket adds, and one with
 * slots for devices of its client; one with devices behind sockets; what a
 * server of a device adds, and one of a disk; and what this architecture adds.
 */
extern const struct sandbox_table sandbox_common;
extern const struct sandbox_table sandbox_control;
extern const struct sandbox_table sandbox_plug;
extern const struct sandbox_table sandbox_remote;
extern const struct sandbox_table sandbox_server;
extern const struct sandbox_table sandbox_disk;
extern const struct sandbox_table arch_sandbox;

/* The architecture's system calls, as linux/audit.h numbers them. */
extern const uint32_t arch_audit;

/* The request of an ioctl() that a thread made, from the ucontext_t of a signal
 * handler. */
uint32_t arch_sandbox_request(const void *context);

#endif
