// SPDX-License-Identifier: MIT
// Signals of a run: those that it takes through a descriptor, and those of
// failed writes, which it ignores.
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "vmm/machine/signals.h"

static const int of_writes[SIGNALS_OF_WRITES] = {SIGPIPE, SIGXFSZ};

/* Not blocked: they would be pending, and end the process, once unblocked. */
void signals_ignore_writes(struct signals *signals)
{
	const struct sigaction ignore = {.sa_handler = SIG_IGN};

	for (size_t i = 0; i < SIGNALS_OF_WRITES; i++)
		sigaction(of_writes[i], &ignore, &signals->writes_before[i]);
	signals->is_ignoring = true;
}

int signals_open(struct signals *signals)
{
	static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
	struct sigaction now;
	sigset_t taken;

	sigemptyset(&taken);
	sigaddset(&taken, SIGCONT);
	for (size_t i = 0; i < sizeof(ending) / sizeof(ending[0]); i++)
		if (sigaction(ending[i], NULL, &now) ||
		    now.sa_handler != SIG_IGN)
			sigaddset(&taken, ending[i]);
	pthread_sigmask(SIG_BLOCK, &taken, &signals->before);
	signals->is_blocking = true;
	signals->fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	return signals->fd < 0 ? -1 : 0;
}

void signals_close(struct signals *signals)
{
	if (signals->fd >= 0)
		close(signals->fd);
	signals->fd = -1;
	if (signals->is_blocking)
		pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
	signals->is_blocking = false;
	for (size_t i = 0; signals->is_ignoring && i < SIGNALS_OF_WRITES; i++)
		sigaction(of_writes[i], &signals->writes_before[i], NULL);
	signals->is_ignoring = false;
}
