// SPDX-License-Identifier: MIT
// RAM mapped while the guest starts: who waits for it, and what a failure
// leaves. liblend's part is a script.

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <linux/capability.h>
#include <cmocka.h>

#include <lend/iommu.h>

#include "vmm/assign/pci-ops.h"
#include "vmm/machine/internal.h"

#define MIB      UINT64_C(0x100000)
#define GIB      UINT64_C(0x40000000)
#define PATIENCE 30 /* seconds */

enum lend_backend __wrap_lend_iommu_backend(const struct lend_iommu *unused);
int __wrap_lend_iommu_map(struct lend_iommu *unused, uint64_t iova, void *vaddr,
			  uint64_t size, unsigned int flags);
bool __wrap_lend_pci_config_write(struct lend_pci *pci, unsigned int offset,
				  unsigned int size, uint32_t value);

static struct {
	enum lend_backend backend;
	int answer; /* of each mapping */
	bool slow;  /* mappings wait for @go */
	sem_t go, asked;
	_Atomic unsigned int maps;
	uint64_t bytes, next; /* mapped in all; the address behind the last */
	bool is_apart;        /* a mapping did not begin there */
	pthread_t mapper;
} iommu;

enum lend_backend __wrap_lend_iommu_backend(const struct lend_iommu *unused)
{
	(void)unused;
	return iommu.backend;
}

static struct machine machine;

static int iommu_fail(void)
{
	return lend_error_set(machine.ctx, LEND_ERROR_MEMLOCK, -iommu.answer,
			      NULL, "the limit is too low");
}

int __wrap_lend_iommu_map(struct lend_iommu *unused, uint64_t iova, void *vaddr,
			  uint64_t size, unsigned int flags)
{
	(void)unused;
	(void)vaddr;
	(void)flags;
	iommu.maps++;
	iommu.is_apart |= iova != iommu.next;
	iommu.next = iova + size;
	iommu.bytes += size;
	iommu.mapper = pthread_self();
	sem_post(&iommu.asked);
	if (iommu.slow)
		sem_wait(&iommu.go);
	return iommu.answer ? iommu_fail() : 0;
}

/* What this process may pin. */
static struct {
	rlim_t limit;
	uint32_t capabilities;
} rights;

/* As getrlimit() is called where files may be large. */
int __wrap_getrlimit64(int resource, struct rlimit *limit);
long __real_syscall(long number, ...);
long __wrap_syscall(long number, struct __user_cap_header_struct *header,
		    struct __user_cap_data_struct *caps);

int __wrap_getrlimit64(int resource, struct rlimit *limit)
{
	assert_int_equal(resource, RLIMIT_MEMLOCK);
	limit->rlim_cur = rights.limit;
	return 0;
}

/* liblend asks for the number of its thread. */
long __wrap_syscall(long number, struct __user_cap_header_struct *header,
		    struct __user_cap_data_struct *caps)
{
	if (number != SYS_capget)
		return __real_syscall(number, header, caps);
	assert_int_equal(header->version, _LINUX_CAPABILITY_VERSION_3);
	caps->effective = rights.capabilities;
	return 0;
}

/* Writes that reached the function. */
static _Atomic unsigned int writes;

bool __wrap_lend_pci_config_write(struct lend_pci *pci, unsigned int offset,
				  unsigned int size, uint32_t value)
{
	(void)pci;
	(void)offset;
	(void)size;
	(void)value;
	writes++;
	return false;
}

static const struct machine_device_ops patient = {.awaits_dma = true};
static const struct machine_device_ops impatient;

static struct machine_device devices[2];
static struct machine_device *list[] = {&devices[0], &devices[1]};

static int dma_test_setup(void **state)
{
	static char ram[2][4096];

	(void)state;
	machine = (struct machine){
		.iommu = (struct lend_iommu *)&iommu,
		.devices = list,
		.device_count = 2,
		.memory = {.backing.fd = -1, .count = 2},
		.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
	};
	for (unsigned int i = 0; i < 2; i++) {
		machine.memory.blocks[i] = (struct memory_block){
			.range = {i * MIB, 4096}, .vaddr = ram[i]};
		devices[i].ops = &patient;
	}
	rights.limit = RLIM_INFINITY;
	rights.capabilities = 0;
	iommu.backend = LEND_BACKEND_IOMMUFD;
	iommu.answer = 0;
	iommu.slow = false;
	iommu.maps = 0;
	iommu.bytes = iommu.next = 0;
	iommu.is_apart = false;
	sem_init(&iommu.go, 0, 0);
	sem_init(&iommu.asked, 0, 0);
	return machine.wake_fd < 0 || lend_ctx_new(NULL, &machine.ctx);
}

static int dma_test_teardown(void **state)
{
	(void)state;
	dma_stop(&machine.dma);
	lend_error_free(machine.failure_record);
	lend_ctx_unref(machine.ctx);
	close(machine.wake_fd);
	sem_destroy(&iommu.go);
	sem_destroy(&iommu.asked);
	return 0;
}

static void wait_for(sem_t *sem)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE;
	assert_int_equal(sem_timedwait(sem, &until), 0);
}

/* A vCPU whose guest begins to use a device. */
struct user {
	pthread_t thread;
	_Atomic bool is_through;
	int result;
};

static void *dma_test_use(void *opaque)
{
	struct user *user = opaque;

	user->result = dma_await(&machine.dma);
	user->is_through = true;
	return NULL;
}

static void start_slowly(struct user users[2])
{
	iommu.slow = true;
	assert_int_equal(machine_prepare_dma(&machine), 0);
	assert_int_equal(iommu.maps, 0);
	for (unsigned int i = 0; i < 2; i++) {
		users[i].is_through = false;
		assert_int_equal(pthread_create(&users[i].thread, NULL,
						dma_test_use, &users[i]),
				 0);
	}
	dma_start(&machine.dma);
	wait_for(&iommu.asked);
	assert_false(users[0].is_through);
	assert_false(users[1].is_through);
}

static void the_guest_starts_while_ram_is_mapped(void **state)
{
	struct user users[2];

	(void)state;
	start_slowly(users);
	assert_false(pthread_equal(iommu.mapper, pthread_self()));
	/* The first of two blocks; a waiter waits for both. */
	sem_post(&iommu.go);
	wait_for(&iommu.asked);
	assert_false(users[0].is_through);
	sem_post(&iommu.go);
	for (unsigned int i = 0; i < 2; i++) {
		pthread_join(users[i].thread, NULL);
		assert_int_equal(users[i].result, 0);
	}
	assert_int_equal(iommu.maps, 2);
	assert_int_equal(machine.failure, 0);
	assert_int_equal(dma_await(&machine.dma), 0);
}

static void a_failure_ends_the_run_and_lets_nobody_use_a_device(void **state)
{
	struct user users[2];

	(void)state;
	iommu.answer = -ENOMEM;
	start_slowly(users);
	sem_post(&iommu.go);
	for (unsigned int i = 0; i < 2; i++) {
		pthread_join(users[i].thread, NULL);
		assert_int_equal(users[i].result, -ENOMEM);
	}
	assert_int_equal(iommu.maps, 1);
	assert_int_equal(machine.failure, -ENOMEM);
	assert_int_equal(machine.event, MACHINE_EVENT_FAIL);
	assert_true(machine.vcpu_host.stop);
	/* The thread that mapped made the record. */
	assert_int_equal(lend_ctx_error(machine.ctx)->err, 0);
	assert_int_equal(machine_failure(&machine), -ENOMEM);
	assert_string_equal(lend_ctx_error(machine.ctx)->what,
			    "the limit is too low");
}

/* Nobody waits for more than a piece of much RAM. */
static void a_piece_ends_what_is_cancelled(void **state)
{
	(void)state;
	machine.memory.blocks[0].range.size = 40 * GIB;
	iommu.slow = true;
	assert_int_equal(machine_prepare_dma(&machine), 0);
	dma_start(&machine.dma);
	wait_for(&iommu.asked);
	dma_cancel(&machine.dma);
	sem_post(&iommu.go);
	dma_stop(&machine.dma);
	assert_int_equal(iommu.bytes, 16 * GIB);
	assert_int_equal(machine.failure, 0);
}

static void all_pieces_are_mapped(void **state)
{
	(void)state;
	devices[1].ops = &impatient;
	machine.memory.count = 1;
	machine.memory.blocks[0].range.size = 40 * GIB;
	assert_int_equal(machine_prepare_dma(&machine), 0);
	assert_false(iommu.is_apart);
	assert_int_equal(iommu.bytes, 40 * GIB);
}

#define COMMAND 0x04

static const struct {
	unsigned int offset, size;
	uint32_t value;
	bool uses; /* the device */
} config_writes[] = {
	{COMMAND, 1, 0x01, true},  /* ports */
	{COMMAND, 2, 0x02, true},  /* memory */
	{COMMAND, 4, 0x04, true},  /* bus master */
	{COMMAND, 2, 0x407, true}, /* and no INTx */
	{COMMAND, 2, 0x400, false},
	{COMMAND, 4, 0, false},
	{COMMAND + 1, 1, 0x07, false},
	{0x10, 4, 0xffffffff, false}, /* sizes a BAR */
	{0x3c, 1, 0x07, false},
};

#define CONFIG_WRITES (sizeof(config_writes) / sizeof(config_writes[0]))

static void *dma_test_write_config(void *opaque)
{
	size_t i = (size_t)(uintptr_t)opaque;
	struct assign_pci function = {.machine = &machine};

	assign_pci_config_write(&function, config_writes[i].offset,
				config_writes[i].size, config_writes[i].value);
	return NULL;
}

/* What only sets a device up goes through at once, or this test would hang. */
static void a_guest_that_begins_to_use_a_device_waits(void **state)
{
	pthread_t users[CONFIG_WRITES];
	unsigned int waiting = 0;

	(void)state;
	iommu.slow = true;
	writes = 0;
	assert_int_equal(machine_prepare_dma(&machine), 0);
	for (size_t i = 0; i < CONFIG_WRITES; i++) {
		waiting += config_writes[i].uses;
		pthread_create(&users[i], NULL, dma_test_write_config,
			       (void *)(uintptr_t)i);
		if (!config_writes[i].uses)
			pthread_join(users[i], NULL);
	}
	assert_int_equal(writes, CONFIG_WRITES - waiting);
	sem_post(&iommu.go);
	sem_post(&iommu.go);
	dma_start(&machine.dma);
	for (size_t i = 0; i < CONFIG_WRITES; i++)
		if (config_writes[i].uses)
			pthread_join(users[i], NULL);
	assert_int_equal(writes, CONFIG_WRITES);
}

static void a_guest_without_ram_for_dma_uses_no_device(void **state)
{
	(void)state;
	iommu.answer = -ENOMEM;
	writes = 0;
	assert_int_equal(machine_prepare_dma(&machine), 0);
	dma_start(&machine.dma);
	for (size_t i = 0; i < CONFIG_WRITES; i++) {
		unsigned int before = writes;

		dma_test_write_config((void *)(uintptr_t)i);
		assert_int_equal(writes - before, !config_writes[i].uses);
	}
}

/* A platform device may do DMA as soon as its registers are there. */
static void a_device_that_does_not_wait_has_ram_mapped_before(void **state)
{
	(void)state;
	devices[1].ops = &impatient;
	assert_int_equal(machine_prepare_dma(&machine), 0);
	assert_int_equal(iommu.maps, 2);
	assert_int_equal(dma_await(&machine.dma), 0);
	dma_start(&machine.dma);
	assert_int_equal(iommu.maps, 2);

	iommu.answer = -ENOMEM;
	assert_int_equal(machine_prepare_dma(&machine), -ENOMEM);
}

static void nothing_is_mapped_without_an_iommu(void **state)
{
	(void)state;
	machine.iommu = NULL;
	assert_int_equal(machine_prepare_dma(&machine), 0);
	dma_start(&machine.dma);
	assert_int_equal(dma_await(&machine.dma), 0);
	assert_int_equal(iommu.maps, 0);
}

/* Who may not pin so much hears it before the guest says anything. */
static void what_a_limit_may_forbid_is_mapped_before(void **state)
{
	static const struct {
		rlim_t limit;
		uint32_t capabilities;
		bool before;
	} cases[] = {
		{RLIM_INFINITY, 0, false},
		{MIB, 0, false},
		{MIB - 1, 0, true},
		{MIB - 1, ~(1u << CAP_IPC_LOCK), true},
		{0, 1u << CAP_IPC_LOCK, false},
	};

	(void)state;
	machine.memory.size = MIB;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		rights.limit = cases[i].limit;
		rights.capabilities = cases[i].capabilities;
		iommu.maps = 0;
		assert_int_equal(machine_prepare_dma(&machine), 0);
		assert_int_equal(iommu.maps, cases[i].before ? 2 : 0);
		dma_stop(&machine.dma);
	}
}

/* The end of a run waits for nothing but the one call the kernel is in. */
static void the_end_of_the_run_lets_go_of_all(void **state)
{
	struct user users[2];

	(void)state;
	start_slowly(users);
	dma_cancel(&machine.dma);
	for (unsigned int i = 0; i < 2; i++) {
		pthread_join(users[i].thread, NULL);
		assert_int_equal(users[i].result, -ECANCELED);
	}
	sem_post(&iommu.go);
	dma_stop(&machine.dma);
	assert_int_equal(iommu.maps, 1);
	assert_int_equal(machine.failure, 0);
	dma_cancel(&machine.dma);
}

/* A guest that resets or powers off does not wait until its RAM is mapped. */
static void vcpus_that_stop_are_let_go(void **state)
{
	struct user users[2];

	(void)state;
	start_slowly(users);
	dma_release(&machine.dma);
	for (unsigned int i = 0; i < 2; i++) {
		pthread_join(users[i].thread, NULL);
		assert_int_equal(users[i].result, -ECANCELED);
	}
	/* Started anew, they wait for what was never interrupted. */
	dma_hold(&machine.dma);
	for (unsigned int i = 0; i < 2; i++) {
		users[i].is_through = false;
		assert_int_equal(pthread_create(&users[i].thread, NULL,
						dma_test_use, &users[i]),
				 0);
	}
	sem_post(&iommu.go);
	wait_for(&iommu.asked);
	assert_false(users[0].is_through);
	sem_post(&iommu.go);
	for (unsigned int i = 0; i < 2; i++) {
		pthread_join(users[i].thread, NULL);
		assert_int_equal(users[i].result, 0);
	}
	assert_int_equal(iommu.maps, 2);
}

/* As after a failure of something else that was to start. */
static void what_never_started_is_taken_down(void **state)
{
	(void)state;
	assert_int_equal(machine_prepare_dma(&machine), 0);
	dma_stop(&machine.dma);
	assert_int_equal(iommu.maps, 0);
}

/* A run that ends at once waits for the kernel's answer before RAM goes. */
static void stopping_waits_for_the_mapping(void **state)
{
	(void)state;
	iommu.slow = true;
	sem_post(&iommu.go);
	sem_post(&iommu.go);
	assert_int_equal(machine_prepare_dma(&machine), 0);
	dma_start(&machine.dma);
	dma_stop(&machine.dma);
	assert_int_equal(iommu.maps, 2);
}

#define TEST(name)                                                             \
	cmocka_unit_test_setup_teardown(name, dma_test_setup, dma_test_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_guest_starts_while_ram_is_mapped),
		TEST(a_failure_ends_the_run_and_lets_nobody_use_a_device),
		TEST(a_piece_ends_what_is_cancelled),
		TEST(all_pieces_are_mapped),
		TEST(a_guest_that_begins_to_use_a_device_waits),
		TEST(a_guest_without_ram_for_dma_uses_no_device),
		TEST(a_device_that_does_not_wait_has_ram_mapped_before),
		TEST(nothing_is_mapped_without_an_iommu),
		TEST(what_a_limit_may_forbid_is_mapped_before),
		TEST(the_end_of_the_run_lets_go_of_all),
		TEST(vcpus_that_stop_are_let_go),
		TEST(what_never_started_is_taken_down),
		TEST(stopping_waits_for_the_mapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
