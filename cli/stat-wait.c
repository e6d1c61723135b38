// SPDX-License-Identifier: MIT
// The time between two readings.

#include <time.h>

#include "cli/stat-read.h"

static double stat_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

double stat_wait(double seconds)
{
	struct timespec time = {
		.tv_sec = (time_t)seconds,
		.tv_nsec = (long)((seconds - (double)(time_t)seconds) * 1e9),
	};
	double start = stat_now();

	clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
	return stat_now() - start;
}
