// SPDX-License-Identifier: MIT
// A client drives a device of the scripted kernel through an export, and the
// device is as before when it has left.

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>
#include <linux/pci_regs.h>

#include <lend/export.h>

#include "tests/unit/fake/failed.h"
#include "tests/unit/lib/device/fixture.h"
#include "tests/unit/lib/server/peer.h"

#define PAGE  4096
#define FDS   (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER)
#define CLEAR (VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_UNMASK)

struct export_test {
	struct fixture *f;
	struct lend_export *export;
	struct lend_server *server;
	int listening;
	int client;
	struct peer_reply reply;
};

/* Returns what lend_server_handle() did. */
static int export_try(struct export_test *test)
{
	struct pollfd fds[LEND_SERVER_POLL];
	unsigned int count;
	int timeout, err = 0;

	for (unsigned int i = 0; !err && i < 16; i++) {
		count = lend_server_poll(test->server, fds, &timeout);
		if (!poll(fds, count, 0))
			break;
		err = lend_server_handle(test->server, fds);
	}
	return err;
}

static void export_run(struct export_test *test)
{
	assert_int_equal(export_try(test), 0);
}

static int exported_ask(struct export_test *test, uint16_t command,
			const void *payload, size_t size, const int *fds,
			unsigned int count)
{
	assert_true(
		peer_send(test->client, command, 0, payload, size, fds, count));
	export_run(test);
	if (!peer_receive(test->client, &test->reply))
		fail_msg("no reply to %u: %s", command, test->f->warning);
	return (int)test->reply.header.err;
}

static void exported_connect(struct export_test *test)
{
	test->client = peer_connect(test->listening);
	assert_int_equal(
		exported_ask(test, USER_VERSION, "\0\0\0\0", 4, NULL, 0), 0);
}

static void exported_leave(struct export_test *test)
{
	close(test->client);
	test->client = -1;
	export_run(test);
	assert_false(lend_server_has_client(test->server));
}

/* The configuration space of an NVMe controller with PM, MSI-X and AER. */
static void fill_config(struct fake_device *device)
{
	uint8_t *config = device->regions[LEND_PCI_REGION_CONFIG].bytes;

	memset(config, 0, PAGE);
	memcpy(config, "\x86\x80\x45\x58", 4);
	config[PCI_STATUS] = PCI_STATUS_CAP_LIST;
	config[PCI_CLASS_DEVICE] = 8;
	config[PCI_CLASS_DEVICE + 1] = 1;
	config[PCI_BASE_ADDRESS_0] = PCI_BASE_ADDRESS_MEM_TYPE_64;
	config[PCI_CAPABILITY_LIST] = 0x40;
	config[0x40] = PCI_CAP_ID_PM;
	config[0x41] = 0x50;
	config[0x50] = PCI_CAP_ID_EXP;
	config[0x52] = 2;
	config[0x100] = PCI_EXT_CAP_ID_ERR;
	config[0x102] = 1;
}

static int export_open(struct export_test *test)
{
	struct lend_export_options options = {.size = sizeof(options),
					      .map = true};
	int err = fixture_open(test->f);

	if (err)
		return err;
	test->listening = fake_fd_give(test->f->fake, peer_listen());
	options.fd = test->listening;
	err = lend_export_new(test->f->device, &options, &test->export);
	if (!err)
		test->server = lend_export_server(test->export);
	return err;
}

static int export_setup(void **state)
{
	static struct export_test test;
	int err = fixture_setup(state);

	test = (struct export_test){.f = *state, .client = -1};
	*state = &test;
	if (err)
		return err;
	fill_config(test.f->nvme);
	test.f->nvme->regions[2].size = 0;
	test.f->nvme->irqs[LEND_PCI_IRQ_MSI].count = 0;
	test.f->nvme->irqs[LEND_PCI_IRQ_MSIX].count = 0;
	fake_irq_set(test.f->nvme, LEND_PCI_IRQ_ERR, 1, VFIO_IRQ_INFO_EVENTFD);
	fake_irq_set(test.f->nvme, LEND_PCI_IRQ_REQ, 1, VFIO_IRQ_INFO_EVENTFD);
	return export_open(&test);
}

static int export_teardown(void **state)
{
	struct export_test *test = *state;

	lend_export_free(test->export);
	if (test->client >= 0)
		close(test->client);
	*state = test->f;
	return fixture_teardown(state);
}

static void exported_write_config(struct export_test *test, uint64_t offset,
				  uint32_t value)
{
	struct {
		struct user_region_access access;
		uint32_t value;
	} write = {{offset, LEND_PCI_REGION_CONFIG, 4}, value};

	assert_int_equal(
		exported_ask(test, USER_REGION_WRITE, &write, 20, NULL, 0), 0);
}

static uint32_t exported_read_config(struct export_test *test, uint64_t offset)
{
	const struct user_region_access access = {offset,
						  LEND_PCI_REGION_CONFIG, 4};
	uint32_t value;

	assert_int_equal(exported_ask(test, USER_REGION_READ, &access,
				      sizeof(access), NULL, 0),
			 0);
	memcpy(&value, test->reply.payload + sizeof(access), sizeof(value));
	return value;
}

static void config_space_is_what_a_guest_sees(void **state)
{
	struct export_test *test = *state;
	const uint8_t *config =
		test->f->nvme->regions[LEND_PCI_REGION_CONFIG].bytes;
	const struct user_region_access all = {0, LEND_PCI_REGION_CONFIG, 256};

	exported_connect(test);
	assert_int_equal(exported_read_config(test, 0), 0x58458086);
	assert_int_equal(exported_ask(test, USER_REGION_READ, &all, sizeof(all),
				      NULL, 0),
			 0);
	assert_memory_equal(test->reply.payload + 16, "\x86\x80\x45\x58", 4);
	exported_write_config(test, PCI_BASE_ADDRESS_0, 0xffffffff);
	assert_int_equal(exported_read_config(test, PCI_BASE_ADDRESS_0),
			 0xffff0004);
	exported_write_config(test, PCI_COMMAND,
			      PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	assert_int_equal(config[PCI_COMMAND],
			 PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	/* The policy denies AER: nothing reaches the device. */
	exported_write_config(test, 0x108, 0xffffffff);
	assert_int_equal(config[0x108], 0);
	exported_leave(test);
	assert_int_equal(config[PCI_COMMAND] & PCI_COMMAND_MASTER, 0);
	exported_connect(test);
	assert_int_equal(exported_read_config(test, PCI_BASE_ADDRESS_0), 4);
}

static void bars_are_accessed_and_mapped(void **state)
{
	struct export_test *test = *state;
	struct user_region_info info = {.argsz = 80};
	struct {
		struct user_region_access access;
		uint32_t value;
	} write = {{8, 0, 4}, 0x12345678};

	exported_connect(test);
	assert_int_equal(
		exported_ask(test, USER_REGION_WRITE, &write, 20, NULL, 0), 0);
	assert_memory_equal(test->f->nvme->regions[0].bytes + 8, &write.value,
			    4);
	assert_int_equal(exported_ask(test, USER_DEVICE_GET_REGION_INFO, &info,
				      sizeof(info), NULL, 0),
			 0);
	memcpy(&info, test->reply.payload, sizeof(info));
	assert_int_equal(info.size, 0x10000);
	assert_int_equal(info.argsz, 80);
	assert_true(info.flags & VFIO_REGION_INFO_FLAG_MMAP);
	assert_true(test->reply.fd >= 0);
	close(test->reply.fd);
	info = (struct user_region_info){.argsz = 32,
					 .index = LEND_PCI_REGION_CONFIG};
	assert_int_equal(exported_ask(test, USER_DEVICE_GET_REGION_INFO, &info,
				      sizeof(info), NULL, 0),
			 0);
	assert_int_equal(test->reply.fd, -1);
}

static int exported_set_irqs(struct export_test *test, uint32_t index,
			     uint32_t flags, int fd)
{
	const struct user_irq_set set = {20, flags, index, 0, 1};

	return exported_ask(test, USER_DEVICE_SET_IRQS, &set, sizeof(set), &fd,
			    1);
}

static void eventfds_go_to_the_kernel(void **state)
{
	struct export_test *test = *state;
	struct fake_irq *intx = &test->f->nvme->irqs[LEND_PCI_IRQ_INTX];
	int fd = eventfd(0, EFD_CLOEXEC);

	exported_connect(test);
	assert_int_equal(exported_set_irqs(test, LEND_PCI_IRQ_INTX, FDS, fd),
			 0);
	assert_true(intx->on);
	assert_true(intx->trigger[0] >= 0);
	assert_int_equal(exported_set_irqs(test, LEND_PCI_IRQ_INTX, CLEAR, fd),
			 0);
	assert_true(intx->unmask >= 0);
	assert_int_equal(exported_set_irqs(test, LEND_PCI_IRQ_ERR, FDS, fd), 0);
	assert_true(test->f->nvme->irqs[LEND_PCI_IRQ_ERR].on);
	/* The host's request is this process's. */
	assert_int_equal(exported_set_irqs(test, LEND_PCI_IRQ_REQ, FDS, fd),
			 EINVAL);
	exported_leave(test);
	assert_false(intx->on);
	assert_false(test->f->nvme->irqs[LEND_PCI_IRQ_ERR].on);
	assert_true(test->f->nvme->irqs[LEND_PCI_IRQ_REQ].on);
	close(fd);
}

static int exported_map(struct export_test *test, uint32_t flags, int fd)
{
	const struct user_dma_map map = {32, flags, 0, 0x100000, 2 * PAGE};

	return exported_ask(test, USER_DMA_MAP, &map, sizeof(map), &fd,
			    fd >= 0);
}

static void memory_is_mapped_for_the_device(void **state)
{
	struct export_test *test = *state;
	const struct fake_space *space = test->f->space;
	int fd = memfd_create("ram", MFD_CLOEXEC);

	assert_int_equal(ftruncate(fd, 2 * PAGE), 0);
	exported_connect(test);
	assert_int_equal(exported_map(test, 3, fd), 0);
	assert_int_equal(space->mapping_count, 1);
	assert_int_equal(space->mappings[0].iova, 0x100000);
	assert_int_equal(space->mappings[0].size, 2 * PAGE);
	exported_leave(test);
	assert_int_equal(space->mapping_count, 0);
	assert_true(test->f->nvme->resets >= 1);
	close(fd);
}

static void memory_without_a_descriptor_is_for_reading(void **state)
{
	struct export_test *test = *state;

	exported_connect(test);
	assert_int_equal(exported_map(test, USER_DMA_MAP_READ, -1), 0);
	assert_int_equal(test->f->space->mapping_count, 0);
	exported_leave(test);
	exported_connect(test);
	assert_int_equal(exported_map(test, 3, -1), EINVAL);
	exported_leave(test);
	assert_reported(test->f, "memory is not shared", "", "share=on");
}

/* Each call fails in turn while a client works; what is left is a device that
 * nobody uses. */
static void failed_calls_leave_a_clean_device(void **state)
{
	static const struct fake_failure kinds[] = {
		{FAKE_IOCTL, VFIO_IOMMU_MAP_DMA},
		{FAKE_IOCTL, VFIO_IOMMU_UNMAP_DMA},
		{FAKE_IOCTL, VFIO_DEVICE_SET_IRQS},
		{FAKE_IOCTL, VFIO_DEVICE_RESET},
		{FAKE_MAP, 0},
		{FAKE_UNMAP, 0},
	};
	struct export_test *test = *state;
	int fd = memfd_create("ram", MFD_CLOEXEC);
	int event = eventfd(0, EFD_CLOEXEC);
	const struct user_dma_map map = {32, 3, 0, 0x100000, 2 * PAGE};
	const struct user_irq_set set = {20, FDS, 0, 0, 1};

	assert_int_equal(ftruncate(fd, 2 * PAGE), 0);
	for (unsigned int nth = 1; nth < 60; nth++) {
		exported_connect(test);
		fake_log_clear(test->f->fake);
		test->f->fake->fail_at = nth;
		test->f->fake->fail_error = EIO;
		peer_send(test->client, USER_DMA_MAP, 0, &map, sizeof(map), &fd,
			  1);
		peer_send(test->client, USER_DEVICE_SET_IRQS, 0, &set,
			  sizeof(set), &event, 1);
		peer_send(test->client, USER_DEVICE_RESET, 0, NULL, 0, NULL, 0);
		export_run(test);
		close(test->client);
		if (export_try(test)) {
			lend_export_free(test->export);
			fixture_close(test->f);
			assert_int_equal(export_open(test), 0);
		}
		test->f->fake->fail_at = 0;
		assert_false(lend_server_has_client(test->server));
		assert_int_equal(test->f->space->mapping_count, 0);
		assert_false(test->f->nvme->irqs[LEND_PCI_IRQ_INTX].on);
	}
	test->client = -1;
	fake_assert_failed(test->f->fake, kinds,
			   sizeof(kinds) / sizeof(kinds[0]));
	close(event);
	close(fd);
}

#define TEST_EXPORT(t)                                                         \
	cmocka_unit_test_setup_teardown(t, export_setup, export_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_EXPORT(config_space_is_what_a_guest_sees),
		TEST_EXPORT(bars_are_accessed_and_mapped),
		TEST_EXPORT(eventfds_go_to_the_kernel),
		TEST_EXPORT(memory_is_mapped_for_the_device),
		TEST_EXPORT(memory_without_a_descriptor_is_for_reading),
		TEST_EXPORT(failed_calls_leave_a_clean_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
