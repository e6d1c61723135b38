/* SPDX-License-Identifier: MIT */
/* What the two ends of a vfio-user connection agree on. */
#ifndef LIB_USER_VERSION_H
#define LIB_USER_VERSION_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/context.h"

/* One end's limits; what it does not mention has the protocol's default. */
struct user_version {
	uint16_t major;
	uint16_t minor;
	uint64_t max_msg_fds; /* descriptors that it receives in a message */
	uint64_t max_data_xfer_size;
	uint64_t max_dma_maps;
	uint64_t pgsizes;
};

#define USER_VERSION_TEXT 256

/* What this end announces. */
struct user_version user_version_own(void);

/*
 * Read the payload of a version message from @peer. Members that this end does
 * not know are ignored. Returns 0, or -EINVAL with a record.
 */
int user_version_read(struct lend_ctx *ctx, const char *peer,
		      const uint8_t *payload, size_t size,
		      struct user_version *version);

/* Write a payload; returns its size. */
size_t user_version_write(const struct user_version *version,
			  uint8_t payload[USER_VERSION_TEXT]);

#endif
