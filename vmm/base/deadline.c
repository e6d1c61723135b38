// SPDX-License-Identifier: MIT
// A deadline of the main loop: its owner is called when the time is over.
#include <errno.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "vmm/base/deadline.h"

/* A time of 0 would disarm the timer. */
int deadline_set(struct deadline *deadline, struct watch *watch,
		 unsigned int seconds, void (*over)(void *opaque), void *opaque)
{
	const struct itimerspec when = {
		.it_value.tv_sec = seconds,
		.it_value.tv_nsec = !seconds,
	};

	deadline_clear(deadline, watch);
	deadline->fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (deadline->fd < 0 ||
	    timerfd_settime(deadline->fd, 0, &when, NULL) < 0)
		return -errno;
	deadline->item = (struct watch_item){deadline->fd, over, opaque};
	return watch_add(watch, &deadline->item);
}

void deadline_clear(struct deadline *deadline, struct watch *watch)
{
	watch_remove(watch, &deadline->item);
	if (deadline->fd >= 0)
		close(deadline->fd);
	deadline->fd = -1;
}
