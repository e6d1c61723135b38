// SPDX-License-Identifier: MIT
// A scripted KVM with a guest that writes to ports.
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <linux/kvm.h>

#include "faults.h"
#include "scripted-kvm.h"

#define RUN_SIZE  ((size_t)3 * 4096)
#define VCPUS_MAX 16
#define PATIENCE  60 /* seconds that a vCPU waits for its stop */
#define NAME      "scripted-kvm"

static struct {
	const struct scripted_step *steps;
	size_t count;
	atomic_size_t done;
	int waits; /* eventfd: a vCPU waits */
	int ended; /* eventfd: the steps are done */
	bool others_fail;
} script = {.waits = -1, .ended = -1};

/* An eventfd without events, which is opened once. */
static void script_clear_event(int *fd)
{
	uint64_t count;

	if (*fd < 0)
		*fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (*fd < 0)
		abort();
	while (read(*fd, &count, sizeof(count)) > 0)
		;
}

static void script_signal_event(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		abort();
}

void scripted_kvm_begin(const struct scripted_step *steps, size_t count)
{
	script_clear_event(&script.waits);
	script_clear_event(&script.ended);
	script.steps = steps;
	script.count = count;
	script.done = 0;
	script.others_fail = false;
}

void scripted_kvm_fail_others(void)
{
	script.others_fail = true;
}

size_t scripted_kvm_steps(void)
{
	return script.done;
}

bool scripted_kvm_has_path(const char *path)
{
	return !strcmp(path, "/dev/kvm");
}

/* Each is a file in memory. Its size is that of a vCPU's page, and its mode
 * the vCPU's number. */
static int kvm_make_fd(unsigned int number)
{
	int fd;

	faults_enter();
	fd = memfd_create(NAME, MFD_CLOEXEC);
	if (fd >= 0 && (ftruncate(fd, RUN_SIZE) || fchmod(fd, number)))
		abort();
	faults_leave();
	return fd;
}

bool scripted_kvm_has(int fd)
{
	char link[32], target[64] = "";

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return readlink(link, target, sizeof(target) - 1) > 0 &&
	       strstr(target, "memfd:" NAME);
}

static unsigned int vcpu_number(int fd)
{
	struct stat st;

	return fstat(fd, &st) ? 0 : st.st_mode & 0777;
}

int scripted_kvm_open(int flags)
{
	return flags & O_CLOEXEC ? kvm_make_fd(0) : -1;
}

static bool vcpu_is_stopped(const struct kvm_run *run)
{
	return atomic_load((const _Atomic uint8_t *)&run->immediate_exit);
}

/* Until the machine stops it, whose signal may come before the wait; or until
 * @fd, if not -1, is readable. Returns whether it is. */
static bool vcpu_wait(const struct kvm_run *run, int fd)
{
	struct pollfd event = {.fd = fd, .events = POLLIN};
	struct timespec patience = {.tv_sec = PATIENCE};
	sigset_t kick, before;
	int ready = 0;

	sigemptyset(&kick);
	sigaddset(&kick, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &kick, &before);
	sigdelset(&before, SIGUSR1);
	if (!vcpu_is_stopped(run))
		ready = ppoll(&event, 1, &patience, &before);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = EINTR;
	return ready > 0;
}

/* The first vCPU begins when another waits: until then that one may fail. */
static bool vcpu_has_begun(const struct kvm_run *run)
{
	uint64_t waits;

	if (!script.steps[script.done].is_first)
		return !vcpu_is_stopped(run);
	return vcpu_wait(run, script.waits) &&
	       read(script.waits, &waits, sizeof(waits)) > 0;
}

static int vcpu_take_step(struct kvm_run *run, const struct scripted_step *step)
{
	run->exit_reason = KVM_EXIT_IO;
	run->io.direction = KVM_EXIT_IO_OUT;
	run->io.size = step->size;
	run->io.port = step->port;
	run->io.count = 1;
	run->io.data_offset = sizeof(*run);
	memcpy((char *)run + sizeof(*run), &step->value, step->size);
	return 0;
}

static struct kvm_run *vcpu_map(int fd)
{
	void *run;

	run = mmap(NULL, RUN_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (run == MAP_FAILED)
		abort();
	return run;
}

static int vcpu_run_first(struct kvm_run *run)
{
	int result = -1;

	if (script.done == script.count)
		vcpu_wait(run, -1);
	else if (vcpu_has_begun(run))
		result = vcpu_take_step(run, &script.steps[script.done++]);
	if (!result && script.done == script.count)
		script_signal_event(script.ended);
	return result;
}

static int vcpu_run_other(struct kvm_run *run)
{
	if (!vcpu_is_stopped(run))
		script_signal_event(script.waits);
	if (vcpu_wait(run, script.others_fail ? script.ended : -1))
		errno = EIO;
	return -1;
}

static int vcpu_run(int fd)
{
	struct kvm_run *run;
	int result;

	faults_enter();
	run = vcpu_map(fd);
	result = vcpu_number(fd) ? vcpu_run_other(run) : vcpu_run_first(run);
	munmap(run, RUN_SIZE);
	faults_leave();
	return result;
}

/* With immediate_exit it completes an access, or the vCPU is stopped. */
static bool vcpu_would_run(int fd)
{
	struct kvm_run *run;
	bool would_run;

	faults_enter();
	run = vcpu_map(fd);
	would_run = !vcpu_is_stopped(run);
	munmap(run, RUN_SIZE);
	faults_leave();
	return would_run;
}

int scripted_kvm_ioctl(int fd, unsigned long request, void *argument)
{
	struct kvm_create_device *device = argument;
	struct kvm_msr_list *list = argument;
	struct kvm_cpuid2 *cpuid = argument;
	struct kvm_xcrs *xcrs = argument;

	switch (request) {
	case KVM_GET_VCPU_MMAP_SIZE:
		return (int)RUN_SIZE;
	case KVM_CREATE_VM:
		return kvm_make_fd(0);
	case KVM_CREATE_VCPU:
		return kvm_make_fd((unsigned int)(uintptr_t)argument);
	case KVM_CREATE_DEVICE:
		device->fd = (uint32_t)kvm_make_fd(0);
		return 0;
	case KVM_GET_SUPPORTED_CPUID:
		cpuid->nent = 1;
		cpuid->entries[0] = (struct kvm_cpuid_entry2){
			.function = 0x80000008, .eax = 40};
		return 0;
	case KVM_GET_MSR_INDEX_LIST:
		list->nmsrs = 0;
		return 0;
	case KVM_GET_MSRS:
	case KVM_SET_MSRS:
		return (int)((struct kvm_msrs *)argument)->nmsrs;
	case KVM_GET_XCRS:
		xcrs->nr_xcrs = 1;
		return 0;
	case KVM_RUN:
		return vcpu_run(fd);
	case KVM_CHECK_EXTENSION:
		return VCPUS_MAX;
	default:
		return 0;
	}
}

#define REQUEST(name)                                                          \
	{                                                                      \
		name, #name                                                    \
	}

static const struct {
	unsigned long number;
	const char *name;
} requests[] = {
	REQUEST(KVM_CHECK_EXTENSION),
	REQUEST(KVM_CREATE_DEVICE),
	REQUEST(KVM_CREATE_IRQCHIP),
	REQUEST(KVM_CREATE_VCPU),
	REQUEST(KVM_CREATE_VM),
	REQUEST(KVM_GET_DEBUGREGS),
	REQUEST(KVM_GET_IRQCHIP),
	REQUEST(KVM_GET_LAPIC),
	REQUEST(KVM_GET_MP_STATE),
	REQUEST(KVM_GET_MSRS),
	REQUEST(KVM_GET_MSR_INDEX_LIST),
	REQUEST(KVM_GET_NESTED_STATE),
	REQUEST(KVM_GET_REGS),
	REQUEST(KVM_GET_SREGS),
	REQUEST(KVM_GET_SUPPORTED_CPUID),
	REQUEST(KVM_GET_VCPU_EVENTS),
	REQUEST(KVM_GET_VCPU_MMAP_SIZE),
	REQUEST(KVM_GET_XCRS),
	REQUEST(KVM_GET_XSAVE),
	REQUEST(KVM_IRQFD),
	REQUEST(KVM_IRQ_LINE),
	REQUEST(KVM_REGISTER_COALESCED_MMIO),
	REQUEST(KVM_RUN),
	REQUEST(KVM_SET_CPUID2),
	REQUEST(KVM_SET_DEBUGREGS),
	REQUEST(KVM_SET_DEVICE_ATTR),
	REQUEST(KVM_SET_GSI_ROUTING),
	REQUEST(KVM_SET_IRQCHIP),
	REQUEST(KVM_SET_LAPIC),
	REQUEST(KVM_SET_MP_STATE),
	REQUEST(KVM_SET_MSRS),
	REQUEST(KVM_SET_NESTED_STATE),
	REQUEST(KVM_SET_REGS),
	REQUEST(KVM_SET_SREGS),
	REQUEST(KVM_SET_TSC_KHZ),
	REQUEST(KVM_SET_TSS_ADDR),
	REQUEST(KVM_SET_USER_MEMORY_REGION),
	REQUEST(KVM_SET_VCPU_EVENTS),
	REQUEST(KVM_SET_XCRS),
	REQUEST(KVM_SET_XSAVE),
};

#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

const char *scripted_kvm_request(size_t n)
{
	return n < REQUESTS ? requests[n].name : NULL;
}

const char *scripted_kvm_name(int fd, unsigned long request)
{
	if (request == KVM_RUN && !vcpu_would_run(fd))
		return "KVM_RUN at a stop";
	for (size_t i = 0; i < REQUESTS; i++)
		if (requests[i].number == request)
			return requests[i].name;
	return "another request of KVM";
}
