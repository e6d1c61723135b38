// SPDX-License-Identifier: MIT
// Warnings of any thread, on their way to the main loop.
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vmm/control/warnings.h"

void warnings_init(struct warnings *w)
{
	*w = (struct warnings){.wake_fd = -1};
	pthread_mutex_init(&w->lock, NULL);
}

void warnings_destroy(struct warnings *w)
{
	pthread_mutex_destroy(&w->lock);
}

void warnings_set_wake(struct warnings *w, int fd)
{
	pthread_mutex_lock(&w->lock);
	w->wake_fd = fd;
	pthread_mutex_unlock(&w->lock);
}

void warnings_add(struct warnings *w, const char *text)
{
	const uint64_t one = 1;
	ssize_t woken = 0;

	pthread_mutex_lock(&w->lock);
	if (w->count < WARNINGS_MAX)
		snprintf(w->text[(w->first + w->count++) % WARNINGS_MAX],
			 WARNINGS_TEXT, "%s", text);
	/* It can only fail when a wake-up is pending already. */
	if (w->wake_fd >= 0)
		woken = write(w->wake_fd, &one, sizeof(one));
	(void)woken;
	pthread_mutex_unlock(&w->lock);
}

bool warnings_take(struct warnings *w, char text[WARNINGS_TEXT])
{
	bool is_there;

	pthread_mutex_lock(&w->lock);
	is_there = w->count > 0;
	if (is_there) {
		memcpy(text, w->text[w->first], WARNINGS_TEXT);
		w->first = (w->first + 1) % WARNINGS_MAX;
		w->count--;
	}
	pthread_mutex_unlock(&w->lock);
	return is_there;
}
