// SPDX-License-Identifier: MIT
// Confines the machine before the guest's first instruction.
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/seccomp.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/sandbox/landlock.h"
#include "vmm/sandbox/privileges.h"
#include "vmm/sandbox/report.h"
#include "vmm/sandbox/sandbox.h"

static int sandbox_error(struct lend_ctx *ctx, const char *call, int err)
{
	lend_error_set(ctx, LEND_ERROR_SYSTEM, err, NULL,
		       "enter the sandbox: %s: %s", call, strerror(err));
	return lend_error_remedy(ctx, "-sandbox off runs without one");
}

/* A kernel without one of the parts. */
static int sandbox_lacks(struct lend_ctx *ctx,
			 const struct sandbox_options *options,
			 const char *part, const char *config, int err)
{
	if (options->mode == SANDBOX_ON) {
		sandbox_error(ctx, part, err);
		return lend_error_evidence(ctx, "%s is not in this kernel",
					   config);
	}
	lend_log(ctx, LEND_LOG_WARNING,
		 "the sandbox lacks %s: this kernel was built or booted "
		 "without it (%s)",
		 part, config);
	return 0;
}

static bool sandbox_is_missing(int err)
{
	return err == ENOSYS || err == EOPNOTSUPP || err == EINVAL;
}

static int close_files(struct sandbox *sandbox, struct lend_ctx *ctx,
		       const struct sandbox_options *options)
{
	int err = -landlock_close_all(&sandbox->rules);

	if (!err)
		return 0;
	return sandbox_is_missing(err)
		       ? sandbox_lacks(ctx, options, "Landlock",
				       "CONFIG_SECURITY_LANDLOCK", err)
		       : sandbox_error(ctx, "landlock_restrict_self", err);
}

static int sandbox_install(const struct sandbox_filter *filter)
{
	const struct sock_fprog program = {
		.len = (unsigned short)filter->length,
		.filter = (struct sock_filter *)(uintptr_t)filter->code,
	};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program)
		       ? -errno
		       : 0;
}

static int filter_calls(struct sandbox *sandbox, struct lend_ctx *ctx,
			const struct sandbox_options *options)
{
	struct sandbox_subject subject = {
		.thread = SANDBOX_MAIN,
		.pid = getpid(),
		.denied = options->report ? SECCOMP_RET_TRAP
					  : SECCOMP_RET_KILL_PROCESS,
		.has_control = options->has_control,
		.has_plug = options->has_plug,
		.has_remote = options->has_remote,
		.is_server = options->is_server,
		.is_disk = options->is_disk,
	};
	struct sandbox_filter main_filter;
	int err = sandbox_filter_build(&main_filter, &subject);

	subject.thread = SANDBOX_VCPU;
	if (!err)
		err = sandbox_filter_build(&sandbox->vcpu, &subject);
	if (!err && options->report)
		err = sandbox_report_start();
	if (!err)
		err = sandbox_install(&main_filter);
	sandbox->is_filtered = !err;
	if (!err)
		return 0;
	return sandbox_is_missing(-err)
		       ? sandbox_lacks(ctx, options, "seccomp",
				       "CONFIG_SECCOMP_FILTER", -err)
		       : sandbox_error(ctx, "seccomp", -err);
}

void sandbox_init(struct sandbox *sandbox)
{
	*sandbox = (struct sandbox){.rules = -1};
}

void sandbox_close(struct sandbox *sandbox)
{
	if (sandbox->rules >= 0)
		close(sandbox->rules);
	sandbox->rules = -1;
}

int sandbox_enter(struct sandbox *sandbox, struct lend_ctx *ctx,
		  const struct sandbox_options *options, bool keep_lock)
{
	int err;

	if (options->mode == SANDBOX_OFF)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return sandbox_error(ctx, "no_new_privs", errno);
	lend_ctx_confine(ctx);
	err = close_files(sandbox, ctx, options);
	if (!err)
		err = privileges_drop_capabilities(ctx, keep_lock);
	return err ? err : filter_calls(sandbox, ctx, options);
}

/* It inherited that of the thread which created it. */
int sandbox_enter_vcpu(const struct sandbox *sandbox, struct lend_ctx *ctx)
{
	int err = sandbox->is_filtered ? sandbox_install(&sandbox->vcpu) : 0;

	return err ? sandbox_error(ctx, "seccomp", -err) : 0;
}
