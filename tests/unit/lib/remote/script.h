/* SPDX-License-Identifier: MIT */
/* A server of vfio-user that has sent its messages before it is asked. */
#ifndef TESTS_UNIT_LIB_REMOTE_SCRIPT_H
#define TESTS_UNIT_LIB_REMOTE_SCRIPT_H

#include "tests/unit/lib/remote/fixture.h"

/* The messages of an open, in their order: a PCI function with two regions,
 * the second of which has no size, and one interrupt index. */
enum script_step {
	SCRIPT_VERSION,
	SCRIPT_INFO,
	SCRIPT_REGION,
	SCRIPT_NO_REGION,
	SCRIPT_IRQ,
	SCRIPT_STEPS,
};

struct script_message {
	struct user_header header;
	_Alignas(8) uint8_t payload[96];
	unsigned int fd_count; /* copies of one descriptor */
};

struct script {
	struct script_message steps[SCRIPT_STEPS];
	int peer; /* the server's end, or -1 */
};

/* A script with the messages of an open, and no socket. */
struct script script_new(void);

/* Sends one more message; its size is in its header. */
void script_send(const struct script *script,
		 const struct script_message *message);

/* Sends the messages, and opens the device: remote_test.device. Returns what
 * the library did. */
int script_open(struct script *script, struct remote_test *test);

/* Receives the header of what the client sent next. */
struct user_header script_receive(const struct script *script, void *payload,
				  size_t size);

void script_end(struct script *script);

#endif
