// SPDX-License-Identifier: MIT
// What is printed of a call that the sandbox denied, and that the process then
// ends, printed or not.

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <cmocka.h>

#include "vmm/sandbox/report.h"

#define RUN_REQUEST 0xae80 /* KVM_RUN */

static struct {
	jmp_buf end;
	int status;
	char text[256];
	size_t size;
	int err; /* of the write */
} printed;

void __wrap__exit(int status) __attribute__((noreturn));
ssize_t __wrap_write(int fd, const void *data, size_t size);
ssize_t __real_write(int fd, const void *data, size_t size);

void __wrap__exit(int status)
{
	printed.status = status;
	longjmp(printed.end, 1);
}

ssize_t __wrap_write(int fd, const void *data, size_t size)
{
	if (fd != STDERR_FILENO)
		return __real_write(fd, data, size);
	assert_true(size < sizeof(printed.text));
	memcpy(printed.text, data, size);
	printed.size = size;
	errno = printed.err;
	return printed.err ? -1 : (ssize_t)size;
}

/* Denies a call of this thread; the signal's handler does not return. */
static void report_test_deny(int number)
{
	siginfo_t info = {.si_signo = SIGSYS};
	struct sigaction action;
	ucontext_t thread = {0};

	info.si_syscall = number;
	thread.uc_mcontext.gregs[REG_RSI] = RUN_REQUEST;
	memset(printed.text, 0, sizeof(printed.text));
	printed.status = 0;
	assert_int_equal(sandbox_report_start(), 0);
	assert_int_equal(sigaction(SIGSYS, NULL, &action), 0);
	assert_true(action.sa_flags & SA_SIGINFO);
	if (!setjmp(printed.end))
		action.sa_sigaction(SIGSYS, &info, &thread);
	signal(SIGSYS, SIG_DFL);
	assert_int_equal(printed.status, 128 + SIGSYS);
}

static void report_test_expect(int number, const char *call)
{
	char text[256];

	report_test_deny(number);
	snprintf(text, sizeof(text),
		 "lend: the sandbox denied %s (system call %d) of thread %ld\n",
		 call, number, syscall(SYS_gettid));
	assert_string_equal(printed.text, text);
}

static void a_call_has_its_name(void **state)
{
	(void)state;
	report_test_expect(SYS_openat, "openat");
	report_test_expect(SYS_read, "read");
	report_test_expect(SYS_landlock_create_ruleset,
			   "landlock_create_ruleset");
}

static void an_ioctl_has_its_request(void **state)
{
	(void)state;
	report_test_expect(SYS_ioctl, "ioctl 0xae80");
}

static void a_number_without_name_is_printed(void **state)
{
	(void)state;
	report_test_expect(99999, "an unknown call");
	assert_null(sandbox_call_name(-1));
	assert_null(sandbox_call_name(99999));
}

static void the_process_ends_unheard(void **state)
{
	(void)state;
	printed.err = EPIPE;
	report_test_deny(SYS_openat);
	printed.err = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_has_its_name),
		cmocka_unit_test(an_ioctl_has_its_request),
		cmocka_unit_test(a_number_without_name_is_printed),
		cmocka_unit_test(the_process_ends_unheard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
