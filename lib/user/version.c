// SPDX-License-Identifier: MIT
// Reads and writes the versions and limits that vfio-user peers announce.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/json.h"
#include "lib/user/message.h"
#include "lib/user/version.h"

#define HEAD sizeof(struct user_version_head)

struct version_limit {
	const char *name;
	size_t at;
	uint64_t least;
};

/* A peer that receives no data, or has no pages, cannot be served. */
static const struct version_limit version_limits[] = {
	{"max_msg_fds", offsetof(struct user_version, max_msg_fds), 0},
	{"max_data_xfer_size",
	 offsetof(struct user_version, max_data_xfer_size), 1},
	{"max_dma_maps", offsetof(struct user_version, max_dma_maps), 1},
	{"pgsizes", offsetof(struct user_version, pgsizes), 1},
};

#define LIMITS (sizeof(version_limits) / sizeof(version_limits[0]))

/* What the specification has for members that are not there. */
static struct user_version version_defaults(void)
{
	return (struct user_version){
		.max_msg_fds = 1,
		.max_data_xfer_size = USER_DATA_MAX,
		.max_dma_maps = 65535,
		.pgsizes = 4096,
	};
}

struct user_version user_version_own(void)
{
	struct user_version own = version_defaults();

	own.major = USER_MAJOR;
	own.minor = USER_MINOR;
	own.max_msg_fds = USER_FDS_MAX;
	return own;
}

struct version_text {
	struct lend_ctx *ctx;
	const char *peer;
	struct user_version *version;
};

static int version_set_limit(const struct version_text *text,
			     const struct version_limit *limit,
			     enum lend_json_type type, const char *value)
{
	unsigned long long number = 0;
	char *end = NULL;

	errno = 0;
	if (type == LEND_JSON_NUMBER && *value != '-')
		number = strtoull(value, &end, 10);
	if (!end || *end || errno || number < limit->least) {
		lend_error_set(text->ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			       "%s: invalid %s in its version message",
			       text->peer, limit->name);
		return lend_error_evidence(text->ctx, "%s is %.32s",
					   limit->name, value);
	}
	memcpy((char *)text->version + limit->at, &(uint64_t){number},
	       sizeof(uint64_t));
	return 0;
}

static int version_take_member(void *opaque, const char *const *names,
			       unsigned int depth, enum lend_json_type type,
			       const char *value)
{
	const struct version_text *text = opaque;

	if (depth != 2 || strcmp(names[0], "capabilities"))
		return 0;
	for (size_t i = 0; i < LIMITS; i++)
		if (!strcmp(names[1], version_limits[i].name))
			return version_set_limit(text, &version_limits[i], type,
						 value);
	return 0;
}

static int version_refuse(struct lend_ctx *ctx, const char *peer,
			  const char *fault)
{
	return lend_error_set(ctx, LEND_ERROR_ARGUMENT, EINVAL, NULL,
			      "%s: invalid version message: %s", peer, fault);
}

int user_version_read(struct lend_ctx *ctx, const char *peer,
		      const uint8_t *payload, size_t size,
		      struct user_version *version)
{
	struct user_version found = version_defaults();
	struct version_text text = {ctx, peer, &found};
	struct user_version_head head;
	const char *json;
	int err = 0;

	if (size < HEAD)
		return version_refuse(ctx, peer, "too short for a version");
	json = (const char *)payload + HEAD;
	memcpy(&head, payload, HEAD);
	if (size > HEAD &&
	    memchr(json, '\0', size - HEAD) != json + size - HEAD - 1)
		return version_refuse(ctx, peer,
				      "the text has no NUL at its end");
	/* A peer without a text has the defaults. */
	if (size > HEAD + 1)
		err = json_read_tree(ctx, peer, json, version_take_member,
				     &text);
	if (err)
		return err;
	found.major = head.major;
	found.minor = head.minor;
	*version = found;
	return 0;
}

size_t user_version_write(const struct user_version *version,
			  uint8_t payload[USER_VERSION_TEXT])
{
	const struct user_version_head head = {version->major, version->minor};
	char *json = (char *)payload + HEAD;
	size_t room = USER_VERSION_TEXT - HEAD, used;

	memcpy(payload, &head, HEAD);
	used = (size_t)snprintf(json, room, "{\"capabilities\":{");
	for (size_t i = 0; i < LIMITS; i++) {
		const struct version_limit *limit = &version_limits[i];
		uint64_t value;

		memcpy(&value, (const char *)version + limit->at,
		       sizeof(value));
		used += (size_t)snprintf(
			json + used, room - used, "%s\"%s\":%llu", i ? "," : "",
			limit->name, (unsigned long long)value);
	}
	used += (size_t)snprintf(json + used, room - used, "}}");
	return HEAD + used + 1;
}
