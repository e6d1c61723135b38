// SPDX-License-Identifier: MIT
// A server of vfio-user that has sent its messages before it is asked.

#include <sys/socket.h>

#include "tests/unit/lib/remote/script.h"

static struct script_message script_reply(uint16_t id, uint16_t command,
					  const void *payload, size_t size)
{
	struct script_message message = {
		.header = {
			.id = id,
			.command = command,
			.flags = USER_REPLY,
			.size = (uint32_t)(sizeof(message.header) + size),
		}};

	memcpy(message.payload, payload, size);
	return message;
}

struct script script_new(void)
{
	static const char version[] =
		"\0\0\0\0{\"capabilities\":{\"max_msg_fds\":8}}";
	const struct user_device_info info = {16, VFIO_DEVICE_FLAGS_PCI, 2, 1};
	const struct user_region_info region = {
		32, LEND_REGION_READ | LEND_REGION_WRITE, 0, 0, PAGE, 0};
	const struct user_region_info none = {.argsz = 32, .index = 1};
	const struct user_irq_info irq = {16, LEND_IRQ_EVENTFD, 0, 1};

	return (struct script){
		.peer = -1,
		.steps = {
			script_reply(1, USER_VERSION, version, sizeof(version)),
			script_reply(2, USER_DEVICE_GET_INFO, &info,
				     sizeof(info)),
			script_reply(3, USER_DEVICE_GET_REGION_INFO, &region,
				     sizeof(region)),
			script_reply(4, USER_DEVICE_GET_REGION_INFO, &none,
				     sizeof(none)),
			script_reply(5, USER_DEVICE_GET_IRQ_INFO, &irq,
				     sizeof(irq)),
		}};
}

/* What the header claims may be more than there is. */
void script_send(const struct script *script,
		 const struct script_message *message)
{
	const int fds[] = {script->peer, script->peer};
	size_t size = message->header.size;

	if (size < sizeof(message->header))
		size = sizeof(message->header);
	if (size > offsetof(struct script_message, fd_count))
		size = offsetof(struct script_message, fd_count);
	assert_true(peer_send_bytes(script->peer, message, size, fds,
				    message->fd_count));
}

int script_open(struct script *script, struct remote_test *test)
{
	int ends[2], err;

	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	script->peer = ends[0];
	fake_fd_give(test->fake, ends[1]);
	for (unsigned int i = 0; i < SCRIPT_STEPS; i++)
		script_send(script, &script->steps[i]);
	err = lend_device_open_socket(test->iommu, ends[1], NULL, NULL,
				      &test->device);
	if (err)
		test->fake->kernel.close(&test->fake->kernel, ends[1]);
	return err;
}

struct user_header script_receive(const struct script *script, void *payload,
				  size_t size)
{
	struct user_header header = {0};

	assert_int_equal(
		recv(script->peer, &header, sizeof(header), MSG_DONTWAIT),
		sizeof(header));
	if (size)
		assert_int_equal(
			recv(script->peer, payload, size, MSG_DONTWAIT), size);
	assert_int_equal(header.size, sizeof(header) + size);
	return header;
}

void script_end(struct script *script)
{
	if (script->peer >= 0)
		close(script->peer);
	script->peer = -1;
}
