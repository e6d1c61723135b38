// SPDX-License-Identifier: MIT
// Visits a service at the socket that a service manager has passed to it.

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/cli/serve/visit.h"
#include "tests/unit/lib/server/peer.h"

#define PASSED  3
#define SECONDS 60

/* Threads inherit the mask: the service alone takes the signal. */
static void visit_mask(int how)
{
	sigset_t taken;

	sigemptyset(&taken);
	sigaddset(&taken, SIGTERM);
	pthread_sigmask(how, &taken, NULL);
}

int visit_begin(void)
{
	int fd = peer_listen();
	char pid[32];

	assert_true(fd >= 0);
	if (fd != PASSED) {
		assert_int_equal(dup2(fd, PASSED), PASSED);
		close(fd);
	}
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	visit_mask(SIG_BLOCK);
	return PASSED;
}

void visit_end(void)
{
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	visit_mask(SIG_UNBLOCK);
}

static void *visit_run(void *opaque)
{
	static const uint8_t version[4];
	struct visit *visit = opaque;
	struct pollfd reply = {.fd = visit->client, .events = POLLIN};
	struct peer_reply received;

	if (peer_send(visit->client, USER_VERSION, 0, version, sizeof(version),
		      NULL, 0) &&
	    poll(&reply, 1, SECONDS * 1000) == 1)
		visit->is_answered = peer_receive(visit->client, &received) &&
				     !received.header.err;
	visit->then(visit->opaque);
	return NULL;
}

void visit_start(struct visit *visit)
{
	visit->client = peer_connect(PASSED);
	assert_true(visit->client >= 0);
	assert_int_equal(pthread_create(&visit->thread, NULL, visit_run, visit),
			 0);
}

void visit_join(struct visit *visit)
{
	pthread_join(visit->thread, NULL);
	close(visit->client);
}

bool visit_was_terminated(void)
{
	static const struct timespec now;
	sigset_t taken;

	sigemptyset(&taken);
	sigaddset(&taken, SIGTERM);
	return sigtimedwait(&taken, NULL, &now) == SIGTERM;
}

void visit_terminate(void *opaque)
{
	(void)opaque;
	kill(getpid(), SIGTERM);
}
