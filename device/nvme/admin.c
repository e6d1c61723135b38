// SPDX-License-Identifier: MIT
// Commands of administration.

#include "device/nvme/controller.h"

#define NOT_ABORTED 1u

/* A command that was taken is soon completed: only requests for events wait. */
static uint16_t admin_abort(struct nvme *nvme, struct nvme_request *request)
{
	uint32_t queue = request->command.dword10 & 0xffff;
	uint16_t id = (uint16_t)(request->command.dword10 >> 16);

	request->result =
		queue || !nvme_event_abort(nvme, id) ? NOT_ABORTED : 0;
	return NVME_OK;
}

/* Both pages are the client's. What it writes there is what it would write to
 * the doorbells, which stay valid. */
static uint16_t admin_doorbell_buffer(struct nvme *nvme,
				      const struct nvme_command *command)
{
	if (!command->prp1 || !command->prp2 ||
	    (command->prp1 | command->prp2) & (NVME_PAGE - 1))
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	nvme->shadow = command->prp1;
	nvme->shadow_events = command->prp2;
	return NVME_OK;
}

uint16_t nvme_admin(struct nvme *nvme, struct nvme_request *request)
{
	const struct nvme_command *command = &request->command;

	if (command->flags)
		return NVME_INVALID_FIELD | NVME_NO_RETRY;
	switch (command->opcode) {
	case NVME_DELETE_SQ:
		return nvme_delete_sq(nvme, command);
	case NVME_CREATE_SQ:
		return nvme_create_sq(nvme, command);
	case NVME_GET_LOG_PAGE:
		return nvme_log_get(nvme, request);
	case NVME_DELETE_CQ:
		return nvme_delete_cq(nvme, command);
	case NVME_CREATE_CQ:
		return nvme_create_cq(nvme, command);
	case NVME_IDENTIFY:
		return nvme_describe(nvme, request);
	case NVME_ABORT:
		return admin_abort(nvme, request);
	case NVME_SET_FEATURES:
		return nvme_feature_set(nvme, request);
	case NVME_GET_FEATURES:
		return nvme_feature_get(nvme, request);
	case NVME_ASYNC_EVENT:
		return nvme_event_hold(nvme, request);
	case NVME_DOORBELL_BUFFER:
		return admin_doorbell_buffer(nvme, command);
	}
	return NVME_INVALID_OPCODE | NVME_NO_RETRY;
}
