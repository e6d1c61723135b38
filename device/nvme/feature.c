// SPDX-License-Identifier: MIT
// Features: what a guest sets and gets, by a table.

#include <string.h>

#include "device/nvme/controller.h"

#define SELECT_DEFAULT   1u
#define SELECT_SAVED     2u
#define SELECT_SUPPORTED 3u
#define CHANGEABLE       (1u << 2)
#define SAVE             (1u << 31)

struct feature {
	bool is_known;
	uint32_t first;    /* value after a reset */
	uint32_t writable; /* bits that are kept */
};

/* The numbers of queues are what the controller has. */
#define PAIRS ((NVME_PAIRS - 1) | (NVME_PAIRS - 1) << 16)

/* 343 K: what drives have. Nothing here has a temperature. */
#define TEMPERATURE 0x157u

static const struct feature features[NVME_FEATURES] = {
	[NVME_ARBITRATION] = {true, 0, 0xffffff07},
	[NVME_POWER] = {true, 0, 0},
	[NVME_TEMPERATURE] = {true, TEMPERATURE, 0xffff},
	[NVME_ERROR_RECOVERY] = {true, 0, 0xffff},
	[NVME_WRITE_CACHE] = {true, 1, 1},
	[NVME_NUMBER_OF_QUEUES] = {true, PAIRS, 0},
	[NVME_COALESCING] = {true, 0, 0xffff},
	[NVME_VECTOR] = {true, 0, 0},
	[NVME_ATOMICITY] = {true, 0, 1},
	[NVME_EVENTS] = {true, 0, 0xffff},
};

void nvme_features_reset(struct nvme *nvme)
{
	for (unsigned int i = 0; i < NVME_FEATURES; i++)
		nvme->features[i] = features[i].first;
}

static const struct feature *feature_find(const struct nvme_command *command,
					  unsigned int *number)
{
	*number = command->dword10 & 0xff;
	return *number < NVME_FEATURES && features[*number].is_known
		       ? &features[*number]
		       : NULL;
}

uint16_t nvme_feature_get(struct nvme *nvme, struct nvme_request *request)
{
	const struct nvme_command *command = &request->command;
	unsigned int number, select = command->dword10 >> 8 & 7;
	const struct feature *feature = feature_find(command, &number);

	if (!feature || select > SELECT_SUPPORTED)
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	if (select == SELECT_SUPPORTED)
		request->result = feature->writable ? CHANGEABLE : 0;
	else if (select == SELECT_DEFAULT || select == SELECT_SAVED)
		request->result = feature->first;
	else
		request->result = nvme->features[number];
	/* One for each vector; all are alike. */
	if (number == NVME_VECTOR && select != SELECT_SUPPORTED)
		request->result = command->dword11 & 0xffff;
	return NVME_OK;
}

static bool feature_has_queues(const struct nvme *nvme)
{
	for (unsigned int i = 1; i < NVME_QUEUES; i++)
		if (nvme->sqs[i].is_valid || nvme->cqs[i].is_valid)
			return true;
	return false;
}

static uint16_t feature_set_queues(struct nvme *nvme,
				   struct nvme_request *request)
{
	uint32_t asked = request->command.dword11;

	if ((asked & 0xffff) == 0xffff || asked >> 16 == 0xffff)
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	if (feature_has_queues(nvme))
		return NVME_SEQUENCE | NVME_NO_RETRY;
	request->result = PAIRS;
	return NVME_OK;
}

uint16_t nvme_feature_set(struct nvme *nvme, struct nvme_request *request)
{
	const struct nvme_command *command = &request->command;
	unsigned int number;
	const struct feature *feature = feature_find(command, &number);

	if (!feature)
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	if (command->dword10 & SAVE)
		return NVME_NOT_SAVEABLE | NVME_NO_RETRY;
	if (number == NVME_NUMBER_OF_QUEUES)
		return feature_set_queues(nvme, request);
	if (number == NVME_POWER && command->dword11 & 0x1f)
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	/* What was written before the cache is off must be on the medium too.
	 */
	if (number == NVME_WRITE_CACHE && !(command->dword11 & 1) &&
	    image_flush(nvme->image))
		return NVME_INTERNAL;
	nvme->features[number] = command->dword11 & feature->writable;
	return NVME_OK;
}
