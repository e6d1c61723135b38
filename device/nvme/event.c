// SPDX-License-Identifier: MIT
// Events of the controller, which the guest has asked for in advance.

#include "device/nvme/controller.h"

uint16_t nvme_event_hold(struct nvme *nvme, struct nvme_request *request)
{
	struct nvme_events *events = &nvme->events;

	if (events->held_count == NVME_HELD)
		return NVME_EVENT_LIMIT | NVME_NO_RETRY;
	events->held[events->held_count++] = request->command.id;
	request->is_held = true;
	return NVME_OK;
}

static void event_complete(struct nvme *nvme, unsigned int number,
			   uint32_t result, uint16_t status)
{
	struct nvme_events *events = &nvme->events;
	const struct nvme_completion completion = {
		.result = result,
		.head = (uint16_t)nvme->sqs[0].head,
		.id = events->held[number],
		.status = status,
	};

	events->held_count--;
	for (unsigned int i = number; i < events->held_count; i++)
		events->held[i] = events->held[i + 1];
	nvme_cq_post(nvme, 0, &completion);
}

/* The request for an event is completed as one that was aborted. */
bool nvme_event_abort(struct nvme *nvme, uint16_t id)
{
	for (unsigned int i = 0; i < nvme->events.held_count; i++) {
		if (nvme->events.held[i] != id)
			continue;
		if (!nvme_cq_has_room(nvme, 0))
			return false;
		event_complete(nvme, i, 0, NVME_ABORTED);
		return true;
	}
	return false;
}

void nvme_event_add(struct nvme *nvme, uint8_t info)
{
	nvme->events.is_pending = true;
	nvme->events.info = info;
	nvme_events_deliver(nvme);
}

void nvme_event_unmask(struct nvme *nvme)
{
	nvme->events.is_masked = false;
}

void nvme_events_deliver(struct nvme *nvme)
{
	struct nvme_events *events = &nvme->events;

	/* A post is DMA, which stops with the rest. */
	if (!events->is_pending || events->is_masked || !events->held_count ||
	    !nvme->is_on || nvme->must_reset || nvme->paused ||
	    nvme->csts & NVME_CSTS_CFS ||
	    !lend_function_bus_master(nvme->function) ||
	    !nvme_cq_has_room(nvme, 0))
		return;
	events->is_pending = false;
	events->is_masked = true;
	event_complete(nvme, 0,
		       (uint32_t)events->info << 8 | (uint32_t)NVME_LOG_ERROR
							     << 16,
		       NVME_OK);
}
