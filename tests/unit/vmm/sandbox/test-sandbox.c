// SPDX-License-Identifier: MIT
// What is not in the tables ends a confined process; what is goes on. The
// filters are the kernel's, in child processes.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/kvm.h>
#include <linux/seccomp.h>
#include <cmocka.h>

#include <lend/context.h>

#include "verdict.h"
#include "vmm/sandbox/report.h"
#include "vmm/sandbox/sandbox.h"

#define PATIENCE 60   /* seconds */
#define MOST     512  /* system calls of any architecture */
#define FILTERED 1000 /* a process */

struct child {
	enum sandbox_thread thread;
	struct sandbox_options options;
	long (*act)(const long *arguments);
	long arguments[4];
};

static long child_call(const long *a)
{
	return syscall(a[0], a[1], a[2], a[3], 0, 0, 0);
}

static void child_confine(const struct child *child)
{
	struct lend_ctx *ctx;
	struct sandbox sandbox;

	alarm(PATIENCE);
	sandbox_init(&sandbox);
	if (lend_ctx_new(NULL, &ctx) ||
	    sandbox_enter(&sandbox, ctx, &child->options, false) ||
	    (child->thread == SANDBOX_VCPU &&
	     sandbox_enter_vcpu(&sandbox, ctx)))
		_exit(99);
}

/* How a child ended that did this: its wait status. */
static int child_status(const struct child *child)
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (!pid) {
		child_confine(child);
		_exit(child->act(child->arguments) < 0 ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static bool child_is_killed(const struct child *child)
{
	int status = child_status(child);

	return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS;
}

/* Runs without a control socket, with one, and with slots for its client; each
 * has a table more. */
enum { PLAIN, CONTROL, PLUG, RUNS };

#define TABLES(run) (2u + (unsigned int)(run))

/* Both kinds of threads, in each kind of run. */
#define KINDS (2 * RUNS)

static bool sandbox_lists(long number, int thread, int run)
{
	const struct sandbox_table *tables[] = {&sandbox_common, &arch_sandbox,
						&sandbox_control,
						&sandbox_plug};

	for (size_t t = 0; t < TABLES(run); t++)
		for (size_t i = 0; i < tables[t]->call_count; i++)
			if (tables[t]->calls[i].number == number &&
			    tables[t]->calls[i].thread <= (unsigned int)thread)
				return true;
	return false;
}

static void filter_make(struct sandbox_filter *f, int thread, int run)
{
	const struct sandbox_subject subject = {
		.thread = (enum sandbox_thread)thread,
		.pid = FILTERED,
		.denied = SECCOMP_RET_KILL_PROCESS,
		.has_control = run >= CONTROL,
		.has_plug = run >= PLUG,
	};

	assert_int_equal(sandbox_filter_build(f, &subject), 0);
}

static bool filter_kills(const struct sandbox_filter *f,
			 const struct seccomp_data *data)
{
	return verdict_of_built(f, data) == SECCOMP_RET_KILL_PROCESS;
}

static void every_other_call_is_denied(void **state)
{
	struct sandbox_filter f;

	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		struct seccomp_data data = {.arch = arch_audit};
		int thread = kind % 2;
		int run = kind / 2;

		filter_make(&f, thread, run);
		for (data.nr = 0; data.nr < MOST; data.nr++) {
			if (!filter_kills(&f, &data) &&
			    !sandbox_lists(data.nr, thread, run))
				fail_msg("%d, kind %d", data.nr, kind);
		}
		data.nr = SYS_accept4;
		assert_int_equal(verdict_of_built(&f, &data) ==
					 SECCOMP_RET_ALLOW,
				 run >= CONTROL && thread == SANDBOX_MAIN);
		data.nr = SYS_read;
		assert_int_equal(verdict_of_built(&f, &data),
				 SECCOMP_RET_ALLOW);
		data.nr |= 0x40000000; /* x32 */
		assert_true(filter_kills(&f, &data));
		data.nr = SYS_read;
		data.arch = AUDIT_ARCH_I386;
		assert_true(filter_kills(&f, &data));
	}
}

/* Of a server, one of a disk, and a machine with one: they connect to nobody. A
 * disk copies within the process. */
static void messages_are_for_those_who_need_them(void **state)
{
	struct sandbox_subject subjects[] = {
		{.thread = SANDBOX_MAIN, .is_server = true},
		{.thread = SANDBOX_MAIN, .is_server = true, .is_disk = true},
		{.thread = SANDBOX_VCPU, .has_remote = true},
	};
	const struct sandbox_table *tables[] = {&sandbox_server, &sandbox_disk,
						&sandbox_remote};
	struct seccomp_data data = {.arch = arch_audit};
	struct sandbox_filter f;

	(void)state;
	for (size_t n = 0; n < sizeof(tables) / sizeof(tables[0]); n++) {
		subjects[n].pid = FILTERED;
		subjects[n].denied = SECCOMP_RET_KILL_PROCESS;
		assert_int_equal(sandbox_filter_build(&f, &subjects[n]), 0);
		data.args[0] = FILTERED;
		for (size_t i = 0; i < tables[n]->call_count; i++) {
			data.nr = (int)tables[n]->calls[i].number;
			assert_int_equal(verdict_of_built(&f, &data),
					 SECCOMP_RET_ALLOW);
		}
		data.nr = SYS_connect;
		assert_true(filter_kills(&f, &data));
		data.args[0] = FILTERED + 1;
		data.nr = SYS_process_vm_writev; /* into another process */
		assert_true(filter_kills(&f, &data));
	}
}

/* In the kernel. */
static void a_denied_call_ends_the_process(void **state)
{
	static const long denied[] = {
		SYS_openat, SYS_execve, SYS_socket, SYS_ptrace, SYS_kill,
		SYS_mount,  SYS_setuid, SYS_prctl,  SYS_bpf,    SYS_connect,
	};

	(void)state;
	for (int thread = SANDBOX_VCPU; thread <= SANDBOX_MAIN; thread++) {
		for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]);
		     i++) {
			const struct child child = {
				.thread = (enum sandbox_thread)thread,
				.act = child_call,
				.arguments = {denied[i]},
			};

			if (!child_is_killed(&child))
				fail_msg("%ld, kind %d", denied[i], thread);
		}
	}
}

static bool sandbox_requests(unsigned long number, int thread, int run)
{
	const struct sandbox_table *tables[] = {&sandbox_common, &arch_sandbox,
						&sandbox_control,
						&sandbox_plug};

	for (size_t t = 0; t < TABLES(run); t++)
		for (size_t i = 0; i < tables[t]->request_count; i++)
			if ((uint32_t)tables[t]->requests[i].number ==
				    (uint32_t)number &&
			    tables[t]->requests[i].thread <=
				    (unsigned int)thread)
				return true;
	return false;
}

/* All types and numbers, without a size as with any. */
static void ioctls_are_allowed_by_number(void **state)
{
	struct sandbox_filter f;

	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		struct seccomp_data data = {.arch = arch_audit,
					    .nr = SYS_ioctl};
		int thread = kind % 2;
		int run = kind / 2;

		filter_make(&f, thread, run);
		for (uint32_t number = 0; number < 0x10000; number++) {
			data.args[1] = number;
			assert_int_equal(verdict_of_built(&f, &data) ==
						 SECCOMP_RET_ALLOW,
					 sandbox_requests(number, thread, run));
		}
	}
}

/* A vCPU's thread has both filters, as in a machine. */
static void each_verdict_is_that_of_the_tables(void **state)
{
	struct sandbox_filter filters[SANDBOX_MAIN + 1];

	(void)state;
	filter_make(&filters[SANDBOX_VCPU], SANDBOX_VCPU, PLAIN);
	filter_make(&filters[SANDBOX_MAIN], SANDBOX_MAIN, PLAIN);
	for (int kind = SANDBOX_VCPU; kind <= SANDBOX_MAIN; kind++) {
		struct verdict_thread thread = {
			.kind = (enum sandbox_thread)kind,
			.process = FILTERED,
			.filter_count = kind == SANDBOX_VCPU ? 2 : 1,
		};
		struct verdict_case wrong;

		for (int i = 0; i < 2; i++)
			thread.filters[i] = (struct verdict_filter){
				filters[SANDBOX_MAIN - i].code,
				filters[SANDBOX_MAIN - i].length,
			};
		if (verdict_sweep(&thread, &wrong) < 0)
			fail_msg("kind %d, call %d(%#llx, %#llx, %#llx): %#x "
				 "instead of %#x",
				 kind, wrong.data.nr, wrong.data.args[0],
				 wrong.data.args[1], wrong.data.args[2],
				 wrong.actual, wrong.expected);
	}
}

/* A limit may be read, and not set. */
static void a_limit_is_only_read(void **state)
{
	struct seccomp_data data = {.arch = arch_audit, .nr = SYS_prlimit64};
	static const uint64_t set[] = {1, UINT64_C(1) << 32};
	struct sandbox_filter f;

	(void)state;
	filter_make(&f, SANDBOX_MAIN, PLUG);
	assert_int_equal(verdict_of_built(&f, &data), SECCOMP_RET_ALLOW);
	for (int i = 0; i < 2; i++) {
		data.args[2] = set[i];
		assert_true(filter_kills(&f, &data));
	}
}

/* With 7 instructions from one run of the guest to the next. */
static void running_the_guest_comes_first(void **state)
{
	const struct seccomp_data data = {
		.arch = arch_audit, .nr = SYS_ioctl, .args = {0, KVM_RUN}};
	struct sandbox_filter f;

	(void)state;
	filter_make(&f, SANDBOX_VCPU, PLAIN);
	f.code[10] = (struct sock_filter){0xffff, 0, 0, 0};
	assert_int_equal(verdict_of_built(&f, &data), SECCOMP_RET_ALLOW);
}

static void *thread_main(void *opaque)
{
	return opaque;
}

static long child_thread_body(const long *arguments)
{
	pthread_t thread;
	void *result = NULL;

	if (pthread_create(&thread, NULL, thread_main,
			   (void *)(uintptr_t)arguments[0]))
		return -1;
	if (pthread_join(thread, &result))
		return -1;
	return (long)(uintptr_t)result == arguments[0] ? 0 : -1;
}

static long child_malloc(const long *arguments)
{
	char *small = malloc(100), *large = malloc(8UL << 20);

	(void)arguments;
	if (!small || !large)
		return -1;
	memset(large, 1, 8UL << 20);
	large = realloc(large, 16UL << 20);
	free(small);
	free(large);
	return large ? 0 : -1;
}

static long child_map(const long *a)
{
	void *page =
		mmap(NULL, 4096, (int)a[0], MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? -1 : mprotect(page, 4096, (int)a[1]);
}

static void threads_and_memory_still_work(void **state)
{
	const struct child allowed[] = {
		{.thread = SANDBOX_MAIN,
		 .act = child_thread_body,
		 .arguments = {7}},
		{.thread = SANDBOX_MAIN, .act = child_malloc},
		{.thread = SANDBOX_VCPU, .act = child_malloc},
		{.thread = SANDBOX_VCPU,
		 .act = child_map,
		 .arguments = {PROT_READ, PROT_READ | PROT_WRITE}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++)
		assert_int_equal(child_status(&allowed[i]), 0);
}

static void arguments_are_checked(void **state)
{
	const struct child denied[] = {
		{.act = child_map, .arguments = {PROT_READ | PROT_EXEC}},
		{.act = child_map, .arguments = {PROT_READ, PROT_EXEC}},
		{.act = child_call, .arguments = {SYS_tgkill, 1, 1, 0}},
		{.thread = SANDBOX_MAIN,
		 .act = child_call,
		 .arguments = {SYS_clone, SIGCHLD}},
		{.thread = SANDBOX_MAIN,
		 .act = child_call,
		 .arguments = {SYS_seccomp, 0}},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(denied) / sizeof(denied[0]); i++)
		assert_true(child_is_killed(&denied[i]));
}

static long child_signal_self(const long *arguments)
{
	(void)arguments;
	return syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), 0);
}

static void own_threads_can_be_signalled(void **state)
{
	const struct child child = {.act = child_signal_self};

	(void)state;
	assert_int_equal(child_status(&child), 0);
}

/* What a child's report has to say. */
static void assert_report(struct child *child, const char *want)
{
	char text[200] = "";
	int ends[2], kept = dup(STDERR_FILENO), status;

	child->options.report = true;
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	status = child_status(child);
	dup2(kept, STDERR_FILENO);
	close(kept);
	close(ends[1]);
	assert_true(read(ends[0], text, sizeof(text) - 1) > 0);
	close(ends[0]);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 128 + SIGSYS);
	if (!strstr(text, want))
		fail_msg("%s: %s", want, text);
}

static void a_report_names_the_call(void **state)
{
	struct child child = {.act = child_call, .arguments = {SYS_openat}};
	char want[80];

	(void)state;
	snprintf(want, sizeof(want), "denied openat (system call %d) ",
		 SYS_openat);
	assert_report(&child, want);
}

static void a_report_has_the_request_of_an_ioctl(void **state)
{
	struct child child = {
		.act = child_call,
		.arguments = {SYS_ioctl, -1, KVM_CREATE_DEVICE},
	};
	char want[80];

	(void)state;
	snprintf(want, sizeof(want), "denied ioctl %#x (system call %d) ",
		 (unsigned int)KVM_CREATE_DEVICE, SYS_ioctl);
	assert_report(&child, want);
}

/* The tables spell each name themselves. */
static void the_names_are_those_of_the_tables(void **state)
{
	const struct sandbox_table *tables[] = {&sandbox_common, &arch_sandbox,
						&sandbox_control,
						&sandbox_plug};

	(void)state;
	for (size_t t = 0; t < TABLES(PLUG); t++)
		for (size_t i = 0; i < tables[t]->call_count; i++) {
			const struct sandbox_call *call = &tables[t]->calls[i];

			assert_string_equal(sandbox_call_name(call->number),
					    call->name);
		}
	assert_string_equal(sandbox_call_name(SYS_execve), "execve");
	assert_null(sandbox_call_name(-1));
	assert_null(sandbox_call_name(1L << 20));
}

/* With the filter off, Landlock alone: sandbox_enter() has both. */
static void off_confines_nothing(void **state)
{
	struct child child = {.options.mode = SANDBOX_OFF,
			      .act = child_call,
			      .arguments = {SYS_getppid}};

	(void)state;
	assert_int_equal(child_status(&child), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_other_call_is_denied),
		cmocka_unit_test(messages_are_for_those_who_need_them),
		cmocka_unit_test(a_denied_call_ends_the_process),
		cmocka_unit_test(ioctls_are_allowed_by_number),
		cmocka_unit_test(each_verdict_is_that_of_the_tables),
		cmocka_unit_test(running_the_guest_comes_first),
		cmocka_unit_test(a_limit_is_only_read),
		cmocka_unit_test(threads_and_memory_still_work),
		cmocka_unit_test(arguments_are_checked),
		cmocka_unit_test(own_threads_can_be_signalled),
		cmocka_unit_test(a_report_names_the_call),
		cmocka_unit_test(a_report_has_the_request_of_an_ioctl),
		cmocka_unit_test(the_names_are_those_of_the_tables),
		cmocka_unit_test(off_confines_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
