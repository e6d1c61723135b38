/* SPDX-License-Identifier: MIT */
/* A control socket with a client and a machine of the test. */
#ifndef TESTS_UNIT_VMM_CONTROL_LINK_H
#define TESTS_UNIT_VMM_CONTROL_LINK_H

#include "vmm/control/control.h"
#include "vmm/control/warnings.h"

struct lend_ctx;

#define READY "{\"execute\":\"qmp_capabilities\"}"
#define EMPTY "{\"return\": {}}\r\n"

struct link {
	struct lend_ctx *ctx;
	struct control control;
	struct warnings warnings;
	char directory[40], path[64];
	int client;
	bool is_paused, is_mapping, plug_fails;
	char plugged[512]; /* the last device of device_add */
	unsigned int presses, resets, quits, unplugs;
	char answer[65536];
};

/* Fixtures of cmocka; *state is a struct link. The client is connected, and
 * link->answer has its greeting. */
int link_setup(void **state);
int link_teardown(void **state);

#define LINK_TEST(name)                                                        \
	cmocka_unit_test_setup_teardown(name, link_setup, link_teardown)

/* Open the control socket at link->path. */
int link_listen(struct link *t);

/* Returns a descriptor that is connected to it. */
int link_connect(const struct link *t);

/* Turns of the main loop until nothing is due. */
void link_turn(struct link *t);

/* What the client got, in link->answer. */
const char *link_receive(struct link *t);

/* Send @text, with @fd; serve it; and return the answer. */
const char *link_ask(struct link *t, const char *text);
const char *link_pass(struct link *t, const char *text, int fd);

unsigned int link_open_descriptors(void);

#endif
