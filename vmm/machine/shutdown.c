// SPDX-License-Identifier: MIT
// A signal asks for the end of the run: the guest is asked to shut down, and
// the run ends at a deadline.
#include <stdint.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "vmm/machine/shutdown.h"

#define PRESS_SECONDS 5

void shutdown_init(struct shutdown *shutdown, const struct shutdown_host *host)
{
	*shutdown = (struct shutdown){
		.host = *host,
		.timer_fd = -1,
		.timer = WATCH_NONE,
	};
}

void shutdown_close(struct shutdown *shutdown)
{
	watch_remove(shutdown->host.watch, &shutdown->timer);
	if (shutdown->timer_fd >= 0)
		close(shutdown->timer_fd);
	shutdown->timer_fd = -1;
}

static void shutdown_tick(void *opaque)
{
	struct shutdown *shutdown = opaque;
	const struct shutdown_host *host = &shutdown->host;
	unsigned int elapsed;
	uint64_t ticks;

	/* More than one after the process was stopped. */
	if (read(shutdown->timer_fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		return;
	shutdown->left -=
		ticks < shutdown->left ? (unsigned int)ticks : shutdown->left;
	shutdown->is_over = !shutdown->left;
	elapsed = host->seconds - shutdown->left;
	if (!shutdown->is_over && !(elapsed % PRESS_SECONDS))
		host->press_power(host->opaque);
}

bool shutdown_begin(struct shutdown *shutdown)
{
	static const struct itimerspec second = {{.tv_sec = 1}, {.tv_sec = 1}};
	const struct shutdown_host *host = &shutdown->host;

	if (shutdown->is_on || !host->seconds)
		return false;
	shutdown->timer_fd =
		timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (shutdown->timer_fd < 0 ||
	    timerfd_settime(shutdown->timer_fd, 0, &second, NULL))
		return false;
	shutdown->timer = (struct watch_item){shutdown->timer_fd, shutdown_tick,
					      shutdown};
	if (watch_add(host->watch, &shutdown->timer))
		return false;
	shutdown->is_on = true;
	shutdown->left = host->seconds;
	host->press_power(host->opaque);
	return true;
}
