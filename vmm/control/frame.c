// SPDX-License-Identifier: MIT
// Cuts a stream of JSON into messages.
#include "vmm/control/frame.h"

static void frame_reset(struct frame *frame)
{
	frame->length = 0;
	frame->depth = 0;
	frame->quote = 0;
	frame->is_escaped = false;
	frame->is_complete = false;
}

static void frame_string(struct frame *frame, char c)
{
	if (frame->is_escaped)
		frame->is_escaped = false;
	else if (c == '\\')
		frame->is_escaped = true;
	else if (c == frame->quote)
		frame->quote = 0;
}

/* Whether @c, in no string, ends the message. */
static bool frame_closes(struct frame *frame, char c)
{
	switch (c) {
	case '"':
	case '\'':
		frame->quote = c;
		return false;
	case '{':
	case '[':
		frame->depth++;
		return false;
	case '}':
	case ']':
		if (frame->depth)
			frame->depth--;
		return !frame->depth;
	default:
		return false;
	}
}

/* Whether @c completes the message. */
static bool frame_add(struct frame *frame, char c)
{
	bool is_blank = c == ' ' || c == '\t' || c == '\r' || c == '\n';

	if (!frame->length && is_blank)
		return false;
	frame->text[frame->length++] = c;
	if (c == '\n' && (frame->quote || !frame->depth))
		return true;
	if (!frame->quote)
		return frame_closes(frame, c);
	frame_string(frame, c);
	return false;
}

enum frame_result frame_take(struct frame *frame, const char **at,
			     const char *end)
{
	if (frame->is_complete)
		frame_reset(frame);
	while (*at < end) {
		char c = *(*at)++;

		if (frame->is_skipping) {
			frame->is_skipping = c != '\n';
			continue;
		}
		if (frame->length == FRAME_MAX) {
			frame_reset(frame);
			frame->is_skipping = c != '\n';
			return FRAME_LONG;
		}
		frame->is_complete = frame_add(frame, c);
		if (frame->is_complete)
			return FRAME_MESSAGE;
	}
	return FRAME_MORE;
}
