// SPDX-License-Identifier: MIT
// Log pages: errors, health, firmware, and the effects of commands.
// Source: 5.14 of the specification.

#include <string.h>

#include <lend/version.h>

#include "device/nvme/controller.h"
#include "device/nvme/ids.h"

#define RETAIN_EVENT   (1u << 15)
#define SUPPORTED      1u
#define CHANGES_BLOCKS (1u << 1)
#define UNITS          1000u /* of 512 bytes, rounded up */
#define ROOM           300u  /* K: nothing here has a temperature */

static void log_put(uint8_t *page, unsigned int at, uint64_t value)
{
	memcpy(page + at, &value, sizeof(value));
}

static void log_health(const struct nvme *nvme, uint8_t *page)
{
	const struct nvme_counters *c = &nvme->counters;

	page[1] = ROOM & 0xff;
	page[2] = ROOM >> 8;
	page[3] = 100; /* spare, and its threshold */
	page[4] = 10;
	log_put(page, 32, (c->blocks_read + UNITS - 1) / UNITS);
	log_put(page, 48, (c->blocks_written + UNITS - 1) / UNITS);
	log_put(page, 64, c->reads);
	log_put(page, 80, c->writes);
	log_put(page, 112, c->power_cycles);
	log_put(page, 160, c->media_errors);
	log_put(page, 176, c->errors);
}

static void log_firmware(uint8_t *page)
{
	static const char version[] = NVME_FIRMWARE;
	const size_t length = sizeof(version) - 1;

	page[0] = 1; /* slot 1 is active */
	memset(page + 8, ' ', 8);
	memcpy(page + 8, version, length < 8 ? length : 8);
}

static void log_effects(uint8_t *page)
{
	static const uint8_t admin[] = {
		NVME_DELETE_SQ,   NVME_CREATE_SQ,       NVME_GET_LOG_PAGE,
		NVME_DELETE_CQ,   NVME_CREATE_CQ,       NVME_IDENTIFY,
		NVME_ABORT,       NVME_SET_FEATURES,    NVME_GET_FEATURES,
		NVME_ASYNC_EVENT, NVME_DOORBELL_BUFFER,
	};
	static const uint8_t io[] = {NVME_FLUSH, NVME_READ};
	static const uint8_t changing[] = {NVME_WRITE, NVME_WRITE_ZEROES,
					   NVME_DATASET};

	for (size_t i = 0; i < sizeof(admin); i++)
		page[admin[i] * 4u] = SUPPORTED;
	for (size_t i = 0; i < sizeof(io); i++)
		page[1024 + io[i] * 4u] = SUPPORTED;
	for (size_t i = 0; i < sizeof(changing); i++)
		page[1024 + changing[i] * 4u] = SUPPORTED | CHANGES_BLOCKS;
}

/* Fills in a page. Returns its size, or 0 if there is no such log. */
static uint32_t log_make(const struct nvme *nvme, unsigned int log,
			 uint8_t page[NVME_PAGE])
{
	switch (log) {
	case NVME_LOG_ERROR:
		memcpy(page, nvme->errors, sizeof(nvme->errors));
		return sizeof(nvme->errors);
	case NVME_LOG_HEALTH:
		log_health(nvme, page);
		return 512;
	case NVME_LOG_FIRMWARE:
		log_firmware(page);
		return 512;
	case NVME_LOG_NAMESPACES:
		return 4096;
	case NVME_LOG_EFFECTS:
		log_effects(page);
		return 4096;
	}
	return 0;
}

uint16_t nvme_log_get(struct nvme *nvme, struct nvme_request *request)
{
	const struct nvme_command *command = &request->command;
	uint64_t words = (command->dword10 >> 16 |
			  (uint64_t)(command->dword11 & 0xffff) << 16) +
			 1;
	uint64_t offset = command->dword12 | (uint64_t)command->dword13 << 32;
	uint8_t page[2 * NVME_PAGE] = {0};
	unsigned int log = command->dword10 & 0xff;
	uint32_t size = log_make(nvme, log, page);
	uint16_t status;

	if (!size)
		return NVME_INVALID_LOG | NVME_NO_RETRY;
	if (offset > size || offset & 3 || words > NVME_PAGE / 4)
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	/* What is behind the log reads as zeros. */
	status = nvme_prp_write(nvme, request, page + offset,
				(uint32_t)words * 4);
	if (!status && log == NVME_LOG_ERROR &&
	    !(command->dword10 & RETAIN_EVENT))
		nvme_event_unmask(nvme);
	return status;
}

void nvme_log_error(struct nvme *nvme, const struct nvme_request *request,
		    uint16_t status)
{
	const struct nvme_command *command = &request->command;

	memmove(&nvme->errors[1], &nvme->errors[0],
		sizeof(nvme->errors) - sizeof(nvme->errors[0]));
	nvme->errors[0] = (struct nvme_error_entry){
		.count = ++nvme->counters.errors,
		.queue = (uint16_t)request->queue,
		.command = command->id,
		.status = (uint16_t)(status << 1),
		.location = 0xffff,
		.namespace = command->namespace,
	};
	if (request->queue)
		nvme->errors[0].lba =
			command->dword10 | (uint64_t)command->dword11 << 32;
}
