// SPDX-License-Identifier: MIT
// Strings from users and from sysfs: names, -device strings, values.

#include <stdlib.h>

#include <lend/lend.h>

#include "cli/run/keys.h"
#include "cli/run/name.h"
#include "cli/run/objects.h"
#include "cli/run/smp.h"
#include "cli/values.h"
#include "lib/address/bdf.h"
#include "lib/user/version.h"
#include "stub.h"

/* Every value that is there is one that a check let pass. */
static void parse_spec(struct lend_ctx *ctx, const char *text)
{
	static const char *const names[] = {"host", "addr", "dt-drop", "fd",
					    "vf-token"};
	struct lend_address *address;
	struct lend_spec *spec;

	if (lend_spec_parse(ctx, text, &spec))
		return;
	for (unsigned int i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = lend_spec_get(spec, names[i]);

		if (value && strlen(value) > strlen(text))
			stub_never("a value longer than the string");
	}
	if (!lend_spec_locate(spec, &address))
		stub_never("a device where there is none");
	lend_spec_unref(spec);
}

struct strings_json {
	size_t room; /* of the text for decoded texts */
	unsigned int count;
};

static int strings_take_member(void *opaque, const char *name,
			       enum lend_json_type type, const char *value)
{
	struct strings_json *json = opaque;
	size_t size = strlen(name) + 1 + strlen(value) + 1;

	if (size > json->room)
		stub_never("members longer than the object");
	json->room -= size;
	if (type != LEND_JSON_STRING && !*value)
		stub_never("a number or boolean without text");
	if (++json->count > 64)
		stub_never("more members than are accepted");
	return 0;
}

static void strings_read_json(struct lend_ctx *ctx, const char *text)
{
	struct strings_json json = {.room = strlen(text)};

	if (lend_json_read(ctx, "-object", text, strings_take_member, &json) &&
	    !*lend_ctx_error(ctx)->what)
		stub_never("a refusal without a reason");
}

/* A peer's version message. */
static void strings_read_version(struct lend_ctx *ctx, const uint8_t *data,
				 size_t size)
{
	struct user_version version, again;
	uint8_t payload[USER_VERSION_TEXT], rewritten[USER_VERSION_TEXT];

	if (user_version_read(ctx, "peer", data, size, &version)) {
		if (!*lend_ctx_error(ctx)->what)
			stub_never("a refusal without a reason");
		return;
	}
	size = user_version_write(&version, payload);
	if (user_version_read(ctx, "peer", payload, size, &again) ||
	    user_version_write(&again, rewritten) != size ||
	    memcmp(payload, rewritten, size))
		stub_never("a version that is another when written");
}

/* The kernel's spelling is one that is read again as the same. */
static void parse_address(const char *text)
{
	struct bdf bdf, again;
	char name[BDF_TEXT];

	bdf_parse_slot(text, &bdf);
	if (bdf_parse(text, &bdf))
		return;
	bdf_print(&bdf, name);
	if (bdf_parse(name, &again) || bdf_difference(&bdf, &again))
		stub_never("an address that is another when printed");
}

static void strings_sanitize(char *text)
{
	size_t length = strlen(text);
	char *copy;

	lend_text_clean(text);
	copy = strdup(text);
	if (!copy)
		return;
	if (strlen(text) > length)
		stub_never("a text that grew");
	lend_text_clean(copy);
	if (strcmp(copy, text))
		stub_never("a text cleaned twice is another");
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			stub_never("a control character");
	free(copy);
}

static void parse_values(struct lend_ctx *ctx, const char *text)
{
	struct run_objects objects = {0};
	unsigned int number;
	uint64_t bytes;
	int fd;

	run_objects_add(&objects, ctx, text);
	run_objects_free(&objects);
	if (!value_memory(ctx, "-m", text, &bytes) &&
	    (!bytes || bytes > 1ull << 52))
		stub_never("memory beyond all");
	if (!value_cpus(ctx, "-smp", text, 288, &number) &&
	    (!number || number > 288))
		stub_never("processors beyond all");
	value_seconds(ctx, "-unplug-timeout", text, &number);
	if (!value_descriptor(ctx, "fd", text, &fd) && fd < 0)
		stub_never("a descriptor below 0");
}

/* Options of several properties. The keys of one of them are checked, by the
 * text's length: what is near to a wrong one takes most of the time. */
static void strings_parse_words(struct lend_ctx *ctx, const char *text)
{
	static const char *const options[3] = {"machine", "rtc", "audiodev"};
	struct run_refusals refusals = {0};
	unsigned int cpus;
	char *name = NULL;
	bool flat;

	run_keys_check(&refusals, ctx, options[strlen(text) % 3], text);
	if (refusals.count && !run_refusals_report(&refusals, ctx))
		stub_never("refusals without an error");
	run_refusals_free(&refusals);
	if (!run_smp_parse(ctx, text, 288, &cpus, &flat) &&
	    (!cpus || cpus > 288))
		stub_never("processors beyond all");
	run_name_parse(ctx, text, &name);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct lend_ctx *ctx = stub_get()->ctx;
	char *text = strndup((const char *)data, size);
	struct lend_address *address;

	if (!text)
		return 0;
	parse_spec(ctx, text);
	strings_read_json(ctx, text);
	strings_read_version(ctx, data, size);
	parse_address(text);
	if (!lend_address_find(ctx, text, &address))
		stub_never("a device where there is none");
	parse_values(ctx, text);
	strings_parse_words(ctx, text);
	strings_sanitize(text);
	free(text);
	return 0;
}
