// SPDX-License-Identifier: MIT
// A scripted KVM with a guest that accesses ports.
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
#define READS     64 /* steps whose values are kept */
#define SLOTS     64 /* memory slots */

static struct {
	const struct scripted_step *steps;
	size_t count;
	atomic_size_t done;
	int waits; /* eventfd: a vCPU waits */
	int ended; /* eventfd: the steps are done */
	bool others_fail;
	bool is_reading; /* the last step is a read that has not ended */
	uint32_t values[READS];
	bool slots[SLOTS];
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
	script.is_reading = false;
	memset(script.slots, 0, sizeof(script.slots));
}

void scripted_kvm_fail_others(void)
{
	script.others_fail = true;
}

size_t scripted_kvm_steps(void)
{
	return script.done;
}

uint32_t scripted_kvm_value(size_t step)
{
	return step < READS ? script.values[step] : 0;
}

unsigned int scripted_kvm_slots(void)
{
	unsigned int count = 0;

	for (size_t i = 0; i < SLOTS; i++)
		count += script.slots[i];
	return count;
}

/* One without a size is removed. */
static void script_set_slot(const struct kvm_userspace_memory_region *slot)
{
	if (slot->slot >= SLOTS)
		abort();
	script.slots[slot->slot] = slot->memory_size;
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
	if (step->before)
		step->before();
	run->exit_reason = KVM_EXIT_IO;
	run->io.direction = step->is_read ? KVM_EXIT_IO_IN : KVM_EXIT_IO_OUT;
	run->io.size = step->size;
	run->io.port = step->port;
	run->io.count = 1;
	run->io.data_offset = sizeof(*run);
	memcpy((char *)run + sizeof(*run), &step->value, step->size);
	script.is_reading = step->is_read;
	return 0;
}

/* What a read got is there when the vCPU is run again. */
static void vcpu_end_read(const struct kvm_run *run)
{
	size_t step = script.done - 1;

	if (!script.is_reading)
		return;
	script.is_reading = false;
	if (step < READS)
		memcpy(&script.values[step], (const char *)run + sizeof(*run),
		       run->io.size);
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

	vcpu_end_read(run);
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
	case KVM_SET_USER_MEMORY_REGION:
		script_set_slot(argument);
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
