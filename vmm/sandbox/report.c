// SPDX-License-Identifier: MIT
// Names on standard error the system call that the sandbox denied.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "vmm/console/terminal.h"
#include "vmm/sandbox/report.h"
#include "vmm/sandbox/table.h"

#include "vmm/sandbox/call-names.h"

#define STATUS_SIGSYS (128 + SIGSYS) /* as a shell reports the signal */

/* Not the names of stdio: another thread may be inside it. */
static char *report_add(char *at, const char *end, const char *text)
{
	while (*text && at < end)
		*at++ = *text++;
	return at;
}

static char *report_add_number(char *at, const char *end, unsigned int number,
			       unsigned int base)
{
	char digits[16];
	char *first = digits + sizeof(digits);

	*--first = '\0';
	do
		*--first = "0123456789abcdef"[number % base];
	while ((number /= base));
	return report_add(at, end, first);
}

const char *sandbox_call_name(long number)
{
	const long count = sizeof(call_names) / sizeof(call_names[0]);

	return number >= 0 && number < count ? call_names[number] : NULL;
}

/* An ioctl() is known by its request. */
static char *report_add_call(char *at, const char *end, const siginfo_t *info,
			     const void *context)
{
	const char *name = sandbox_call_name(info->si_syscall);

	at = report_add(at, end, name ? name : "an unknown call");
	if (info->si_syscall == SYS_ioctl) {
		at = report_add(at, end, " 0x");
		at = report_add_number(at, end, arch_sandbox_request(context),
				       16);
	}
	at = report_add(at, end, " (system call ");
	return report_add_number(at, end, (unsigned int)info->si_syscall, 10);
}

static void on_denied(int number, siginfo_t *info, void *context)
{
	char text[128], *at = text, *end = text + sizeof(text);

	(void)number;
	at = report_add(at, end, "lend: the sandbox denied ");
	at = report_add_call(at, end, info, context);
	at = report_add(at, end, ") of thread ");
	at = report_add_number(at, end, (unsigned int)syscall(SYS_gettid), 10);
	at = report_add(at, end, "\n");
	/* First, as standard error may be a pipe that is full. */
	terminal_rescue(STDIN_FILENO);
	if (write(STDERR_FILENO, text, (size_t)(at - text)) < 0)
		_exit(STATUS_SIGSYS);
	_exit(STATUS_SIGSYS);
}

int sandbox_report_start(void)
{
	struct sigaction action = {
		.sa_sigaction = on_denied,
		.sa_flags = SA_SIGINFO,
	};

	return sigaction(SIGSYS, &action, NULL) ? -errno : 0;
}
