// SPDX-License-Identifier: MIT
// vCPUs that are kept out of the guest for a while, and let in again.
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>
#include <linux/kvm.h>

#include "tests/unit/vmm/context.h"
#include "vmm/base/bus.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"
#include "vmm/sandbox/sandbox.h"

#define RUN_SIZE (2 * 4096)
#define ADDRESS  0x1000
#define CPUS     2
#define PATIENCE 60 /* seconds, for all */

static struct {
	struct vm vm;
	struct vcpu_host host;
	struct vcpu vcpus[CPUS];
	struct vcpu_kick kick;
	struct bus mmio, pio;
	_Atomic unsigned int inside, entries, notices;
	_Atomic bool accesses; /* a guest that enters accesses its device */
	_Atomic int failure;
	sem_t reached, done; /* by the access, and for it */
} p;

/* KVM: the guest runs until it is kicked. */
static int pause_run(struct kvm_run *run)
{
	sigset_t kick, before;
	int err = EINTR;

	sigemptyset(&kick);
	sigaddset(&kick, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &kick, &before);
	if (!atomic_load((_Atomic uint8_t *)&run->immediate_exit)) {
		p.inside++;
		p.entries++;
		if (atomic_exchange(&p.accesses, false)) {
			run->exit_reason = KVM_EXIT_MMIO;
			run->mmio.phys_addr = ADDRESS;
			run->mmio.len = 4;
			err = 0;
		} else {
			ppoll(NULL, 0, NULL, &before);
		}
		p.inside--;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = err;
	return err ? -1 : 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
	(void)argument;
	if (request == KVM_RUN)
		return pause_run(p.vcpus[fd].run);
	if (request == KVM_KVMCLOCK_CTRL)
		p.notices++;
	errno = EINVAL;
	return -1;
}

static uint64_t pause_read(void *opaque, uint64_t offset, unsigned int size)
{
	(void)opaque;
	(void)offset;
	(void)size;
	sem_post(&p.reached);
	sem_wait(&p.done);
	return 0;
}

static void pause_write(void *opaque, uint64_t offset, unsigned int size,
			uint64_t value)
{
	(void)opaque;
	(void)offset;
	(void)size;
	(void)value;
}

static void pause_fail(void *opaque, int err)
{
	(void)opaque;
	p.failure = err;
}

static const struct bus_ops pause_ops = {pause_read, pause_write};

static int pause_setup(void **state)
{
	static const struct sandbox off;
	struct range page = {ADDRESS, 0x1000};
	sigset_t none;
	int err = context_setup(state);

	alarm(PATIENCE);
	memset(&p, 0, sizeof(p));
	sigemptyset(&none);
	sem_init(&p.reached, 0, 0);
	sem_init(&p.done, 0, 0);
	bus_init(&p.mmio);
	bus_init(&p.pio);
	assert_int_equal(bus_add(&p.mmio, page, &pause_ops, NULL), 0);
	p.host = (struct vcpu_host){
		.ctx = *state,
		.vm = &p.vm,
		.cpus = CPUS,
		.mmio = &p.mmio,
		.pio = &p.pio,
		.has_ids = true,
		.sandbox = &off,
		.fail = pause_fail,
	};
	vcpu_host_init(&p.host);
	assert_int_equal(vcpu_init_kick(&p.kick, *state, &none), 0);
	for (int i = 0; i < CPUS; i++) {
		p.vcpus[i] = (struct vcpu){.host = &p.host, .fd = i};
		p.vcpus[i].run = mmap(NULL, RUN_SIZE, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		assert_ptr_not_equal(p.vcpus[i].run, MAP_FAILED);
	}
	return err;
}

static int pause_teardown(void **state)
{
	p.host.stop = true;
	for (int i = 0; i < CPUS; i++) {
		vcpu_stop(&p.vcpus[i]);
		munmap(p.vcpus[i].run, RUN_SIZE);
	}
	assert_int_equal(p.failure, 0);
	vcpu_end_kick(&p.kick);
	vcpu_host_destroy(&p.host);
	bus_destroy(&p.mmio);
	bus_destroy(&p.pio);
	sem_destroy(&p.reached);
	sem_destroy(&p.done);
	alarm(0);
	return context_teardown(state);
}

static void pause_start(void)
{
	for (int i = 0; i < CPUS; i++)
		assert_int_equal(vcpu_start(&p.vcpus[i]), 0);
}

/* Waits until all are in the guest. */
static void pause_await_all(void)
{
	while (p.inside < CPUS)
		sched_yield();
}

static void a_pause_keeps_all_out_of_the_guest(void **state)
{
	unsigned int before;

	(void)state;
	pause_start();
	for (int i = 0; i < 50; i++) {
		pause_await_all();
		vcpu_pause_all(&p.host, p.vcpus, CPUS);
		assert_int_equal(p.inside, 0);
		before = p.entries;
		sched_yield();
		assert_int_equal(p.entries, before);
		vcpu_resume_all(&p.host);
	}
	pause_await_all();
	assert_true(p.notices > 0);
}

/* A pause is over before the vCPU has noticed it. */
static void short_pauses_leave_no_kick_behind(void **state)
{
	(void)state;
	pause_start();
	for (int i = 0; i < 200; i++) {
		vcpu_pause_all(&p.host, p.vcpus, CPUS);
		vcpu_resume_all(&p.host);
	}
	pause_await_all();
}

static void an_access_in_progress_delays_no_pause(void **state)
{
	(void)state;
	p.accesses = true;
	pause_start();
	sem_wait(&p.reached);
	vcpu_pause_all(&p.host, p.vcpus, CPUS);
	assert_int_equal(p.inside, 0);
	vcpu_resume_all(&p.host);
	sem_post(&p.done);
	pause_await_all();
}

static void a_paused_vcpu_is_stopped(void **state)
{
	(void)state;
	pause_start();
	vcpu_pause_all(&p.host, p.vcpus, CPUS);
	p.host.stop = true;
	for (int i = 0; i < CPUS; i++)
		vcpu_stop(&p.vcpus[i]);
	assert_false(p.vcpus[0].running);
	/* A guest that is reset stays paused. */
	p.host.stop = false;
	pause_start();
	sched_yield();
	assert_int_equal(p.inside, 0);
	vcpu_resume_all(&p.host);
	pause_await_all();
}

static void threads_have_their_ids_once_started(void **state)
{
	(void)state;
	pause_start();
	assert_true(p.vcpus[0].thread_id > 0);
	assert_true(p.vcpus[1].thread_id > 0);
	assert_int_not_equal(p.vcpus[0].thread_id, p.vcpus[1].thread_id);
	assert_int_not_equal(p.vcpus[0].thread_id, getpid());
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, pause_setup, pause_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_pause_keeps_all_out_of_the_guest),
		TEST(short_pauses_leave_no_kick_behind),
		TEST(an_access_in_progress_delays_no_pause),
		TEST(a_paused_vcpu_is_stopped),
		TEST(threads_have_their_ids_once_started),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
