// SPDX-License-Identifier: MIT
// The control socket: one client at a time, in the machine's main loop.
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <lend/context.h>

#include "vmm/base/no-memory.h"
#include "vmm/control/command.h"
#include "vmm/control/frame.h"
#include "vmm/control/warnings.h"

#define OUT_MAX    (512 * 1024) /* that a client has not taken */
#define PIECE      4096
#define PIECES_MAX 4 /* in a row, for the console and devices to be served */
#define FDS_MAX    16

enum { CONTROL_LISTENER, CONTROL_CLIENT };

void control_init(struct control *control)
{
	*control = (struct control){
		.listener = -1,
		.client = -1,
		.out.limit = OUT_MAX,
	};
	control_path_init(&control->path, "-qmp");
}

int control_open(struct control *control, const struct control_host *host,
		 const char *path, const struct user_identity *identity)
{
	control->host = *host;
	control->frame = calloc(1, sizeof(*control->frame));
	if (!control->frame)
		return vmm_no_memory(host->ctx, NULL);
	control->listener =
		control_path_listen(&control->path, host->ctx, path, identity);
	return control->listener < 0 ? control->listener : 0;
}

static void control_disconnect(struct control *control)
{
	if (control->client >= 0)
		close(control->client);
	control->client = -1;
	control->is_ready = control->is_leaving = false;
	passed_end(&control->passed);
	writer_free(&control->out);
	if (control->frame)
		memset(control->frame, 0, sizeof(*control->frame));
}

void control_close(struct control *control)
{
	control_disconnect(control);
	if (control->listener >= 0)
		close(control->listener);
	control_path_close(&control->path);
	free(control->frame);
	control_init(control);
}

/* Send what is queued, as far as the client takes it. */
static void control_send(struct control *control)
{
	struct writer *out = &control->out;
	ssize_t sent;

	while (out->used && !out->is_full) {
		sent = write(control->client, out->text, out->used);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent <= 0) {
			control_disconnect(control);
			return;
		}
		writer_drop(out, (size_t)sent);
	}
	if (out->is_full) {
		lend_log(control->host.ctx, LEND_LOG_INFO,
			 "-qmp: the client does not read; it is disconnected");
		control_disconnect(control);
	}
}

static void control_greet(struct control *control)
{
	struct writer *out = &control->out;

	writer_open(out, NULL, '{');
	writer_open(out, "QMP", '{');
	control_write_version(out, "version");
	writer_open(out, "capabilities", '[');
	writer_close(out, ']');
	writer_close(out, '}');
	writer_close(out, '}');
	writer_end(out);
}

static void control_accept(struct control *control)
{
	control->client = accept4(control->listener, NULL, NULL,
				  SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (control->client >= 0)
		control_greet(control);
}

/* Of several descriptors that arrive with one message the first counts. */
static void control_take_descriptors(struct control *control,
				     struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part;
	     part = CMSG_NXTHDR(message, part)) {
		size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		int fds[FDS_MAX];

		if (part->cmsg_level != SOL_SOCKET ||
		    part->cmsg_type != SCM_RIGHTS || count > FDS_MAX)
			continue;
		memcpy(fds, CMSG_DATA(part), count * sizeof(int));
		for (size_t i = 0; i < count; i++)
			if (i)
				close(fds[i]);
			else
				passed_arrive(&control->passed, fds[i]);
	}
}

static void control_take_bytes(struct control *control, const char *at,
			       const char *end)
{
	enum frame_result result = FRAME_MESSAGE;
	struct frame *frame = control->frame;

	while (result != FRAME_MORE && !control->out.is_full) {
		result = frame_take(frame, &at, end);
		if (result == FRAME_MESSAGE)
			command_take(control, frame->text, frame->length);
		else if (result == FRAME_LONG)
			command_refuse_input(control, "more than 65536 bytes");
	}
}

/* Returns whether there may be more. */
static bool control_receive(struct control *control)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(FDS_MAX * sizeof(int))];
	} extra;
	char bytes[PIECE];
	struct iovec piece = {bytes, sizeof(bytes)};
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = extra.bytes,
		.msg_controllen = sizeof(extra.bytes),
	};
	ssize_t got = recvmsg(control->client, &message,
			      MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

	if (got < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	control->is_leaving = got <= 0;
	if (got <= 0)
		return false;
	control_take_descriptors(control, &message);
	control_take_bytes(control, bytes, bytes + got);
	return got == PIECE;
}

void control_poll(const struct control *control, struct pollfd *fds)
{
	bool has_client = control->client >= 0;
	bool owes = control->out.used > 0;

	/* What a client asks for waits until it has read the answers. */
	fds[CONTROL_LISTENER] = (struct pollfd){
		.fd = has_client ? -1 : control->listener,
		.events = POLLIN,
	};
	fds[CONTROL_CLIENT] = (struct pollfd){
		.fd = control->client,
		.events = owes ? POLLOUT : POLLIN,
	};
}

static void control_send_warnings(struct control *control)
{
	char text[WARNINGS_TEXT];

	if (!control->host.warnings)
		return;
	while (warnings_take(control->host.warnings, text))
		control_event_message(control, "LEND_WARNING", NULL, text);
}

void control_turn(struct control *control, const struct pollfd *fds)
{
	if (control->listener < 0)
		return;
	control_send_warnings(control);
	if (fds[CONTROL_LISTENER].revents && control->client < 0)
		control_accept(control);
	else if (fds[CONTROL_CLIENT].revents & ~POLLOUT && !control->out.used)
		for (int i = 0; i < PIECES_MAX && control_receive(control); i++)
			;
	if (control->client >= 0)
		control_send(control);
	if (control->is_leaving && !control->out.used)
		control_disconnect(control);
}

bool control_begin_event(struct control *control, const char *name,
			 bool has_data)
{
	struct writer *out = &control->out;
	struct timespec now;

	if (control->client < 0 || !control->is_ready)
		return false;
	clock_gettime(CLOCK_REALTIME, &now);
	writer_open(out, NULL, '{');
	writer_open(out, "timestamp", '{');
	writer_number(out, "seconds", now.tv_sec);
	writer_number(out, "microseconds", now.tv_nsec / 1000);
	writer_close(out, '}');
	writer_string(out, "event", name);
	if (has_data)
		writer_open(out, "data", '{');
	return true;
}

void control_end_event(struct control *control, bool has_data)
{
	if (has_data)
		writer_close(&control->out, '}');
	writer_close(&control->out, '}');
	writer_end(&control->out);
}

void control_event(struct control *control, const char *name)
{
	if (control_begin_event(control, name, false))
		control_end_event(control, false);
}

void control_event_cause(struct control *control, const char *name,
			 bool by_guest, const char *reason)
{
	if (!strcmp(name, "SHUTDOWN")) {
		if (control->has_quit)
			return;
		control->has_quit = true;
	}
	if (!control_begin_event(control, name, true))
		return;
	writer_bool(&control->out, "guest", by_guest);
	writer_string(&control->out, "reason", reason);
	control_end_event(control, true);
}

void control_event_message(struct control *control, const char *name,
			   const char *device, const char *message)
{
	if (!control_begin_event(control, name, true))
		return;
	if (device && *device)
		writer_string(&control->out, "host", device);
	writer_string(&control->out, "message", message);
	control_end_event(control, true);
}

void control_write_device(struct control *control, const char *id,
			  const char *name)
{
	char path[256];

	if (id) {
		snprintf(path, sizeof(path), "/machine/peripheral/%s", id);
		writer_string(&control->out, "device", id);
		writer_string(&control->out, "path", path);
	}
	if (name)
		writer_string(&control->out, "host", name);
}

void control_finish(struct control *control)
{
	if (control->client >= 0)
		control_send(control);
}
