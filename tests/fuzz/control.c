// SPDX-License-Identifier: MIT
// What a client of the control socket sends: a stream, its messages, commands.

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "input.h"
#include "stub.h"
#include "vmm/control/command.h"
#include "vmm/control/frame.h"

/* Which the machine answers; nothing comes of it here. */
static bool stub_is_paused(void *opaque)
{
	return *(bool *)opaque;
}

static void stub_pause(void *opaque)
{
	*(bool *)opaque = true;
}

static void stub_go_on(void *opaque)
{
	*(bool *)opaque = false;
}

static void stub_ignore(void *opaque)
{
	(void)opaque;
}

static void stub_list_cpus(void *opaque, struct writer *out)
{
	(void)opaque;
	writer_number(out, NULL, 1);
}

static bool stub_list_pci(void *opaque, struct writer *out)
{
	(void)opaque;
	(void)out;
	return true;
}

/* What is handed on is JSON again. */
static void stub_plug(void *opaque, const char *text, struct command_call *call)
{
	struct reader_value value;

	(void)opaque;
	(void)call;
	if (reader_check(text, strlen(text), &value) ||
	    reader_kind(value) != READER_OBJECT)
		stub_never("a device that is no JSON");
}

static void stub_unplug(void *opaque, const char *id, struct command_call *call)
{
	(void)opaque;
	command_fail(call, "DeviceNotFound", "Device '%s' not found", id);
}

static const struct control_ops ops = {
	.is_paused = stub_is_paused,
	.pause = stub_pause,
	.go_on = stub_go_on,
	.press_power = stub_ignore,
	.reset = stub_ignore,
	.quit = stub_ignore,
	.list_cpus = stub_list_cpus,
	.list_pci = stub_list_pci,
	.plug = stub_plug,
	.unplug = stub_unplug,
};

/* What is written is read again as the same. */
static void control_echo(const char *text, size_t length)
{
	struct writer once = {.limit = SIZE_MAX}, twice = once;
	struct reader_value value;

	if (reader_check(text, length, &value))
		return;
	writer_value(&once, NULL, value);
	if (reader_check(once.text, once.used, &value))
		stub_never("a value that is written is none");
	writer_value(&twice, NULL, value);
	if (once.used != twice.used ||
	    memcmp(once.text, twice.text, once.used) != 0)
		stub_never("a value that is written twice is another");
	writer_free(&once);
	writer_free(&twice);
}

/* Each line of the answers is a value. */
static void control_check_answers(const struct writer *out)
{
	const char *at = out->text ? out->text : "", *end = at + out->used;
	struct reader_value value;

	while (at < end) {
		const char *line = memchr(at, '\n', (size_t)(end - at));

		if (!line || reader_check(at, (size_t)(line - at), &value))
			stub_never("an answer that is no JSON");
		at = line + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	size_t piece = 1 + input_take(&input, 1);
	struct frame *frame = calloc(1, sizeof(*frame));
	const char *at = (const char *)input.at, *end = at + input.left;
	bool is_paused = false;
	struct control control = {
		.host = {.name = "web", .ops = &ops, .opaque = &is_paused},
		.listener = -1,
		.client = -1,
		.is_ready = true,
		.out.limit = 1 << 20,
	};

	passed_keep(&control.passed, dup(STDERR_FILENO), "a");
	while (frame && at < end) {
		const char *stop =
			(size_t)(end - at) > piece ? at + piece : end;

		while (frame_take(frame, &at, stop) != FRAME_MORE) {
			control_echo(frame->text, frame->length);
			command_take(&control, frame->text, frame->length);
		}
	}
	if (!control.out.is_full)
		control_check_answers(&control.out);
	passed_end(&control.passed);
	writer_free(&control.out);
	free(frame);
	return 0;
}
