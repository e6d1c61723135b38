// SPDX-License-Identifier: MIT
// Signals of a run: those that it takes through a descriptor, and those of
// failed writes, which it holds back.
#include <stddef.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "vmm/machine/signals.h"

static void signals_of_writes(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGPIPE);
	sigaddset(set, SIGXFSZ);
}

/* Blocked, not ignored: one call instead of one for each signal. */
void signals_block_writes(struct signals *signals)
{
	sigset_t writes;

	signals_of_writes(&writes);
	pthread_sigmask(SIG_BLOCK, &writes, &signals->before);
	signals->is_blocking = true;
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
	pthread_sigmask(SIG_BLOCK, &taken, NULL);
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

/*
 * A failed write left its signal pending, which would end the process once
 * unblocked. One that the caller blocked is the caller's.
 */
static void signals_drop_writes(const struct signals *signals)
{
	static const struct timespec now;
	sigset_t writes;

	signals_of_writes(&writes);
	if (sigismember(&signals->before, SIGPIPE))
		sigdelset(&writes, SIGPIPE);
	if (sigismember(&signals->before, SIGXFSZ))
		sigdelset(&writes, SIGXFSZ);
	while (sigtimedwait(&writes, NULL, &now) > 0)
		;
}

void signals_close(struct signals *signals)
{
	if (signals->fd >= 0)
		close(signals->fd);
	signals->fd = -1;
	if (!signals->is_blocking)
		return;
	signals_drop_writes(signals);
	pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
	signals->is_blocking = false;
}
