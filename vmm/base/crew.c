// SPDX-License-Identifier: MIT
// Work that is done by several threads at once, each taking the next piece.
#include <pthread.h>
#include <stdatomic.h>

#include "vmm/base/crew.h"

/* Enough for name services, which look up a device's owner. The C library
 * reuses it for the vCPUs' threads, which need a quarter of it. */
#define STACK_SIZE (512 * 1024)

struct crew {
	void (*work)(void *opaque, size_t i);
	void *opaque;
	size_t count;
	atomic_size_t next;
};

static void *take_turns(void *opaque)
{
	struct crew *crew = opaque;
	size_t i;

	while ((i = crew->next++) < crew->count)
		crew->work(crew->opaque, i);
	return NULL;
}

void crew_run(size_t threads, size_t count,
	      void (*work)(void *opaque, size_t i), void *opaque)
{
	struct crew crew = {.work = work, .opaque = opaque, .count = count};
	pthread_t helpers[CREW_MAX - 1];
	size_t most = threads < count ? threads : count;
	size_t started = 0;
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	while (started + 1 < most && started < CREW_MAX - 1 &&
	       !pthread_create(&helpers[started], &attr, take_turns, &crew))
		started++;
	pthread_attr_destroy(&attr);
	take_turns(&crew);
	while (started)
		pthread_join(helpers[--started], NULL);
}
