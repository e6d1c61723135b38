// SPDX-License-Identifier: MIT
// Raises RLIMIT_NOFILE to the number of file descriptors that the machine may
// need.
#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include <lend/context.h>

#include "vmm/base/descriptors.h"

/* For the machine itself and descriptors passed in; and for each device,
 * besides one for each vector. */
#define MACHINE 64
#define DEVICE  8

unsigned long descriptors_need(unsigned int cpus, unsigned long devices,
			       unsigned long vectors)
{
	return MACHINE + cpus + devices * DEVICE + vectors;
}

void descriptors_reserve(struct lend_ctx *ctx, unsigned long count,
			 unsigned long interrupts)
{
	struct rlimit limit;

	if (count <= DESCRIPTORS_SURE || getrlimit(RLIMIT_NOFILE, &limit) ||
	    limit.rlim_cur >= count)
		return;
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit))
		lend_log(ctx, LEND_LOG_WARNING,
			 "cannot raise RLIMIT_NOFILE: %s", strerror(errno));
	if (limit.rlim_max < count)
		lend_log(ctx, LEND_LOG_WARNING,
			 "the machine may need %lu file descriptors, %lu of "
			 "them for interrupt vectors, but RLIMIT_NOFILE "
			 "allows %lu; vectors beyond the limit deliver no "
			 "interrupts; raise the hard limit (ulimit -Hn %lu, "
			 "or LimitNOFILE=%lu in a systemd unit)",
			 count, interrupts, (unsigned long)limit.rlim_max,
			 count, count);
}
