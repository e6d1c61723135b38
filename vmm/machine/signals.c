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
	sigset_t taken;

	sigemptyset(&taken);
	sigaddset(&taken, SIGCONT);
	sigaddset(&taken, SIGINT);
	sigaddset(&taken, SIGTERM);
	sigaddset(&taken, SIGHUP);
	sigaddset(&taken, SIGQUIT);
	pthread_sigmask(SIG_BLOCK, &taken, &signals->before);
	signals->is_blocking = true;
	signals->fd = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	return signals->fd < 0 ? -1 : 0;
}

/* A signal that is blocked arrives even if it is ignored. */
int signals_read(const struct signals *signals)
{
	struct signalfd_siginfo info;
	struct sigaction action;
	int number;

	if (read(signals->fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	number = (int)info.ssi_signo;
	if (number != SIGCONT && sigaction(number, NULL, &action) == 0 &&
	    action.sa_handler == SIG_IGN)
		return 0;
	return number;
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
