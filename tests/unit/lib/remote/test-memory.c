// SPDX-License-Identifier: MIT
// Memory of a device behind a socket: mappings are sent to the server, whose
// requests reach nothing else.

#include <sys/mman.h>

#include "tests/unit/lib/remote/script.h"

#define BOTH (LEND_DMA_READ | LEND_DMA_WRITE)

struct memory_dma {
	uint64_t address;
	uint64_t count;
};

static char memory_pages[3 * PAGE] __attribute__((aligned(PAGE)));

static void mappings_are_sent_to_the_server(void **state)
{
	struct remote_test *test = *state;
	int fd = memfd_create("memory", MFD_CLOEXEC);
	void *at;

	assert_int_equal(ftruncate(fd, 4 * PAGE), 0);
	at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, PAGE);
	assert_int_equal(lend_iommu_map_file(test->iommu, 0x4000, at, 2 * PAGE,
					     BOTH, fd, PAGE),
			 0);
	remote_assert_done(test, "map 4000+2000,3;");
	assert_int_equal(lend_iommu_map(test->iommu, 0x8000, memory_pages, PAGE,
					LEND_DMA_READ),
			 0);
	remote_assert_done(test, "map 8000+1000,1,none;");
	/* What overlaps is not sent. */
	assert_int_equal(
		lend_iommu_map(test->iommu, 0x5000, memory_pages, PAGE, BOTH),
		-EEXIST);
	remote_assert_done(test, "");
	assert_int_equal(lend_iommu_mapped(test->iommu), 3 * PAGE);
	assert_int_equal(lend_iommu_unmap(test->iommu, 0, 0x10000), 0);
	remote_assert_done(test, "unmap 8000;unmap 4000;");
	munmap(at, 2 * PAGE);
	close(fd);
}

static void refused_mappings_are_not_there(void **state)
{
	struct remote_test *test = *state;

	test->server->err = -ENOMEM;
	assert_int_equal(
		lend_iommu_map(test->iommu, 0, memory_pages, PAGE, BOTH),
		-ENOMEM);
	assert_int_equal(lend_iommu_mapped(test->iommu), 0);
	assert_int_equal(test->device->attachment.remote->memory.count, 0);
	assert_int_equal(
		lend_iommu_map(test->iommu, 0, memory_pages, PAGE, BOTH), 0);
	test->server->err_at_unmap = -EBUSY;
	assert_int_equal(lend_iommu_unmap(test->iommu, 0, PAGE), -EBUSY);
	assert_int_equal(lend_iommu_mapped(test->iommu), PAGE);
	test->server->err_at_unmap = 0;
	assert_int_equal(lend_iommu_unmap_all(test->iommu), 0);
}

static void a_closed_device_has_no_memory(void **state)
{
	struct remote_test *test = *state;

	for (uint64_t i = 0; i < 3; i++)
		assert_int_equal(lend_iommu_map(test->iommu, i * PAGE,
						memory_pages + i * PAGE, PAGE,
						BOTH),
				 0);
	test->server->done[0] = '\0';
	test->device = lend_device_unref(test->device);
	remote_assert_done(test, "unmap 2000;unmap 1000;unmap 0;reset;left;");
}

/* Maps two pages that are adjacent, read-only and for both, and one apart. */
static void memory_map(struct remote_test *test, struct script *script)
{
	static const struct {
		uint64_t iova;
		unsigned int flags;
	} pages[] = {{0x1000, BOTH}, {0x2000, LEND_DMA_READ}, {0x9000, BOTH}};
	struct script_message reply = {.header = {.command = USER_DMA_MAP,
						  .size = sizeof(reply.header),
						  .flags = USER_REPLY}};
	struct user_dma_map map;

	for (unsigned int i = 0; i < SCRIPT_STEPS; i++) {
		char bytes[128];

		recv(script->peer, bytes, sizeof(bytes), MSG_DONTWAIT);
	}
	for (uint16_t i = 0; i < 3; i++) {
		reply.header.id = 6 + i;
		script_send(script, &reply);
		assert_int_equal(lend_iommu_map(test->iommu, pages[i].iova,
						memory_pages + i * PAGE, PAGE,
						pages[i].flags),
				 0);
		script_receive(script, &map, sizeof(map));
		assert_int_equal(map.iova, pages[i].iova);
	}
}

static struct script_message memory_request(uint16_t command, uint64_t address,
					    uint64_t count, size_t data)
{
	const struct memory_dma dma = {address, count};
	struct script_message message = {
		.header = {
			.id = 77,
			.command = command,
			.size = (uint32_t)(sizeof(message.header) +
					   sizeof(dma) + data),
		}};

	memcpy(message.payload, &dma, sizeof(dma));
	memset(message.payload + sizeof(dma), 'w', data);
	return message;
}

static void requests_are_answered_from_what_is_mapped(void **state)
{
	struct script_message request =
		memory_request(USER_DMA_READ, 0x1ffe, 4, 0);
	struct remote_test *test = *state;
	struct script script = script_new();
	char reply[20];

	assert_int_equal(script_open(&script, test), 0);
	memory_map(test, &script);
	memcpy(memory_pages + PAGE - 2, "across", 6);
	script_send(&script, &request);
	assert_int_equal(lend_device_serve(test->device), 0);
	assert_int_equal(script_receive(&script, reply, 20).id, 77);
	assert_memory_equal(reply + 16, "acro", 4);
	request = memory_request(USER_DMA_WRITE, 0x9000, 3, 3);
	script_send(&script, &request);
	assert_int_equal(lend_device_serve(test->device), 0);
	script_receive(&script, reply, 16);
	assert_memory_equal(memory_pages + 2 * PAGE, "www", 4);
	script_end(&script);
}

static void requests_beyond_that_are_refused(void **state)
{
	const struct script_message requests[] = {
		memory_request(USER_DMA_READ, 0, 4, 0),
		memory_request(USER_DMA_READ, 0xfff, 2, 0),
		memory_request(USER_DMA_READ, 0x2fff, 2, 0),
		memory_request(USER_DMA_READ, 0x1000, 0x2001, 0),
		memory_request(USER_DMA_READ, 0x1000, 0, 0),
		memory_request(USER_DMA_READ, 0x1000, 0x100001, 0),
		memory_request(USER_DMA_READ, UINT64_MAX, 2, 0),
		memory_request(USER_DMA_READ, 0x1000, 4, 4),
		memory_request(USER_DMA_WRITE, 0x2000, 4, 4),
		memory_request(USER_DMA_WRITE, 0x1ffe, 4, 4),
		memory_request(USER_DMA_WRITE, 0x1000, 5, 4),
		memory_request(USER_DMA_WRITE, 0x1000, 4, 0),
		memory_request(USER_DEVICE_RESET, 0, 0, 0),
		{.header = {7, USER_DMA_READ, 16, 0, 0}},
	};
	struct remote_test *test = *state;
	struct script script = script_new();
	struct user_header header;

	assert_int_equal(script_open(&script, test), 0);
	memory_map(test, &script);
	memset(memory_pages, 'm', sizeof(memory_pages));
	for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		script_send(&script, &requests[i]);
		assert_int_equal(lend_device_serve(test->device), 0);
		header = script_receive(&script, NULL, 0);
		assert_int_equal(header.flags, USER_REPLY | USER_ERROR);
		assert_int_equal(header.id, requests[i].header.id);
		assert_true(header.err);
	}
	for (size_t i = 0; i < sizeof(memory_pages); i++)
		assert_int_equal(memory_pages[i], 'm');
	script_end(&script);
}

static void requests_are_answered_while_a_reply_is_awaited(void **state)
{
	const struct script_message request =
		memory_request(USER_DMA_READ, 0x1000, 4, 0);
	const struct user_region_access at = {0, 0, 4};
	struct script_message reply = {
		.header = {9, USER_REGION_READ, 16 + 20, USER_REPLY, 0}};
	struct remote_test *test = *state;
	struct script script = script_new();
	char bytes[20];

	assert_int_equal(script_open(&script, test), 0);
	memory_map(test, &script);
	memcpy(reply.payload, &at, sizeof(at));
	memcpy(reply.payload + 16, "data", 4);
	script_send(&script, &request);
	script_send(&script, &reply);
	/* What is behind the reply may have been received with it. */
	script_send(&script, &request);
	fake_log_clear(test->fake);
	assert_int_equal(lend_region_read(test->device, 0, 0, bytes, 4), 0);
	assert_memory_equal(bytes, "data", 4);
	assert_int_equal(script_receive(&script, bytes, 16).command,
			 USER_REGION_READ);
	assert_int_equal(script_receive(&script, bytes, 20).id, 77);
	assert_int_equal(script_receive(&script, bytes, 20).id, 77);
	assert_true(fake_count(test->fake, FAKE_RECEIVE, 0) <= 2);
	script_end(&script);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST_OPEN(mappings_are_sent_to_the_server),
		TEST_OPEN(refused_mappings_are_not_there),
		TEST_OPEN(a_closed_device_has_no_memory),
		TEST_REMOTE(requests_are_answered_from_what_is_mapped),
		TEST_REMOTE(requests_beyond_that_are_refused),
		TEST_REMOTE(requests_are_answered_while_a_reply_is_awaited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
