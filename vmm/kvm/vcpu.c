// SPDX-License-Identifier: MIT
// A vCPU: its thread, its run loop and its stop.
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/kvm.h>

#include <lend/error.h>

#include "vmm/arch.h"
#include "vmm/base/bus.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"
#include "vmm/sandbox/sandbox.h"

#define KICK_SIGNAL SIGUSR1
#define STACK_SIZE  (128 * 1024)
#define PAGE        4096
#define PARTS_MAX   64 /* outstanding fragments of one access */
/* KVM sizes the ring to fill its page. */
#define QUEUE_MAX                                                              \
	((PAGE - sizeof(struct kvm_coalesced_mmio_ring)) /                     \
	 sizeof(struct kvm_coalesced_mmio))

static const char *const exit_names[VCPU_EXIT_KINDS] = {
	[KVM_EXIT_UNKNOWN] = "unknown",
	[KVM_EXIT_IO] = "io",
	[KVM_EXIT_HLT] = "hlt",
	[KVM_EXIT_MMIO] = "mmio",
	[KVM_EXIT_SHUTDOWN] = "shutdown",
	[KVM_EXIT_FAIL_ENTRY] = "fail-entry",
	[KVM_EXIT_INTR] = "intr",
	[KVM_EXIT_INTERNAL_ERROR] = "internal-error",
	[KVM_EXIT_SYSTEM_EVENT] = "system-event",
	[KVM_EXIT_IOAPIC_EOI] = "ioapic-eoi",
	[KVM_EXIT_ARM_NISV] = "undecoded",
};

const char *vcpu_exit_name(unsigned int kind)
{
	return kind < VCPU_EXIT_KINDS ? exit_names[kind] : NULL;
}

int vcpu_error(const struct vcpu *vcpu, const char *call)
{
	int err = errno;

	return lend_error_set(vcpu->host->ctx, LEND_ERROR_SYSTEM, err, NULL,
			      "vCPU %u: %s: %s", vcpu->index, call,
			      strerror(err));
}

/* The likely cause is more vCPUs than KVM supports. */
static int create_error(const struct vcpu *vcpu)
{
	struct lend_ctx *ctx = vcpu->host->ctx;
	int err = vcpu_error(vcpu, "KVM_CREATE_VCPU");
	int limit = ioctl(vcpu->host->vm->fd, KVM_CHECK_EXTENSION,
			  KVM_CAP_MAX_VCPUS);

	if (limit <= 0 || vcpu->index < (unsigned int)limit)
		return err;
	lend_error_set(ctx, LEND_ERROR_LIMIT, EINVAL, NULL,
		       "KVM on this host supports at most %d vCPUs", limit);
	return lend_error_remedy(ctx, "use -smp %d or less", limit);
}

int vcpu_open(struct vcpu *vcpu, struct vcpu_host *host, unsigned int index)
{
	size_t size = (size_t)host->vm->run_size;
	int err;

	*vcpu = (struct vcpu){.host = host, .index = index, .fd = -1};
	vcpu->fd = ioctl(host->vm->fd, KVM_CREATE_VCPU, index);
	if (vcpu->fd < 0)
		return create_error(vcpu);
	vcpu->run = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			 vcpu->fd, 0);
	if (vcpu->run == MAP_FAILED) {
		vcpu->run = NULL;
		err = vcpu_error(vcpu, "mmap");
	} else {
		err = arch_vcpu_open(vcpu);
	}
	if (!err && host->queue_page)
		vcpu->queued = (void *)((char *)vcpu->run +
					(size_t)host->queue_page * PAGE);
	if (err)
		vcpu_close(vcpu);
	return err;
}

void vcpu_close(struct vcpu *vcpu)
{
	if (vcpu->run)
		munmap(vcpu->run, (size_t)vcpu->host->vm->run_size);
	if (vcpu->fd >= 0)
		close(vcpu->fd);
	vcpu->run = NULL;
	vcpu->fd = -1;
}

static void memory_io(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;

	if (run->mmio.is_write)
		bus_write(vcpu->host->mmio, run->mmio.phys_addr, run->mmio.data,
			  run->mmio.len);
	else
		bus_read(vcpu->host->mmio, run->mmio.phys_addr, run->mmio.data,
			 run->mmio.len);
}

/*
 * The kernel's headers do not use _Atomic, but KVM updates these indexes
 * concurrently.
 */
static uint32_t ring_index(const uint32_t *index)
{
	return atomic_load_explicit((const _Atomic uint32_t *)index,
				    memory_order_acquire);
}

static void ring_set_index(uint32_t *index, uint32_t value)
{
	atomic_store_explicit((_Atomic uint32_t *)index, value,
			      memory_order_release);
}

/*
 * Coalesced writes, which KVM queued without an exit, come first. The ring
 * belongs to the VM; every vCPU maps the same one.
 */
static void drain_queued(struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;
	struct kvm_coalesced_mmio_ring *ring = vcpu->queued;
	uint32_t first;

	if (!ring || ring_index(&ring->last) == ring_index(&ring->first))
		return;
	pthread_mutex_lock(&host->queue_lock);
	first = ring->first;
	while (first != ring_index(&ring->last) && first < QUEUE_MAX) {
		const struct kvm_coalesced_mmio *write =
			&ring->coalesced_mmio[first];

		if (write->len <= sizeof(write->data))
			bus_write(write->pio ? host->pio : host->mmio,
				  write->phys_addr, write->data, write->len);
		first = (first + 1) % QUEUE_MAX;
		ring_set_index(&ring->first, first);
	}
	pthread_mutex_unlock(&host->queue_lock);
}

/* Record an exit that the guest cannot continue from. */
static int cannot_go_on(const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct lend_ctx *ctx = vcpu->host->ctx;
	int err;

	switch (run->exit_reason) {
	case KVM_EXIT_INTERNAL_ERROR:
		err = lend_error_set(ctx, LEND_ERROR_GUEST, EIO, NULL,
				     "vCPU %u: KVM cannot emulate the guest's "
				     "instruction (suberror %u)",
				     vcpu->index, run->internal.suberror);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		err = lend_error_set(
			ctx, LEND_ERROR_GUEST, EIO, NULL,
			"vCPU %u: the processor failed to enter the guest "
			"(reason %#llx)",
			vcpu->index,
			run->fail_entry.hardware_entry_failure_reason);
		break;
	default:
		err = lend_error_set(ctx, LEND_ERROR_GUEST, EIO, NULL,
				     "vCPU %u: unexpected exit %u from KVM",
				     vcpu->index, run->exit_reason);
		break;
	}
	arch_vcpu_explain(vcpu, 0);
	return err;
}

static void system_event(struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;

	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		host->off(host->opaque);
		break;
	default: /* a crash or a reset */
		host->reset(host->opaque);
		break;
	}
}

/* Returns 0 to continue, or a recorded error. */
static int handle_exit(struct vcpu *vcpu)
{
	uint32_t reason = vcpu->run->exit_reason;

	if (reason < VCPU_EXIT_KINDS)
		vcpu->exits[reason]++;
	drain_queued(vcpu);
	switch (reason) {
	case KVM_EXIT_MMIO:
		memory_io(vcpu);
		return 0;
	case KVM_EXIT_INTR:
		return 0;
	case KVM_EXIT_SYSTEM_EVENT:
		system_event(vcpu);
		return 0;
	default:
		return arch_vcpu_exit(vcpu) ? 0 : cannot_go_on(vcpu);
	}
}

/* KVM does not report the guest's address. */
static void vcpu_explain_memory(const struct vcpu *vcpu)
{
	struct lend_ctx *ctx = vcpu->host->ctx;

	lend_error_evidence(ctx,
			    "the guest accessed memory whose pages are gone: a "
			    "BAR of a device that another process disabled, or "
			    "RAM in a file that became smaller");
	lend_error_remedy(ctx, "leave the guest's devices and the files in the "
			       "directory of -mem-path to lend run");
}

/* A pause waits for those that are inside. */
static void vcpu_leave(struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;

	vcpu->is_inside = false;
	if (!host->is_paused)
		return;
	pthread_mutex_lock(&host->pause_lock);
	pthread_cond_broadcast(&host->pause_changed);
	pthread_mutex_unlock(&host->pause_lock);
}

/* The guest's clock went on meanwhile: a kernel that learns of the pause does
 * not take that for a hang. Where there is no such clock, KVM refuses. */
static void vcpu_park(struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;

	pthread_mutex_lock(&host->pause_lock);
	while (host->is_paused && !host->stop)
		pthread_cond_wait(&host->pause_changed, &host->pause_lock);
	pthread_mutex_unlock(&host->pause_lock);
	ioctl(vcpu->fd, KVM_KVMCLOCK_CTRL);
}

/* A flag that is set after it was read here comes with immediate_exit. */
static bool vcpu_may_enter(struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;

	for (;;) {
		vcpu->is_inside = true;
		if (!host->stop && !host->is_paused)
			return true;
		vcpu_leave(vcpu);
		if (host->stop)
			return false;
		vcpu_park(vcpu);
	}
}

static int vcpu_enter_guest(struct vcpu *vcpu)
{
	int result = ioctl(vcpu->fd, KVM_RUN, 0);
	int err = errno;

	vcpu_leave(vcpu);
	if (!result)
		return handle_exit(vcpu);
	/* Of a pause that may be over. Whoever stops a vCPU sets a flag first,
	 * which is read again. */
	if (err == EINTR)
		atomic_store((_Atomic uint8_t *)&vcpu->run->immediate_exit, 0);
	/* EAGAIN: another vCPU has just started this one. */
	if (err == EINTR || err == EAGAIN)
		return 0;
	errno = err;
	err = vcpu_error(vcpu, "KVM_RUN");
	if (err == -EFAULT)
		vcpu_explain_memory(vcpu);
	arch_vcpu_explain(vcpu, -err);
	return err;
}

static void vcpu_note_id(struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;

	pthread_mutex_lock(&host->pause_lock);
	vcpu->thread_id = gettid();
	pthread_cond_broadcast(&host->pause_changed);
	pthread_mutex_unlock(&host->pause_lock);
}

/* A client that pins threads never sees one without its ID. */
static void vcpu_await_id(struct vcpu *vcpu)
{
	struct vcpu_host *host = vcpu->host;

	pthread_mutex_lock(&host->pause_lock);
	while (!vcpu->thread_id)
		pthread_cond_wait(&host->pause_changed, &host->pause_lock);
	pthread_mutex_unlock(&host->pause_lock);
}

static void *run_thread(void *opaque)
{
	struct vcpu *vcpu = opaque;
	struct vcpu_host *host = vcpu->host;
	int err;

	if (host->has_ids)
		vcpu_note_id(vcpu);
	err = sandbox_enter_vcpu(host->sandbox, host->ctx);
	while (!err && vcpu_may_enter(vcpu))
		err = vcpu_enter_guest(vcpu);
	if (err)
		host->fail(host->opaque, err);
	return NULL;
}

int vcpu_start(struct vcpu *vcpu)
{
	pthread_attr_t attr;
	int err;

	vcpu->run->immediate_exit = 0;
	memset(vcpu->exits, 0, sizeof(vcpu->exits));
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	err = pthread_create(&vcpu->thread, &attr, run_thread, vcpu);
	pthread_attr_destroy(&attr);
	if (err)
		return lend_error_set(vcpu->host->ctx, LEND_ERROR_SYSTEM, err,
				      NULL, "start the thread of vCPU %u: %s",
				      vcpu->index, strerror(err));
	vcpu->running = true;
	if (vcpu->host->has_ids)
		vcpu_await_id(vcpu);
	return 0;
}

/* Make KVM_RUN return before it enters the guest. */
static void vcpu_stop_entering(struct vcpu *vcpu)
{
	atomic_store_explicit((_Atomic uint8_t *)&vcpu->run->immediate_exit, 1,
			      memory_order_release);
}

static void vcpu_wake_parked(struct vcpu_host *host)
{
	pthread_mutex_lock(&host->pause_lock);
	pthread_cond_broadcast(&host->pause_changed);
	pthread_mutex_unlock(&host->pause_lock);
}

void vcpu_stop(struct vcpu *vcpu)
{
	if (!vcpu->running)
		return;
	vcpu_stop_entering(vcpu);
	pthread_kill(vcpu->thread, KICK_SIGNAL);
	vcpu_wake_parked(vcpu->host);
	pthread_join(vcpu->thread, NULL);
	vcpu->running = false;
	vcpu->thread_id = 0;
}

void vcpu_pause_all(struct vcpu_host *host, struct vcpu *vcpus,
		    unsigned int count)
{
	host->is_paused = true;
	for (unsigned int i = 0; i < count; i++) {
		if (!vcpus[i].running)
			continue;
		vcpu_stop_entering(&vcpus[i]);
		pthread_kill(vcpus[i].thread, KICK_SIGNAL);
	}
	pthread_mutex_lock(&host->pause_lock);
	for (unsigned int i = 0; i < count; i++)
		while (vcpus[i].is_inside)
			pthread_cond_wait(&host->pause_changed,
					  &host->pause_lock);
	pthread_mutex_unlock(&host->pause_lock);
}

void vcpu_resume_all(struct vcpu_host *host)
{
	host->is_paused = false;
	vcpu_wake_parked(host);
}

void vcpu_host_init(struct vcpu_host *host)
{
	pthread_mutex_init(&host->queue_lock, NULL);
	pthread_mutex_init(&host->pause_lock, NULL);
	pthread_cond_init(&host->pause_changed, NULL);
}

void vcpu_host_destroy(struct vcpu_host *host)
{
	pthread_mutex_destroy(&host->queue_lock);
	pthread_mutex_destroy(&host->pause_lock);
	pthread_cond_destroy(&host->pause_changed);
}

/*
 * With immediate_exit, KVM_RUN completes the access and executes nothing else.
 */
void vcpu_end_access(struct vcpu *vcpu)
{
	struct kvm_coalesced_mmio_ring *ring = vcpu->queued;

	vcpu_stop_entering(vcpu);
	for (int i = 0; i < PARTS_MAX && !ioctl(vcpu->fd, KVM_RUN, 0); i++)
		;
	if (ring)
		ring_set_index(&ring->first, ring_index(&ring->last));
}

static void on_kick(int number)
{
	(void)number; /* its only purpose is to interrupt KVM_RUN */
}

int vcpu_init_kick(struct vcpu_kick *kick, struct lend_ctx *ctx,
		   const sigset_t *blocked)
{
	struct sigaction action = {.sa_handler = on_kick};
	sigset_t number;
	int err;

	if (sigismember(blocked, KICK_SIGNAL)) {
		sigemptyset(&number);
		sigaddset(&number, KICK_SIGNAL);
		pthread_sigmask(SIG_UNBLOCK, &number, NULL);
	}
	kick->is_set = sigaction(KICK_SIGNAL, &action, &kick->before) == 0;
	if (kick->is_set)
		return 0;
	err = errno;
	return lend_error_set(ctx, LEND_ERROR_SYSTEM, err, NULL,
			      "sigaction: %s", strerror(err));
}

void vcpu_end_kick(struct vcpu_kick *kick)
{
	if (kick->is_set)
		sigaction(KICK_SIGNAL, &kick->before, NULL);
	kick->is_set = false;
}
