// SPDX-License-Identifier: MIT
// What the service manager receives, and addresses that are none.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <cmocka.h>

#include "vmm/machine/notify.h"

/* Listens in the abstract namespace, under a name that nobody else has. */
static int notify_test_listen(char address[32])
{
	struct sockaddr_un name = {.sun_family = AF_UNIX};
	socklen_t size = sizeof(name);
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* Linux chooses one of five bytes. */
	assert_int_equal(
		bind(fd, (struct sockaddr *)&name, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&name, &size), 0);
	snprintf(address, 32, "@%.5s", name.sun_path + 1);
	return fd;
}

static void the_manager_gets_what_is_sent(void **state)
{
	struct notify notify;
	char address[32], text[NOTIFY_MAX * 2];
	int fd = notify_test_listen(address);
	ssize_t got;

	(void)state;
	notify_open(&notify, address);
	assert_true(notify.fd >= 0);
	notify_send(&notify, "READY=1\nSTATUS=%s", "The guest is running");
	got = recv(fd, text, sizeof(text), MSG_DONTWAIT);
	assert_int_equal(got, strlen("READY=1\nSTATUS=The guest is running"));
	assert_memory_equal(text, "READY=1\nSTATUS=The guest is running", got);
	notify_send(&notify, "%1000s", "x");
	assert_int_equal(recv(fd, text, sizeof(text), MSG_DONTWAIT),
			 NOTIFY_MAX - 1);
	close(fd);
	notify_send(&notify, "STOPPING=1");
	notify_close(&notify);
	assert_int_equal(notify.fd, -1);
}

static void other_addresses_are_ignored(void **state)
{
	static const char *const addresses[] = {
		NULL, "", "@", "/", "relative", "vsock:2:1", "/nonexistent/x",
	};
	struct notify notify;

	(void)state;
	for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
		notify_open(&notify, addresses[i]);
		assert_int_equal(notify.fd, -1);
		notify_send(&notify, "READY=1");
		notify_close(&notify);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manager_gets_what_is_sent),
		cmocka_unit_test(other_addresses_are_ignored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
