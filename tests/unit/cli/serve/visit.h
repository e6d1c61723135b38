/* SPDX-License-Identifier: MIT */
/* Visits a service at the socket that a service manager has passed to it. */
#ifndef TESTS_UNIT_CLI_SERVE_VISIT_H
#define TESTS_UNIT_CLI_SERVE_VISIT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct visit {
	void (*then)(
		void *opaque); /* after the first reply; it ends the service */
	void *opaque;
	bool is_answered; /* the server agreed on a version */
	pthread_t thread;
	int client;
};

/* Passes a listening socket to this process, and blocks SIGTERM, which is to
 * end the service. Returns the socket. */
int visit_begin(void);

/* Connects, from a thread, and sends the first message of a client. */
void visit_start(struct visit *visit);

/* When the service has ended: joins the thread. */
void visit_join(struct visit *visit);

/* Returns whether the service has passed SIGTERM on, and takes it. */
bool visit_was_terminated(void);

/* Undoes visit_begin(). */
void visit_end(void);

/* Asks the service to end. */
void visit_terminate(void *opaque);

#endif
