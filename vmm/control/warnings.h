/* SPDX-License-Identifier: MIT */
/* Warnings of any thread, on their way to the main loop. */
#ifndef VMM_CONTROL_WARNINGS_H
#define VMM_CONTROL_WARNINGS_H

#include <pthread.h>
#include <stdbool.h>

#define WARNINGS_MAX  8   /* that wait; more are dropped */
#define WARNINGS_TEXT 512 /* bytes of one, with its NUL */

struct warnings {
	pthread_mutex_t lock;
	int wake_fd; /* eventfd that wakes the main loop; or -1 */
	unsigned int first, count;
	char text[WARNINGS_MAX][WARNINGS_TEXT];
};

void warnings_init(struct warnings *warnings);
void warnings_destroy(struct warnings *warnings);

/* Wake by @fd from now on; -1: not any more. */
void warnings_set_wake(struct warnings *warnings, int fd);

/* Any thread, with any lock held: queue a copy of @text. */
void warnings_add(struct warnings *warnings, const char *text);

/* Returns false if there is none. */
bool warnings_take(struct warnings *warnings, char text[WARNINGS_TEXT]);

#endif
