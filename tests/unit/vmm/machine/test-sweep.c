// SPDX-License-Identifier: MIT
// A machine's life, with each call of its start, its run, the guest's reset and
// its end failing in turn: nothing is left over, and the failure is reported.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/vfio.h>

#include <lend/lend.h>

#include "faults.h"
#include "life.h"
#include "scripted-kvm.h"
#include "lib/base/uapi.h"
#include "tests/unit/fake/entries.h"
#include "tests/unit/fake/failed.h"
#include "vmm/x86/power.h"

#define PATIENCE 120 /* seconds, for a life */
#define SIGNALS  32
#define KINDS    128
#define OFF      0x34 /* the sleep type of S5, and its enable bit */

/* The guest uses its device, and a message of it, resets, uses the device
 * again, and powers off. */
static const struct scripted_step steps[] = {
	{PCI_PORTS_ADDRESS, 4, LIFE_COMMAND, .is_first = true},
	{PCI_PORTS_ADDRESS + 4, 2, .value = LIFE_ENABLED},
	{PCI_PORTS_ADDRESS, 4, .value = LIFE_MSI},
	{LIFE_MSI_PORT, 2, .value = 1},
	{POWER_RESET, 1, .value = 1},
	{PCI_PORTS_ADDRESS, 4, LIFE_COMMAND, .is_first = true},
	{PCI_PORTS_ADDRESS + 4, 2, .value = LIFE_ENABLED},
	{POWER_SLEEP_CONTROL, 1, .value = OFF},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

struct sweep {
	struct life life;
	int user;               /* the other end of the terminal */
	bool is_requested;      /* the host requests the device back at once */
	const char *kind;       /* the first call of this name fails, or NULL */
	atomic_uint warnings;   /* of the last life */
	char failed[KINDS][64]; /* each call of the machine that has failed */
	unsigned int failed_count;
};

/* What a process has that outlives a machine. */
struct sweep_process {
	unsigned int descriptors;
	unsigned int files; /* where RAM may be one */
	sigset_t mask;
	struct termios terminal;
	struct sigaction actions[SIGNALS];
};

static void process_look(struct sweep_process *process, const char *ram)
{
	memset(process, 0, sizeof(*process));
	process->descriptors = entries_count("/proc/self/fd");
	process->files = entries_count(ram);
	assert_true(process->descriptors && process->files);
	assert_int_equal(tcgetattr(STDIN_FILENO, &process->terminal), 0);
	pthread_sigmask(SIG_SETMASK, NULL, &process->mask);
	for (int i = 1; i < SIGNALS; i++)
		sigaction(i, NULL, &process->actions[i]);
}

static void assert_process(const struct sweep_process *before, const char *ram)
{
	struct sweep_process now;

	process_look(&now, ram);
	if (now.descriptors != before->descriptors)
		fail_msg("%s: %u descriptors, %u before", faults_name(),
			 now.descriptors, before->descriptors);
	if (now.files != before->files)
		fail_msg("%s: %u files, %u before", faults_name(), now.files,
			 before->files);
	if (now.terminal.c_lflag != before->terminal.c_lflag)
		fail_msg("%s: the terminal is raw", faults_name());
	for (int i = 1; i < SIGNALS; i++) {
		if (sigismember(&now.mask, i) != sigismember(&before->mask, i))
			fail_msg("%s: the mask of signal %d", faults_name(), i);
		if (now.actions[i].sa_handler != before->actions[i].sa_handler)
			fail_msg("%s: the action of signal %d", faults_name(),
				 i);
	}
}

/* Standard input is a terminal. */
static int sweep_open_terminal(struct sweep *s)
{
	int ours;

	s->user = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (s->user < 0 || grantpt(s->user) || unlockpt(s->user))
		return -1;
	ours = open(ptsname(s->user), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (ours < 0 || dup2(ours, STDIN_FILENO) < 0)
		return -1;
	close(ours);
	return 0;
}

static int sweep_setup(void **state)
{
	static struct sweep s;

	*state = &s;
	return life_open(&s.life) || sweep_open_terminal(&s);
}

static int sweep_teardown(void **state)
{
	struct sweep *s = *state;

	close(s->user);
	life_close(&s->life);
	alarm(0);
	return 0;
}

/* Returns how the run ended, or the first error. */
static int sweep_live(struct sweep *s, struct lend_ctx *ctx)
{
	int end = life_begin(&s->life, ctx);

	if (!end && s->is_requested)
		life_request(&s->life);
	if (!end)
		end = machine_run(s->life.machine);
	life_end(&s->life);
	return end;
}

static void sweep_count_warning(void *opaque, enum lend_log_level level,
				const char *text)
{
	struct sweep *s = opaque;

	(void)text;
	s->warnings += level == LEND_LOG_WARNING;
}

/* A life with one call failing, of the machine or of VFIO. Returns how it
 * ended. */
static int sweep_round(struct sweep *s, unsigned int call,
		       unsigned int vfio_call, int failure)
{
	struct sweep_process before;
	struct lend_ctx *ctx;
	char why[128];
	int end;

	alarm(PATIENCE);
	assert_int_equal(fake_ctx_new(s->life.fake, &ctx), 0);
	ctx->log = sweep_count_warning;
	ctx->log_opaque = s;
	s->warnings = 0;
	scripted_kvm_begin(steps, STEPS);
	fake_log_clear(s->life.fake);
	s->life.fake->fail_at = vfio_call;
	s->life.fake->fail_error = failure;
	process_look(&before, s->life.fake->root);
	if (s->kind)
		faults_begin_named(s->kind, failure);
	else
		faults_begin(call, failure);
	end = sweep_live(s, ctx);
	faults_end();
	if (end < 0 && (lend_ctx_error(ctx)->code == LEND_ERROR_NONE ||
			!lend_ctx_error(ctx)->what[0]))
		fail_msg("%s: no error is recorded", faults_name());
	if (faults_inherited())
		fail_msg("%s: %u descriptors are not closed on exec",
			 faults_name(), faults_inherited());
	if (faults_mappings())
		fail_msg("%s: %d mappings left", faults_name(),
			 faults_mappings());
	assert_process(&before, s->life.fake->root);
	if (!fake_is_idle(s->life.fake, why, sizeof(why)))
		fail_msg("%s, call %u: %s", faults_name(), vfio_call, why);
	lend_ctx_unref(ctx);
	return end;
}

/* The process once, and each vCPU's thread at each start. */
static void nothing_fails(void **state)
{
	struct faults_protections made;

	assert_int_equal(sweep_round(*state, 0, 0, 0), MACHINE_END_POWEROFF);
	assert_int_equal(scripted_kvm_steps(), STEPS);
	made = faults_protections();
	assert_int_equal(made.privileges, 1);
	assert_int_equal(made.capabilities, 1);
	assert_int_equal(made.paths, 1);
	assert_int_equal(made.calls, 1 + 2 * LIFE_CPUS);
}

/* Whether a machine may live with this failure. */
static bool sweep_may_live(const struct sweep *s, const char *name, int failure)
{
	static const struct {
		const char *name;
		int failure; /* or 0: any */
		bool warns;
	} calls[] = {
		/* What KVM is asked for besides, and there is another way. */
		{"KVM_CREATE_DEVICE", 0, false},
		{"KVM_SET_DEVICE_ATTR", 0, false},
		{"KVM_IRQFD", 0, false},
		{"KVM_REGISTER_COALESCED_MMIO", 0, false},
		{"KVM_SET_TSC_KHZ", 0, false},
		/* A vCPU that is stopped anyway. */
		{"KVM_RUN at a stop", 0, false},
		/* Windows that are not mapped, devices that are not reset,
		 * messages that are relayed, events that are not watched for.
		 */
		{"calloc", 0, true},
		{"reallocarray", 0, true},
		{"KVM_SET_GSI_ROUTING", 0, true},
		{"eventfd", 0, true},
		{"epoll_ctl", 0, true},
		{"epoll_ctl that removes", 0, false},
		/* The event is still there. */
		{"epoll_wait", 0, false},
		/* Measures of speed. */
		{"madvise", 0, false},
		{"pthread_create", 0, false},
		/* Of what is free, input that has ended, kinds of output. */
		{"open /proc/meminfo", 0, false},
		{"open /proc/self/fd/1", 0, false},
		{"read", 0, false},
		{"tcgetattr", 0, false},
		{"tcsetattr", 0, false},
		{"sigaction for a crash", 0, false},
		{"fstat64", 0, false},
		{"fopen64", 0, false},
		/* A call that is made again. */
		{"KVM_RUN", EINTR, false},
		{"poll", EINTR, false},
		{"pread64", EINTR, false},
		{"landlock_create_ruleset", EINVAL, false}, /* an old one */
	};

	/* A power button that the guest does not see, before the deadline. */
	if (s->is_requested && !strcmp(name, "KVM_IRQ_LINE"))
		return true;
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (!strcmp(calls[i].name, name) &&
		    (!calls[i].failure || calls[i].failure == failure))
			return !calls[i].warns || s->warnings;
	return false;
}

static bool sweep_is_allocation(const char *name)
{
	return strstr(name, "alloc") && strcmp(name, "fallocate64");
}

/* Whether a call of this name has failed. */
static bool sweep_has_failed(const struct sweep *s, const char *name)
{
	for (unsigned int i = 0; i < s->failed_count; i++)
		if (!strcmp(s->failed[i], name))
			return true;
	return false;
}

static void sweep_note(struct sweep *s, const char *name)
{
	if (sweep_has_failed(s, name))
		return;
	assert_in_range(s->failed_count, 0, KINDS - 1);
	strcpy(s->failed[s->failed_count++], name);
}

/* A life in which this call, of the machine, fails. Returns whether one did. */
static bool sweep_call(struct sweep *s, unsigned int call, int failure)
{
	int end = sweep_round(s, call, 0, failure);
	const char *name = faults_name();
	int expected = sweep_is_allocation(name) ? ENOMEM : failure;

	if (!name[0])
		return false;
	sweep_note(s, name);
	if (end >= 0 ? !sweep_may_live(s, name, failure) : end != -expected)
		fail_msg("%s failed with %s: the run ended with %d", name,
			 strerrorname_np(failure), end);
	return true;
}

static void sweep_machine(struct sweep *s, int failure)
{
	unsigned int call = 0;

	while (sweep_call(s, ++call, failure))
		;
	print_message("%u calls failed in turn with %s\n", call - 1,
		      strerrorname_np(failure));
	assert_in_range(call, 100, 1000);
}

static void sweep_vfio(struct sweep *s, int failure)
{
	unsigned int call = 0;

	do
		sweep_round(s, 0, ++call, failure);
	while (s->life.fake->calls >= call);
	print_message("%u calls of VFIO failed in turn with %s\n", call - 1,
		      strerrorname_np(failure));
	assert_in_range(call, 30, 500);
}

#define SWEEP(name, failure, path, requested)                                  \
	static void name(void **state)                                         \
	{                                                                      \
		struct sweep *s = *state;                                      \
                                                                               \
		s->is_requested = requested;                                   \
		s->life.mem_path = path;                                       \
		sweep_machine(s, failure);                                     \
		sweep_vfio(s, failure);                                        \
	}

SWEEP(machine_meets_eio, EIO, NULL, false)
SWEEP(machine_meets_enomem, ENOMEM, s->life.fake->root, false)
SWEEP(machine_meets_eintr, EINTR, NULL, false)
SWEEP(machine_meets_einval, EINVAL, s->life.fake->root, false)
SWEEP(requested_machine_meets_eio, EIO, NULL, true)

/* A call that another thread's calls came before, each time its number was up,
 * fails by its name. */
static void assert_kind_fails(struct sweep *s, const char *kind)
{
	s->kind = kind;
	for (int i = 0; i < 2 && !sweep_has_failed(s, kind); i++) {
		s->is_requested = i;
		sweep_call(s, 0, EIO);
	}
	s->kind = NULL;
	if (!sweep_has_failed(s, kind))
		fail_msg("%s has never failed", kind);
}

/* A kind of call that never failed would leave its failures untried: those that
 * faults.c has, those of KVM, those of VFIO. */
static void each_kind_of_call_has_failed(void **state)
{
	static const char *const calls[] = {
		"calloc",
		"malloc",
		"reallocarray",
		"eventfd",
		"signalfd",
		"epoll_create1",
		"epoll_ctl",
		"epoll_wait",
		"epoll_ctl that removes",
		"open /dev/kvm",
		"fopen64",
		"mkostemp64",
		"fallocate64",
		"ftruncate64",
		"fstat64",
		"read",
		"pread64",
		"poll",
		"mmap",
		"madvise",
		"pthread_create",
		"tcgetattr",
		"tcsetattr",
		"sigaction",
		"prctl",
		"capset",
		"sigaction for a crash",
		"seccomp",
		"landlock_create_ruleset",
		"landlock_restrict_self",
	};
	static const struct fake_failure vfio[] = {
		{FAKE_OPEN, 0},
		{FAKE_CLOSE, 0},
		{FAKE_PREAD, 0},
		{FAKE_PWRITE, 0},
		{FAKE_MAP, 0},
		{FAKE_UNMAP, 0},
		{FAKE_ADVISE, 0},
		{FAKE_EVENTFD, 0},
		{FAKE_FSTAT, 0},
		{FAKE_PATH, 0},
		{FAKE_IOCTL, VFIO_DEVICE_GET_INFO},
		{FAKE_IOCTL, VFIO_DEVICE_GET_REGION_INFO},
		{FAKE_IOCTL, VFIO_DEVICE_GET_IRQ_INFO},
		{FAKE_IOCTL, VFIO_DEVICE_SET_IRQS},
		{FAKE_IOCTL, VFIO_DEVICE_RESET},
		{FAKE_IOCTL, UAPI_DEVICE_BIND},
		{FAKE_IOCTL, UAPI_DEVICE_ATTACH},
		{FAKE_IOCTL, UAPI_DEVICE_DETACH},
		{FAKE_IOCTL, UAPI_IOAS_ALLOC},
		{FAKE_IOCTL, UAPI_IOAS_IOVA_RANGES},
		{FAKE_IOCTL, UAPI_IOAS_MAP},
		{FAKE_IOCTL, UAPI_IOMMU_DESTROY},
	};
	struct sweep *s = *state;
	const char *request;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		assert_kind_fails(s, calls[i]);
	for (size_t i = 0; (request = scripted_kvm_request(i)); i++)
		/* asked after another failure alone */
		if (strcmp(request, "KVM_CHECK_EXTENSION"))
			assert_kind_fails(s, request);
	fake_assert_failed(s->life.fake, vfio, sizeof(vfio) / sizeof(vfio[0]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_fails),
		cmocka_unit_test(machine_meets_eio),
		cmocka_unit_test(machine_meets_enomem),
		cmocka_unit_test(machine_meets_eintr),
		cmocka_unit_test(machine_meets_einval),
		cmocka_unit_test(requested_machine_meets_eio),
		cmocka_unit_test(each_kind_of_call_has_failed),
	};

	return cmocka_run_group_tests(tests, sweep_setup, sweep_teardown);
}
