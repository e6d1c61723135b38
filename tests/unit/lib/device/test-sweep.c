// SPDX-License-Identifier: MIT
// A device's life with each system call and each allocation failing in turn:
// nothing leaks, and the failure is recorded.

#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <lend/vectors.h>

#include "fixture.h"
#include "tests/unit/fake/entries.h"
#include "tests/unit/fake/failed.h"

/* The linker sends the library's allocations here. */
static struct {
	unsigned int calls;
	unsigned int fail_at; /* from 1; 0 for none */
} heap;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_reallocarray(void *p, size_t count, size_t size);
void *__wrap_reallocarray(void *p, size_t count, size_t size);

static bool heap_fails(void)
{
	heap.calls++;
	errno = ENOMEM;
	return heap.calls == heap.fail_at;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return heap_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_malloc(size_t size)
{
	return heap_fails() ? NULL : __real_malloc(size);
}

void *__wrap_reallocarray(void *p, size_t count, size_t size)
{
	return heap_fails() ? NULL : __real_reallocarray(p, count, size);
}

static unsigned int open_descriptors(void)
{
	unsigned int count = entries_count("/proc/self/fd");

	assert_int_not_equal(count, 0);
	return count;
}

/* What makes no record of a failure. */
static void sweep_expect(const struct fixture *f, int result, int expected)
{
	if (result != expected)
		assert_int_equal(result, -f->fake->fail_error);
}

/* An interrupt that comes; what fails is the wait, or the access. */
static int sweep_drive(struct fixture *f)
{
	struct lend_vectors **vectors = &f->vectors;
	int err = lend_vectors_new(f->device, LEND_VECTORS_ANY, 2, vectors);

	if (err)
		return err;
	if (eventfd_write(lend_vectors_fd(*vectors, 1), 1))
		fail();
	err = lend_vectors_wait(*vectors, 1, 0);
	sweep_expect(f, err, f->fake->fail_error == EAGAIN && !err ? 0 : 1);
	sweep_expect(f, lend_region_write(f->device, 0, 0x10, "", 1), 0);
	return 0;
}

/* What a virtual machine does with a device, to the first failure. */
static int sweep_use(struct fixture *f)
{
	int fds[40];
	int err;
	void *vaddr;

	for (int i = 0; i < 40; i++)
		fds[i] = 3 + i;
	err = lend_address_find_host(f->ctx, LEND_BUS_PCI, NAME, &f->address);
	if (!err)
		err = fixture_open(f);
	if (!err)
		err = lend_device_require(f->device, LEND_DEVICE_PCI);
	if (!err)
		err = lend_iommu_map(f->iommu, 0, (void *)0x10000, 0x10000,
				     LEND_DMA_READ);
	if (!err)
		err = lend_iommu_map(f->iommu, 0x100000, (void *)0x20000,
				     0x10000, LEND_DMA_WRITE);
	if (!err)
		err = lend_iommu_map_file(f->iommu, 0x200000, (void *)0x30000,
					  0x10000, LEND_DMA_READ, 5, 0);
	if (!err)
		err = lend_irq_set(f->device, LEND_PCI_IRQ_INTX, 0, 1, fds);
	if (!err)
		err = lend_irq_unmask_fd(f->device, LEND_PCI_IRQ_INTX, 0, 9);
	if (!err)
		err = lend_irq_disable(f->device, LEND_PCI_IRQ_INTX);
	if (!err)
		err = lend_irq_set(f->device, LEND_PCI_IRQ_MSIX, 0, 40, fds);
	if (!err)
		err = lend_region_map(f->device, 0, 0, 0x2000, &vaddr);
	if (!err)
		err = lend_region_map(f->device, 2, 0, 0x400000, &vaddr);
	if (!err)
		err = lend_device_reset(f->device);
	if (!err)
		err = lend_iommu_unmap(f->iommu, 0, 0x10000);
	if (!err)
		err = sweep_drive(f);
	return err;
}

static void give_back(struct fixture *f)
{
	lend_vectors_free(f->vectors);
	f->vectors = NULL;
	fixture_close(f);
	f->address = lend_address_unref(f->address);
}

/* What attaches a device to an iommufd: where that is not permitted, the
 * container may be. */
static bool sweep_is_of_iommufd(unsigned long request)
{
	return request == UAPI_IOAS_ALLOC || request == UAPI_IOAS_IOVA_RANGES ||
	       request == UAPI_DEVICE_ATTACH;
}

/* A round with one call failing; whether there was such a call. */
static bool round_with(struct fixture *f, unsigned int call, int failure)
{
	unsigned int before = open_descriptors();
	const struct fake_call *failed;
	unsigned int used;
	int err;

	lend_error_set(f->ctx, LEND_ERROR_NONE, 0, NULL, "nothing");
	fake_log_clear(f->fake);
	f->fake->fail_at = call;
	f->fake->fail_error = failure;
	err = sweep_use(f);
	used = f->fake->calls;
	give_back(f);
	assert_idle(f);
	assert_int_equal(open_descriptors(), before);
	if (call > f->fake->calls) {
		assert_int_equal(err, 0);
		return false;
	}
	failed = &f->fake->log[call - 1];
	if (err) {
		assert_int_equal(lend_ctx_error(f->ctx)->err, -err);
		assert_int_not_equal(lend_ctx_error(f->ctx)->code,
				     LEND_ERROR_NONE);
		assert_true(lend_ctx_error(f->ctx)->what[0]);
	} else if (call <= used && failed->op == FAKE_IOCTL) {
		/* These the library has another way for, or another try. */
		assert_true(failed->request == VFIO_CHECK_EXTENSION ||
			    failed->request == VFIO_SET_IOMMU ||
			    failed->request == UAPI_DEVICE_BIND ||
			    failed->request == VFIO_DEVICE_RESET ||
			    (failure == EPERM &&
			     sweep_is_of_iommufd(failed->request)) ||
			    failure == EINVAL);
	}
	return true;
}

/* Each kind of call that the sweep makes; fake-calls has the others. */
static void assert_each_kind_failed(const struct fixture *f)
{
	static const struct fake_failure all[] = {
		{FAKE_OPEN, 0},
		{FAKE_CLOSE, 0},
		{FAKE_READ, 0},
		{FAKE_PREAD, 0},
		{FAKE_PWRITE, 0},
		{FAKE_MAP, 0},
		{FAKE_UNMAP, 0},
		{FAKE_ADVISE, 0},
		{FAKE_EVENTFD, 0},
		{FAKE_POLL, 0},
		{FAKE_PATH, 0},
		{FAKE_IOCTL, VFIO_DEVICE_GET_INFO},
		{FAKE_IOCTL, VFIO_DEVICE_GET_REGION_INFO},
		{FAKE_IOCTL, VFIO_DEVICE_GET_IRQ_INFO},
		{FAKE_IOCTL, VFIO_DEVICE_SET_IRQS},
		{FAKE_IOCTL, VFIO_DEVICE_RESET},
	};
	static const struct fake_failure container[] = {
		{FAKE_IOCTL, VFIO_GET_API_VERSION},
		{FAKE_IOCTL, VFIO_CHECK_EXTENSION},
		{FAKE_IOCTL, VFIO_SET_IOMMU},
		{FAKE_IOCTL, VFIO_IOMMU_GET_INFO},
		{FAKE_IOCTL, VFIO_IOMMU_MAP_DMA},
		{FAKE_IOCTL, VFIO_IOMMU_UNMAP_DMA},
		{FAKE_IOCTL, VFIO_GROUP_GET_STATUS},
		{FAKE_IOCTL, VFIO_GROUP_SET_CONTAINER},
		{FAKE_IOCTL, VFIO_GROUP_UNSET_CONTAINER},
		{FAKE_IOCTL, VFIO_GROUP_GET_DEVICE_FD},
	};
	static const struct fake_failure iommufd[] = {
		{FAKE_FSTAT, 0},
		{FAKE_IOCTL, UAPI_DEVICE_BIND},
		{FAKE_IOCTL, UAPI_DEVICE_ATTACH},
		{FAKE_IOCTL, UAPI_DEVICE_DETACH},
		{FAKE_IOCTL, UAPI_IOAS_ALLOC},
		{FAKE_IOCTL, UAPI_IOAS_IOVA_RANGES},
		{FAKE_IOCTL, UAPI_IOAS_MAP},
		{FAKE_IOCTL, UAPI_IOAS_MAP_FILE},
		{FAKE_IOCTL, UAPI_IOAS_UNMAP},
		{FAKE_IOCTL, UAPI_IOMMU_DESTROY},
	};

	fake_assert_failed(f->fake, all, sizeof(all) / sizeof(all[0]));
	if (f->is_iommufd)
		fake_assert_failed(f->fake, iommufd,
				   sizeof(iommufd) / sizeof(iommufd[0]));
	else
		fake_assert_failed(f->fake, container,
				   sizeof(container) / sizeof(container[0]));
}

static void sweep_calls(struct fixture *f, int failure)
{
	unsigned int call = 1;

	f->address = lend_address_unref(f->address);
	while (round_with(f, call, failure))
		call++;
	print_message("%u calls failed in turn with %s\n", call - 1,
		      strerrorname_np(failure));
	assert_in_range(call, 50, 500);
	assert_each_kind_failed(f);
}

#define SWEEP(name, failure)                                                   \
	static void name(void **state)                                         \
	{                                                                      \
		sweep_calls(*state, failure);                                  \
	}

SWEEP(fails_with_eio, EIO)
SWEEP(fails_with_enomem, ENOMEM)
SWEEP(fails_with_eintr, EINTR)
SWEEP(fails_with_einval, EINVAL)
SWEEP(fails_with_enodev, ENODEV)
SWEEP(fails_with_eperm, EPERM)
SWEEP(fails_with_ebusy, EBUSY)
SWEEP(fails_with_eagain, EAGAIN)
SWEEP(fails_with_enospc, ENOSPC)
SWEEP(fails_with_enoent, ENOENT)

static void fails_to_allocate(void **state)
{
	struct fixture *f = *state;
	bool was_reached = true;
	unsigned int i = 0;
	int err;

	f->address = lend_address_unref(f->address);
	while (was_reached) {
		i++;
		lend_error_set(f->ctx, LEND_ERROR_NONE, 0, NULL, "nothing");
		heap.calls = 0;
		heap.fail_at = i;
		err = sweep_use(f);
		was_reached = heap.calls >= i;
		heap.fail_at = 0;
		assert_int_equal(err, was_reached ? -ENOMEM : 0);
		assert_int_equal(lend_ctx_error(f->ctx)->err, -err);
		assert_int_equal(lend_ctx_error(f->ctx)->code,
				 was_reached ? LEND_ERROR_MEMORY
					     : LEND_ERROR_NONE);
		give_back(f);
		assert_idle(f);
	}
	print_message("%u allocations failed in turn\n", i - 1);
	assert_in_range(i, 15, 200);
}

/* Whatever fails, a descriptor that was passed in stays open for the caller. */
static void passed_descriptors_survive(void **state)
{
	struct fixture *f = *state;
	unsigned int call = 0;
	int err, iommufd, fd;

	do {
		f->options.iommufd = iommufd = fake_iommufd_pass(f->fake);
		fd = fake_device_pass(f->nvme);
		fake_log_clear(f->fake);
		f->fake->fail_at = ++call;
		f->fake->fail_error = EIO;
		err = lend_iommu_new(f->ctx, &f->options, &f->iommu);
		if (err)
			fake_close_passed(f->fake, iommufd);
		else
			err = lend_device_open_fd(f->iommu, fd, NULL, NULL,
						  &f->device);
		f->fake->fail_at = 0;
		if (err) {
			fake_close_passed(f->fake, fd);
			assert_int_equal(err, -EIO);
		}
		fixture_close(f);
		assert_idle(f);
	} while (err);
	print_message("%u calls failed in turn\n", call - 1);
	assert_in_range(call, 15, 100);
}

static void a_thousand_rounds(void **state)
{
	struct fixture *f = *state;
	unsigned int before = open_descriptors();

	f->address = lend_address_unref(f->address);
	for (int i = 0; i < 1000; i++) {
		fake_log_clear(f->fake);
		assert_int_equal(sweep_use(f), 0);
		give_back(f);
	}
	assert_idle(f);
	assert_int_equal(open_descriptors(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BOTH(fails_with_eio),
		BOTH(fails_with_enomem),
		BOTH(fails_with_eintr),
		BOTH(fails_with_einval),
		BOTH(fails_with_enodev),
		BOTH(fails_with_eperm),
		BOTH(fails_with_ebusy),
		BOTH(fails_with_eagain),
		BOTH(fails_with_enospc),
		BOTH(fails_with_enoent),
		BOTH(fails_to_allocate),
		BOTH(a_thousand_rounds),
		TEST_IOMMUFD(passed_descriptors_survive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
