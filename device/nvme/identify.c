// SPDX-License-Identifier: MIT
// Describes the controller and its namespace to the guest. Source: 5.15 of the
// specification, whose byte numbers are those of the tables here.

#include <stdio.h>
#include <string.h>

#include <lend/version.h>

#include "device/nvme/controller.h"
#include "device/nvme/ids.h"

enum identify_structure {
	IDENTIFY_NAMESPACE = 0x00,
	IDENTIFY_CONTROLLER = 0x01,
	IDENTIFY_NAMESPACES = 0x02,
	IDENTIFY_DESCRIPTORS = 0x03,
	IDENTIFY_LIMITS = 0x06, /* of a command set */
};

struct identify_field {
	unsigned int at;
	unsigned int size;
	uint64_t value;
};

static void identify_put(uint8_t *page, const struct identify_field *fields,
			 size_t count)
{
	for (size_t i = 0; i < count; i++)
		memcpy(page + fields[i].at, &fields[i].value, fields[i].size);
}

/* Text is padded with blanks. */
static void identify_put_text(uint8_t *page, unsigned int at, size_t size,
			      const char *text)
{
	size_t length = strlen(text);

	memset(page + at, ' ', size);
	memcpy(page + at, text, length < size ? length : size);
}

/* The same as long as the serial number is. */
static void identify_uuid(const struct nvme *nvme, uint8_t uuid[16])
{
	uint64_t hash = nvme->image->id;

	for (unsigned int i = 0; i < 16; i++) {
		for (const char *c = nvme->serial; *c; c++)
			hash = (hash ^ (uint8_t)*c) * UINT64_C(0x100000001b3);
		uuid[i] = (uint8_t)(hash >> 32);
	}
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x80); /* of a private form */
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
}

static void identify_name(const struct nvme *nvme, uint8_t *page)
{
	uint8_t u[16];

	identify_uuid(nvme, u);
	snprintf((char *)page + 768, 256,
		 "nqn.2014-08.org.nvmexpress:uuid:%02x%02x%02x%02x-%02x%02x-"
		 "%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
		 u[0], u[1], u[2], u[3], u[4], u[5], u[6], u[7], u[8], u[9],
		 u[10], u[11], u[12], u[13], u[14], u[15]);
}

static void identify_controller(const struct nvme *nvme, uint8_t *page)
{
	static const struct identify_field fields[] = {
		{0, 2, NVME_VENDOR},
		{2, 2, NVME_VENDOR},
		{72, 1, 0},              /* arbitration burst */
		{77, 1, NVME_MDTS},      /* largest transfer */
		{80, 4, 0x00010400},     /* version */
		{111, 1, 1},             /* an I/O controller */
		{256, 2, 1 << 8},        /* doorbells in memory */
		{258, 1, 3},             /* aborts at once */
		{259, 1, NVME_HELD - 1}, /* requests for events */
		{260, 1, 1 << 1 | 1},    /* one firmware, read-only */
		{261, 1,
		 1 << 1 | 1 << 2}, /* logs of effects, and with offsets */
		{262, 1, NVME_ERRORS - 1},
		{266, 2, 343}, /* temperatures: warning, critical */
		{268, 2, 353},
		{512, 1, 0x66}, /* sizes of entries */
		{513, 1, 0x44},
		{516, 4, 1},               /* namespaces */
		{520, 2, 1 << 2 | 1 << 3}, /* dataset, write zeroes */
		{525, 1, 1 | 3 << 1},      /* cache; flush of all */
		{2048, 2, 2500},           /* power of state 0: 25 W at most */
	};

	identify_put(page, fields, sizeof(fields) / sizeof(fields[0]));
	identify_put_text(page, 4, 20, nvme->serial);
	identify_put_text(page, 24, 40, NVME_MODEL);
	identify_put_text(page, 64, 8, NVME_FIRMWARE);
	identify_name(nvme, page);
}

static void identify_namespace(const struct nvme *nvme, uint8_t *page)
{
	uint64_t blocks = nvme->image->size >> nvme->shift;
	const struct identify_field fields[] = {
		{0, 8, blocks},
		{8, 8, blocks},
		{16, 8, blocks},
		{33, 1, 1 << 3 | 1}, /* what was discarded reads as zeros */
		{99, 1, nvme->image->is_read_only},
		{128, 4, (uint64_t)nvme->shift << 16},
	};

	identify_put(page, fields, sizeof(fields) / sizeof(fields[0]));
}

static void identify_descriptors(const struct nvme *nvme, uint8_t *page)
{
	page[0] = 3; /* a UUID */
	page[1] = 16;
	identify_uuid(nvme, page + 4);
}

uint16_t nvme_describe(struct nvme *nvme, struct nvme_request *request)
{
	const struct nvme_command *command = &request->command;
	uint8_t page[NVME_PAGE] = {0};

	switch (command->dword10 & 0xff) {
	case IDENTIFY_NAMESPACE:
		if (command->namespace != 1)
			return NVME_INVALID_NAMESPACE | NVME_NO_RETRY;
		identify_namespace(nvme, page);
		break;
	case IDENTIFY_CONTROLLER:
		identify_controller(nvme, page);
		break;
	case IDENTIFY_NAMESPACES:
		if (command->namespace >= 0xfffffffe)
			return NVME_INVALID_NAMESPACE | NVME_NO_RETRY;
		page[0] = command->namespace < 1;
		break;
	case IDENTIFY_DESCRIPTORS:
		if (command->namespace != 1)
			return NVME_INVALID_NAMESPACE | NVME_NO_RETRY;
		identify_descriptors(nvme, page);
		break;
	case IDENTIFY_LIMITS:
		/* No limits; and the NVM command set alone. */
		if (command->dword11 >> 24)
			return NVME_INVALID_FIELD | NVME_NO_RETRY;
		break;
	default:
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	}
	return nvme_prp_write(nvme, request, page, sizeof(page));
}
