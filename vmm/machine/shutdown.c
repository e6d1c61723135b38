// SPDX-License-Identifier: MIT
// A signal asks for the end of the run: the guest is asked to shut down, and
// the run ends at a deadline.
#include "vmm/machine/shutdown.h"

#define PRESS_SECONDS 5

void shutdown_init(struct shutdown *shutdown, const struct shutdown_host *host)
{
	*shutdown = (struct shutdown){
		.host = *host,
		.end = DEADLINE_NONE,
		.press = DEADLINE_NONE,
	};
}

void shutdown_close(struct shutdown *shutdown)
{
	deadline_clear(&shutdown->press, shutdown->host.watch);
	deadline_clear(&shutdown->end, shutdown->host.watch);
}

static void shutdown_end(void *opaque)
{
	struct shutdown *shutdown = opaque;

	shutdown->is_over = true;
	shutdown_close(shutdown);
}

/* Without a timer, it is pressed no more: the deadline stands. */
static void shutdown_press(void *opaque)
{
	struct shutdown *shutdown = opaque;
	const struct shutdown_host *host = &shutdown->host;

	host->press_power(host->opaque);
	if (deadline_set(&shutdown->press, host->watch, PRESS_SECONDS,
			 shutdown_press, shutdown))
		deadline_clear(&shutdown->press, host->watch);
}

bool shutdown_begin(struct shutdown *shutdown)
{
	const struct shutdown_host *host = &shutdown->host;

	if (shutdown->is_on || !host->seconds ||
	    deadline_set(&shutdown->end, host->watch, host->seconds,
			 shutdown_end, shutdown))
		return false;
	shutdown->is_on = true;
	shutdown_press(shutdown);
	return true;
}
