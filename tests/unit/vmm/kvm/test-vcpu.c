// SPDX-License-Identifier: MIT
// A vCPU's exits reach the bus and its host; what the guest cannot continue
// from is reported.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <cmocka.h>
#include <linux/kvm.h>

#include "tests/unit/vmm/context.h"
#include "vmm/base/bus.h"
#include "vmm/kvm/vcpu.h"
#include "vmm/kvm/vm.h"
#include "vmm/sandbox/sandbox.h"

#define RUN_SIZE  (3 * 4096) /* the third page: the ring of queued writes */
#define ANSWER    0x11223344
#define ADDRESS   0x1000
#define EXITS_MAX 4

static struct {
	struct kvm_run *run;
	struct vcpu_host host;
	struct vm vm;
	struct vcpu vcpu;
	struct bus mmio, pio;

	struct kvm_run exits[EXITS_MAX]; /* one after the other */
	int errors[EXITS_MAX];           /* of KVM_RUN, if not 0 */
	unsigned int count, done;

	unsigned int offs, resets;
	int failure;
	char why[256], evidence[256];
	uint64_t written[EXITS_MAX];
	unsigned int writes;
} t;

/* KVM: returns to the program with the next exit, and stops it after the
 * last. */
static int scripted_run(void)
{
	unsigned int i = t.done++;

	if (t.done >= t.count)
		atomic_store(&t.host.stop, true);
	if (i >= t.count || t.errors[i]) {
		errno = i >= t.count ? EINTR : t.errors[i];
		return -1;
	}
	memcpy(t.run, &t.exits[i], sizeof(t.exits[i]));
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *argument);
int __wrap_ioctl(int fd, unsigned long request, void *argument)
{
	(void)fd;
	switch (request) {
	case KVM_RUN:
		return scripted_run();
	case KVM_GET_REGS:
		*(struct kvm_regs *)argument = (struct kvm_regs){.rip = 0xabcd};
		return 0;
	case KVM_CHECK_EXTENSION:
		return 4;
	default:
		errno = EINVAL;
		return -1;
	}
}

static uint64_t vcpu_test_read(void *opaque, uint64_t offset, unsigned int size)
{
	(void)opaque;
	(void)offset;
	(void)size;
	return ANSWER;
}

static void vcpu_test_write(void *opaque, uint64_t offset, unsigned int size,
			    uint64_t value)
{
	(void)opaque;
	(void)offset;
	(void)size;
	t.written[t.writes++ % EXITS_MAX] = value;
}

static const struct bus_ops vcpu_test_ops = {vcpu_test_read, vcpu_test_write};

static void vcpu_test_off(void *opaque)
{
	(void)opaque;
	t.offs++;
}

static void vcpu_test_reset(void *opaque)
{
	(void)opaque;
	t.resets++;
}

/* On the vCPU's thread, which has the record. */
static void vcpu_test_fail(void *opaque, int err)
{
	const struct lend_error *e = lend_ctx_error(opaque);

	t.failure = err;
	snprintf(t.why, sizeof(t.why), "%s", e->what);
	snprintf(t.evidence, sizeof(t.evidence), "%s", e->evidence);
}

static int vcpu_test_setup(void **state)
{
	static const struct sandbox off;
	struct range page = {ADDRESS, 0x1000};
	int err = context_setup(state);

	memset(&t, 0, sizeof(t));
	t.run = mmap(NULL, RUN_SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(t.run, MAP_FAILED);
	bus_init(&t.mmio);
	bus_init(&t.pio);
	assert_int_equal(bus_add(&t.mmio, page, &vcpu_test_ops, NULL), 0);
	assert_int_equal(bus_add(&t.pio, page, &vcpu_test_ops, NULL), 0);
	t.host = (struct vcpu_host){
		.ctx = *state,
		.vm = &t.vm,
		.cpus = 1,
		.mmio = &t.mmio,
		.pio = &t.pio,
		.sandbox = &off,
		.queue_lock = PTHREAD_MUTEX_INITIALIZER,
		.off = vcpu_test_off,
		.reset = vcpu_test_reset,
		.fail = vcpu_test_fail,
		.opaque = *state,
	};
	t.vcpu = (struct vcpu){.host = &t.host, .fd = -1, .run = t.run};
	return err;
}

static int vcpu_test_teardown(void **state)
{
	bus_destroy(&t.mmio);
	bus_destroy(&t.pio);
	munmap(t.run, RUN_SIZE);
	return context_teardown(state);
}

/* Runs the guest until it has made its exits. */
static void guest_runs(unsigned int count)
{
	t.count = count;
	assert_int_equal(vcpu_start(&t.vcpu), 0);
	pthread_join(t.vcpu.thread, NULL);
	t.vcpu.running = false;
	assert_int_equal(t.done, count);
}

static void accesses_reach_the_bus(void **state)
{
	uint32_t value = 0;

	(void)state;
	t.exits[0] = (struct kvm_run){
		.exit_reason = KVM_EXIT_MMIO,
		.mmio = {.phys_addr = ADDRESS,
			 .data = {1, 2},
			 .len = 2,
			 .is_write = 1},
	};
	t.exits[1] = (struct kvm_run){
		.exit_reason = KVM_EXIT_MMIO,
		.mmio = {.phys_addr = ADDRESS, .len = 4},
	};
	guest_runs(2);
	assert_int_equal(t.writes, 1);
	assert_int_equal(t.written[0], 0x0201);
	memcpy(&value, t.run->mmio.data, sizeof(value));
	assert_int_equal(value, ANSWER);
	assert_int_equal(t.vcpu.exits[KVM_EXIT_MMIO], 2);
	assert_int_equal(t.failure, 0);
}

/* In their order, and before the exit's own write. */
static void queued_writes_come_first(void **state)
{
	struct kvm_coalesced_mmio_ring *ring =
		(void *)((char *)t.run + 2 * 4096);

	(void)state;
	t.vcpu.queued = ring;
	ring->coalesced_mmio[0] = (struct kvm_coalesced_mmio){
		.phys_addr = ADDRESS, .len = 1, .data = {7}};
	ring->coalesced_mmio[1] = (struct kvm_coalesced_mmio){
		.phys_addr = ADDRESS, .len = 1, .data = {8}, .pio = 1};
	/* More bytes than there are: from a KVM that cannot be. */
	ring->coalesced_mmio[2] =
		(struct kvm_coalesced_mmio){.phys_addr = ADDRESS, .len = 99};
	ring->last = 3;
	t.exits[0] = (struct kvm_run){
		.exit_reason = KVM_EXIT_MMIO,
		.mmio = {.phys_addr = ADDRESS,
			 .data = {9},
			 .len = 1,
			 .is_write = 1},
	};
	guest_runs(1);
	assert_int_equal(t.writes, 3);
	assert_int_equal(t.written[0], 7);
	assert_int_equal(t.written[1], 8);
	assert_int_equal(t.written[2], 9);
	assert_int_equal(ring->first, 3);
}

static void queued_writes_are_discarded_at_a_reset(void **state)
{
	struct kvm_coalesced_mmio_ring *ring =
		(void *)((char *)t.run + 2 * 4096);

	(void)state;
	t.vcpu.queued = ring;
	ring->last = 5;
	vcpu_end_access(&t.vcpu);
	assert_int_equal(ring->first, 5);
	assert_int_equal(t.run->immediate_exit, 1);
	assert_int_equal(t.writes, 0);
}

static void events_reach_the_host(void **state)
{
	(void)state;
	t.exits[0] = (struct kvm_run){
		.exit_reason = KVM_EXIT_SYSTEM_EVENT,
		.system_event.type = KVM_SYSTEM_EVENT_SHUTDOWN,
	};
	t.exits[1] = (struct kvm_run){
		.exit_reason = KVM_EXIT_SYSTEM_EVENT,
		.system_event.type = KVM_SYSTEM_EVENT_RESET,
	};
	t.exits[2] = (struct kvm_run){.exit_reason = KVM_EXIT_INTR};
	t.errors[3] = EAGAIN;
	guest_runs(4);
	assert_int_equal(t.offs, 1);
	assert_int_equal(t.resets, 1);
	assert_int_equal(t.failure, 0);
}

/* The run fails with @words. */
static void fails_with(const char *words)
{
	guest_runs(1);
	assert_true(t.failure < 0);
	assert_non_null(strstr(t.why, words));
}

static void an_instruction_that_cannot_be_emulated_is_reported(void **state)
{
	(void)state;
	t.exits[0] = (struct kvm_run){
		.exit_reason = KVM_EXIT_INTERNAL_ERROR,
		.internal.suberror = KVM_INTERNAL_ERROR_EMULATION,
	};
	fails_with("vCPU 0: KVM cannot emulate the guest's instruction");
	assert_non_null(strstr(t.evidence, "RIP 0xabcd"));
}

static void a_failed_entry_is_reported(void **state)
{
	(void)state;
	t.exits[0] = (struct kvm_run){
		.exit_reason = KVM_EXIT_FAIL_ENTRY,
		.fail_entry.hardware_entry_failure_reason = 0x21,
	};
	fails_with("failed to enter the guest (reason 0x21)");
}

static void an_unknown_exit_is_reported(void **state)
{
	(void)state;
	t.exits[0] = (struct kvm_run){.exit_reason = 0x7fffffff};
	fails_with("unexpected exit 2147483647 from KVM");
}

static void a_failing_kvm_is_reported(void **state)
{
	(void)state;
	t.errors[0] = EFAULT;
	fails_with("KVM_RUN");
	assert_int_equal(t.failure, -EFAULT);
}

static void memory_that_is_gone_is_reported(void **state)
{
	(void)state;
	t.errors[0] = EFAULT;
	fails_with("KVM_RUN: Bad address");
	assert_non_null(strstr(t.evidence, "memory whose pages are gone"));
	assert_non_null(strstr(t.evidence, "RIP 0xabcd"));
}

static void more_vcpus_than_kvm_has_are_named(void **state)
{
	struct vcpu vcpu;

	t.vm.fd = t.vm.run_size = 0;
	assert_true(vcpu_open(&vcpu, &t.host, 4) < 0);
	assert_true(context_says(*state, "supports at most 4 vCPUs"));
	assert_true(context_says(*state, "use -smp 4 or less"));
	assert_true(vcpu_open(&vcpu, &t.host, 3) < 0);
	assert_true(context_says(*state, "KVM_CREATE_VCPU"));
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, vcpu_test_setup, vcpu_test_teardown)
	const struct CMUnitTest tests[] = {
		TEST(accesses_reach_the_bus),
		TEST(queued_writes_come_first),
		TEST(queued_writes_are_discarded_at_a_reset),
		TEST(events_reach_the_host),
		TEST(an_instruction_that_cannot_be_emulated_is_reported),
		TEST(a_failed_entry_is_reported),
		TEST(an_unknown_exit_is_reported),
		TEST(a_failing_kvm_is_reported),
		TEST(memory_that_is_gone_is_reported),
		TEST(more_vcpus_than_kvm_has_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
