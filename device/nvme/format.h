/* SPDX-License-Identifier: MIT */
/* NVM Express: the registers, commands and structures of Base Specification
 * 1.4, as far as the controller has them. */
#ifndef DEVICE_NVME_FORMAT_H
#define DEVICE_NVME_FORMAT_H

#include <stddef.h>
#include <stdint.h>

/* Little-endian, as the architectures are that this is built for. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "as on the wire");

#define NVME_PAGE 4096u

enum nvme_register {
	NVME_CAP = 0x00,
	NVME_CAP_HIGH = 0x04,
	NVME_VS = 0x08,
	NVME_INTMS = 0x0c,
	NVME_INTMC = 0x10,
	NVME_CC = 0x14,
	NVME_CSTS = 0x1c,
	NVME_AQA = 0x24,
	NVME_ASQ = 0x28,
	NVME_ASQ_HIGH = 0x2c,
	NVME_ACQ = 0x30,
	NVME_ACQ_HIGH = 0x34,
};

#define NVME_DOORBELLS 0x1000u

#define NVME_CC_EN       0x1u
#define NVME_CC_WRITABLE 0x00fffff1u
#define NVME_CC_SHN(cc)  ((cc) >> 14 & 3)
/* The command set, the page size and the arbitration: 0 each. */
#define NVME_CC_MODES   0x3ff0u
#define NVME_CC_IOSQES  0x00060000u
#define NVME_CC_IOCQES  0x00400000u
#define NVME_CC_ENTRIES 0x00ff0000u

#define NVME_CSTS_RDY       0x1u
#define NVME_CSTS_CFS       0x2u
#define NVME_CSTS_SHST      0xcu
#define NVME_CSTS_SHST_BUSY 0x4u
#define NVME_CSTS_SHST_DONE 0x8u

struct nvme_command {
	uint8_t opcode;
	uint8_t flags; /* fused operation, and kind of data pointer */
	uint16_t id;
	uint32_t namespace;
	uint32_t dword2;
	uint32_t dword3;
	uint64_t metadata;
	uint64_t prp1;
	uint64_t prp2;
	uint32_t dword10;
	uint32_t dword11;
	uint32_t dword12;
	uint32_t dword13;
	uint32_t dword14;
	uint32_t dword15;
};

struct nvme_completion {
	uint32_t result;
	uint32_t reserved;
	uint16_t head;
	uint16_t queue;
	uint16_t id;
	uint16_t status; /* bit 0 is the phase */
};

_Static_assert(sizeof(struct nvme_command) == 64, "as on the wire");
_Static_assert(sizeof(struct nvme_completion) == 16, "as on the wire");

enum nvme_admin {
	NVME_DELETE_SQ = 0x00,
	NVME_CREATE_SQ = 0x01,
	NVME_GET_LOG_PAGE = 0x02,
	NVME_DELETE_CQ = 0x04,
	NVME_CREATE_CQ = 0x05,
	NVME_IDENTIFY = 0x06,
	NVME_ABORT = 0x08,
	NVME_SET_FEATURES = 0x09,
	NVME_GET_FEATURES = 0x0a,
	NVME_ASYNC_EVENT = 0x0c,
	NVME_DOORBELL_BUFFER = 0x7c,
};

enum nvme_io {
	NVME_FLUSH = 0x00,
	NVME_WRITE = 0x01,
	NVME_READ = 0x02,
	NVME_WRITE_ZEROES = 0x08,
	NVME_DATASET = 0x09,
};

/* Status code type in bits 8 to 10, status code in bits 0 to 7. */
enum nvme_status {
	NVME_OK = 0x000,
	NVME_INVALID_OPCODE = 0x001,
	NVME_INVALID_FIELD = 0x002,
	NVME_DATA_TRANSFER = 0x004,
	NVME_INTERNAL = 0x006,
	NVME_ABORTED = 0x007,
	NVME_INVALID_NAMESPACE = 0x00b,
	NVME_SEQUENCE = 0x00c,
	NVME_PRP_OFFSET = 0x013,
	NVME_WRITE_PROTECTED = 0x020,
	NVME_LBA_RANGE = 0x080,
	NVME_CAPACITY = 0x081,
	NVME_INVALID_CQ = 0x100,
	NVME_INVALID_QUEUE = 0x101,
	NVME_INVALID_SIZE = 0x102,
	NVME_EVENT_LIMIT = 0x105,
	NVME_INVALID_VECTOR = 0x108,
	NVME_INVALID_LOG = 0x109,
	NVME_INVALID_DELETION = 0x10c,
	NVME_NOT_SAVEABLE = 0x10d,
	NVME_NOT_CHANGEABLE = 0x10e,
	NVME_WRITE_FAULT = 0x280,
	NVME_READ_FAULT = 0x281,
	/* Bit 14: the same command would fail again. */
	NVME_NO_RETRY = 0x4000,
};

enum nvme_feature {
	NVME_ARBITRATION = 0x01,
	NVME_POWER = 0x02,
	NVME_TEMPERATURE = 0x04,
	NVME_ERROR_RECOVERY = 0x05,
	NVME_WRITE_CACHE = 0x06,
	NVME_NUMBER_OF_QUEUES = 0x07,
	NVME_COALESCING = 0x08,
	NVME_VECTOR = 0x09,
	NVME_ATOMICITY = 0x0a,
	NVME_EVENTS = 0x0b,
	NVME_FEATURES = 0x0c,
};

enum nvme_log {
	NVME_LOG_ERROR = 0x01,
	NVME_LOG_HEALTH = 0x02,
	NVME_LOG_FIRMWARE = 0x03,
	NVME_LOG_NAMESPACES = 0x04,
	NVME_LOG_EFFECTS = 0x05,
};

/* Error events, which the log of errors describes. */
#define NVME_EVENT_DOORBELL 0x00u /* written of a queue that is not there */
#define NVME_EVENT_VALUE    0x01u /* written with an invalid value */

struct nvme_error_entry {
	uint64_t count;
	uint16_t queue;
	uint16_t command;
	uint16_t status;
	uint16_t location;
	uint64_t lba;
	uint32_t namespace;
	uint8_t reserved[36];
};

_Static_assert(sizeof(struct nvme_error_entry) == 64, "as on the wire");

struct nvme_range {
	uint32_t attributes;
	uint32_t blocks;
	uint64_t first;
};

_Static_assert(sizeof(struct nvme_range) == 16, "as on the wire");

#define NVME_RANGES_MAX 256u

#endif
