/* SPDX-License-Identifier: MIT */
/* A vCPU: its thread, its run loop and its stop. */
#ifndef VMM_KVM_VCPU_H
#define VMM_KVM_VCPU_H

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct arch;
struct bus;
struct kvm_coalesced_mmio_ring;
struct kvm_run;
struct lend_ctx;
struct vm;

#define VCPU_EXIT_KINDS 48 /* KVM_EXIT_* that are counted, by number */

/* State shared by all vCPUs of a machine. Callbacks run on a vCPU's thread. */
struct vcpu_host {
	struct lend_ctx *ctx;
	const struct vm *vm;
	struct arch *arch;
	unsigned int cpus;
	struct bus *mmio;
	struct bus *pio;
	_Atomic bool stop;      /* no vCPU may enter the guest */
	_Atomic bool is_paused; /* the same, until vcpu_resume_all() */
	bool has_ids;           /* vCPUs note the IDs of their threads */
	pthread_mutex_t pause_lock;
	pthread_cond_t pause_changed;  /* a vCPU left the guest, or may enter */
	const struct sandbox *sandbox; /* of the threads; borrowed */
	int queue_page; /* of vCPU mappings: the coalesced ring; 0: none */
	pthread_mutex_t queue_lock;
	void (*off)(void *opaque);
	void (*reset)(void *opaque);
	void (*fail)(void *opaque, int err); /* err < 0, recorded */
	void *opaque;
};

struct vcpu {
	struct vcpu_host *host; /* borrowed */
	unsigned int index;
	int fd;
	struct kvm_run *run;
	struct kvm_coalesced_mmio_ring *queued; /* in @run's mapping */
	pthread_t thread;
	bool running;                    /* @thread must be joined */
	_Atomic int thread_id;           /* with host->has_ids; or 0 */
	_Atomic bool is_inside;          /* in the guest, or about to enter */
	uint64_t exits[VCPU_EXIT_KINDS]; /* written by the thread only */
};

/*
 * Create vCPU @index. On failure the error is recorded and @vcpu needs no
 * vcpu_close().
 */
int vcpu_open(struct vcpu *vcpu, struct vcpu_host *host, unsigned int index);
void vcpu_close(struct vcpu *vcpu);

/* Initialize what a pause requires of @host, and release it. */
void vcpu_host_init(struct vcpu_host *host);
void vcpu_host_destroy(struct vcpu_host *host);

/* Start the thread, again after vcpu_stop(); 0 or a recorded error. */
int vcpu_start(struct vcpu *vcpu);

/*
 * Kick the vCPU out of the guest and wait for its thread to end. host->stop
 * must be set. No kick is lost: the thread sees either the flag or
 * immediate_exit before it enters the guest again.
 */
void vcpu_stop(struct vcpu *vcpu);

/*
 * Keep all @count vCPUs out of the guest, with their threads waiting: when
 * vcpu_pause_all() returns, none is in the guest. One that completes an access
 * of the guest to a device goes on with that, and waits then. From the main
 * loop; vcpu_stop() ends a thread that waits.
 */
void vcpu_pause_all(struct vcpu_host *host, struct vcpu *vcpus,
		    unsigned int count);
void vcpu_resume_all(struct vcpu_host *host);

/*
 * Complete the access that a stopped vCPU exited for. KVM does so at the next
 * KVM_RUN: it writes the register and skips the instruction. This must happen
 * before the vCPU's registers are changed. Writes queued for devices are
 * discarded.
 */
void vcpu_end_access(struct vcpu *vcpu);

/* Record that @call failed on this vCPU, with its errno. Returns -errno. */
int vcpu_error(const struct vcpu *vcpu, const char *call);

/* What the process did with the signal that vcpu_stop() sends. */
struct vcpu_kick {
	bool is_set;
	struct sigaction before;
};

/*
 * Install the handler of the signal that vcpu_stop() sends, and unblock it if
 * @blocked, the signal mask of the thread, contains it. vcpu_end_kick(), with
 * all vCPUs stopped, restores the action that the process had.
 */
int vcpu_init_kick(struct vcpu_kick *kick, struct lend_ctx *ctx,
		   const sigset_t *blocked);
void vcpu_end_kick(struct vcpu_kick *kick);

/* Name of an exit kind, such as "mmio"; NULL for those without a name. */
const char *vcpu_exit_name(unsigned int kind);

#endif
