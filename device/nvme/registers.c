// SPDX-License-Identifier: MIT
// The controller's registers: enabling, reset, shutdown, and the queues of
// administration.

#include <string.h>

#include <lend/context.h>

#include "device/nvme/controller.h"

#define VERSION 0x00010400u
#define TIMEOUT 20u /* of half a second, for CSTS.RDY */

/* Contiguous queues; 4 KiB pages; the NVM command set. */
#define CAP_LOW  ((NVME_ENTRIES - 1) | 1u << 16 | TIMEOUT << 24)
#define CAP_HIGH (1u << 5)

#define AQA_WRITABLE 0x0fff0fffu

static uint32_t register_get(const struct nvme *nvme, uint64_t offset)
{
	switch (offset) {
	case NVME_CAP:
		return CAP_LOW;
	case NVME_CAP_HIGH:
		return CAP_HIGH;
	case NVME_VS:
		return VERSION;
	case NVME_INTMS:
	case NVME_INTMC:
		return nvme->masked;
	case NVME_CC:
		return nvme->cc;
	case NVME_CSTS:
		return nvme->csts;
	case NVME_AQA:
		return nvme->aqa;
	case NVME_ASQ:
		return (uint32_t)nvme->asq;
	case NVME_ASQ_HIGH:
		return (uint32_t)(nvme->asq >> 32);
	case NVME_ACQ:
		return (uint32_t)nvme->acq;
	case NVME_ACQ_HIGH:
		return (uint32_t)(nvme->acq >> 32);
	}
	return 0;
}

/* The 64 pending bits that a byte is among. */
static uint8_t register_pending(const struct nvme *nvme, uint64_t at)
{
	uint64_t bits = lend_function_pending(nvme->function,
					      (unsigned int)(at & ~7u) * 8);

	return (uint8_t)(bits >> (at & 7) * 8);
}

void nvme_register_read(struct nvme *nvme, uint64_t offset, void *data,
			size_t size)
{
	uint8_t *bytes = data;

	for (size_t i = 0; i < size; i++, offset++)
		bytes[i] =
			offset >= NVME_PENDING
				? register_pending(nvme, offset - NVME_PENDING)
				: (uint8_t)(register_get(nvme,
							 offset & ~3ull) >>
					    (offset & 3) * 8);
}

void nvme_fail(struct nvme *nvme, const char *why)
{
	if (nvme->csts & NVME_CSTS_CFS)
		return;
	nvme->csts |= NVME_CSTS_CFS;
	lend_log(nvme->ctx, LEND_LOG_WARNING,
		 "%s: the guest must reset the controller: %s", nvme->name,
		 why);
}

/* What keeps the controller from being enabled. */
static const char *controller_fault(const struct nvme *nvme)
{
	uint32_t entries = nvme->cc & NVME_CC_ENTRIES;

	if (nvme->cc & NVME_CC_MODES)
		return "CC has a command set, a page size or an arbitration "
		       "that it does not have";
	if (entries && entries != (NVME_CC_IOSQES | NVME_CC_IOCQES))
		return "CC has entry sizes other than 64 and 16 bytes";
	if (!(nvme->aqa & 0xfff) || !(nvme->aqa >> 16) ||
	    (nvme->aqa & 0xfff) >= NVME_ENTRIES ||
	    nvme->aqa >> 16 >= NVME_ENTRIES)
		return "AQA has queues of 1 entry, or of more than 1024";
	return NULL;
}

static void controller_enable(struct nvme *nvme)
{
	const char *fault = controller_fault(nvme);

	if (fault) {
		nvme_fail(nvme, fault);
		return;
	}
	nvme_features_reset(nvme);
	nvme_admin_queues_set(nvme);
	nvme->is_on = true;
	nvme->csts = NVME_CSTS_RDY;
	nvme->counters.power_cycles += !nvme->counters.power_cycles;
}

static void controller_disable(struct nvme *nvme)
{
	nvme_queues_clear(nvme);
	nvme->events = (struct nvme_events){0};
	nvme->is_on = nvme->must_reset = nvme->is_shutting_down = false;
	nvme->csts = 0;
	nvme->masked = 0;
	lend_function_set_line(nvme->function, false);
}

void nvme_settle(struct nvme *nvme)
{
	if (nvme->in_flight)
		return;
	if (nvme->must_reset)
		controller_disable(nvme);
	if (!nvme->is_on && nvme->cc & NVME_CC_EN &&
	    !(nvme->csts & NVME_CSTS_CFS))
		controller_enable(nvme);
}

static void register_set_cc(struct nvme *nvme, uint32_t value)
{
	uint32_t before = nvme->cc;

	nvme->cc = value & NVME_CC_WRITABLE;
	if (before & NVME_CC_EN && !(value & NVME_CC_EN))
		nvme->must_reset = true;
	if (!NVME_CC_SHN(before) && NVME_CC_SHN(value) &&
	    !(nvme->csts & NVME_CSTS_SHST)) {
		nvme->csts |= NVME_CSTS_SHST_BUSY;
		nvme->is_shutting_down = true;
	}
	nvme_settle(nvme);
	pthread_cond_signal(&nvme->work);
}

static void register_take(struct nvme *nvme, uint64_t offset, uint32_t value)
{
	switch (offset) {
	case NVME_INTMS:
		nvme->masked |= value;
		nvme_interrupts_update(nvme);
		break;
	case NVME_INTMC:
		nvme_interrupts_unmask(nvme, nvme->masked & value);
		break;
	case NVME_CC:
		register_set_cc(nvme, value);
		break;
	case NVME_AQA:
		nvme->aqa = value & AQA_WRITABLE;
		break;
	case NVME_ASQ:
		nvme->asq = (nvme->asq >> 32 << 32) | (value & ~4095u);
		break;
	case NVME_ASQ_HIGH:
		nvme->asq = (uint32_t)nvme->asq | (uint64_t)value << 32;
		break;
	case NVME_ACQ:
		nvme->acq = (nvme->acq >> 32 << 32) | (value & ~4095u);
		break;
	case NVME_ACQ_HIGH:
		nvme->acq = (uint32_t)nvme->acq | (uint64_t)value << 32;
		break;
	default:
		if (offset >= NVME_DOORBELLS && offset < NVME_TABLE)
			nvme_doorbell(nvme, offset - NVME_DOORBELLS, value);
	}
}

/* Registers are written in whole; others are ignored, as the specification lets
 * a controller do. */
void nvme_register_write(struct nvme *nvme, uint64_t offset, const void *data,
			 size_t size)
{
	const uint8_t *bytes = data;
	uint32_t value;

	if (offset & 3 || (size != 4 && size != 8))
		return;
	for (size_t at = 0; at < size; at += 4) {
		memcpy(&value, bytes + at, sizeof(value));
		register_take(nvme, offset + at, value);
	}
}

void nvme_reset(struct nvme *nvme)
{
	nvme->must_reset = true;
	nvme->cc = 0;
	nvme_pause(nvme);
	controller_disable(nvme);
	nvme->aqa = 0;
	nvme->asq = nvme->acq = 0;
	nvme_resume(nvme);
}
