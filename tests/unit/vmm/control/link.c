// SPDX-License-Identifier: MIT
// A control socket with a client and a machine of the test.
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include <lend/context.h>

#include "link.h"
#include "vmm/control/command.h"
#include "vmm/sandbox/privileges.h"

static bool link_is_paused(void *opaque)
{
	return ((struct link *)opaque)->is_paused;
}

static void link_pause(void *opaque)
{
	((struct link *)opaque)->is_paused = true;
}

static void link_go_on(void *opaque)
{
	((struct link *)opaque)->is_paused = false;
}

static void link_press_power(void *opaque)
{
	struct link *t = opaque;

	t->presses++;
	control_event(&t->control, "POWERDOWN");
}

static void link_reset(void *opaque)
{
	((struct link *)opaque)->resets++;
}

static void link_quit(void *opaque)
{
	((struct link *)opaque)->quits++;
}

static void link_list_cpus(void *opaque, struct writer *out)
{
	(void)opaque;
	writer_open(out, NULL, '{');
	writer_number(out, "cpu-index", 0);
	writer_close(out, '}');
}

static bool link_list_pci(void *opaque, struct writer *out)
{
	(void)out;
	return !((struct link *)opaque)->is_mapping;
}

static void link_plug(void *opaque, const char *text, struct command_call *call)
{
	struct link *t = opaque;

	snprintf(t->plugged, sizeof(t->plugged), "%s", text);
	if (t->plug_fails)
		command_fail(call, COMMAND_GENERIC, "no");
}

static void link_unplug(void *opaque, const char *id, struct command_call *call)
{
	struct link *t = opaque;

	if (strcmp(id, "nic") != 0)
		command_fail(call, "DeviceNotFound", "Device '%s' not found",
			     id);
	t->unplugs++;
}

static const struct control_ops link_ops = {
	.is_paused = link_is_paused,
	.pause = link_pause,
	.go_on = link_go_on,
	.press_power = link_press_power,
	.reset = link_reset,
	.quit = link_quit,
	.list_cpus = link_list_cpus,
	.list_pci = link_list_pci,
	.plug = link_plug,
	.unplug = link_unplug,
};

int link_listen(struct link *t)
{
	static const struct user_identity nobody_else;
	const struct control_host host = {
		.ctx = t->ctx,
		.name = "web",
		.warnings = &t->warnings,
		.ops = &link_ops,
		.opaque = t,
	};

	return control_open(&t->control, &host, t->path, &nobody_else);
}

int link_connect(const struct link *t)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, t->path);
	assert_int_equal(
		connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

void link_turn(struct link *t)
{
	struct pollfd fds[CONTROL_POLLED];

	control_poll(&t->control, fds);
	do {
		control_turn(&t->control, fds);
		control_poll(&t->control, fds);
	} while (poll(fds, CONTROL_POLLED, 0) > 0);
}

const char *link_receive(struct link *t)
{
	ssize_t got =
		recv(t->client, t->answer, sizeof(t->answer) - 1, MSG_DONTWAIT);

	t->answer[got > 0 ? got : 0] = '\0';
	return t->answer;
}

const char *link_ask(struct link *t, const char *text)
{
	assert_int_equal(send(t->client, text, strlen(text), 0), strlen(text));
	link_turn(t);
	return link_receive(t);
}

const char *link_pass(struct link *t, const char *text, int fd)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} extra = {0};
	struct iovec piece = {(void *)(uintptr_t)text, strlen(text)};
	struct msghdr message = {
		.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = extra.bytes,
		.msg_controllen = sizeof(extra.bytes),
	};
	struct cmsghdr *part = CMSG_FIRSTHDR(&message);

	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(part), &fd, sizeof(int));
	assert_int_equal(sendmsg(t->client, &message, 0), strlen(text));
	link_turn(t);
	return link_receive(t);
}

int link_setup(void **state)
{
	struct link *t = calloc(1, sizeof(*t));

	*state = t;
	assert_int_equal(lend_ctx_new(NULL, &t->ctx), 0);
	strcpy(t->directory, "/tmp/test-control-XXXXXX");
	assert_non_null(mkdtemp(t->directory));
	snprintf(t->path, sizeof(t->path), "%s/qmp", t->directory);
	warnings_init(&t->warnings);
	control_init(&t->control);
	assert_int_equal(link_listen(t), 0);
	t->client = link_connect(t);
	link_turn(t);
	link_receive(t);
	return 0;
}

int link_teardown(void **state)
{
	struct link *t = *state;

	close(t->client);
	control_close(&t->control);
	warnings_destroy(&t->warnings);
	assert_int_equal(access(t->path, F_OK), -1);
	assert_int_equal(rmdir(t->directory), 0);
	lend_ctx_unref(t->ctx);
	free(t);
	return 0;
}

unsigned int link_open_descriptors(void)
{
	unsigned int count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}
