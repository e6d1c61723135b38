// SPDX-License-Identifier: MIT
// The calls of the scripted kernel: one at a time, logged, counted, and failed
// on demand.

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake/internal.h"

/* What a device does when it is written to may call the kernel again. */
void fake_log_init(struct fake_kernel *fake)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	pthread_mutex_init(&fake->lock, &attr);
	pthread_mutexattr_destroy(&attr);
}

void fake_log_destroy(struct fake_kernel *fake)
{
	pthread_mutex_destroy(&fake->lock);
	free(fake->log);
}

void fake_misuse(struct fake_kernel *fake, const char *fmt, ...)
{
	va_list args;

	if (fake->misuses++)
		return;
	va_start(args, fmt);
	vsnprintf(fake->misuse, sizeof(fake->misuse), fmt, args);
	va_end(args);
}

/* Counts the calls of the kind that is to fail. Returns whether this is the
 * one.
 */
static bool fake_fault_hits(struct fake_kernel *fake, enum fake_op op,
			    unsigned long request)
{
	struct fake_fault *fault = &fake->fault;

	if (!fault->nth || (fault->op && fault->op != op) ||
	    (fault->request && fault->request != request) || --fault->nth)
		return false;
	fake->fail_error = fault->err;
	return true;
}

unsigned int fake_enter(struct fake_kernel *fake, enum fake_op op,
			unsigned long request, int fd)
{
	struct fake_call *call;

	pthread_mutex_lock(&fake->lock);
	if (fake->log_count == fake->log_size) {
		fake->log_size = fake->log_size ? 2 * fake->log_size : 256;
		call = realloc(fake->log, fake->log_size * sizeof(*call));
		if (!call)
			abort();
		fake->log = call;
	}
	call = &fake->log[fake->log_count];
	memset(call, 0, sizeof(*call));
	call->op = op;
	call->request = request;
	call->fd = fd;
	fake->is_failing = ++fake->calls == fake->fail_at ||
			   fake_fault_hits(fake, op, request);
	call->is_failing = fake->is_failing;
	return fake->log_count++;
}

unsigned int fake_enter_path(struct fake_kernel *fake, enum fake_op op,
			     const char *path)
{
	unsigned int n = fake_enter(fake, op, 0, -1);

	snprintf(fake->log[n].path, sizeof(fake->log[n].path), "%s", path);
	return n;
}

bool fake_fails(const struct fake_kernel *fake)
{
	return fake->is_failing;
}

bool fake_has_failed(const struct fake_kernel *fake, enum fake_op op,
		     unsigned long request)
{
	for (unsigned int i = 0; i < fake->failure_count; i++)
		if (fake->failures[i].op == op &&
		    (!request || fake->failures[i].request == request))
			return true;
	return false;
}

static void fake_failure_note(struct fake_kernel *fake,
			      const struct fake_call *call)
{
	fake->fault.has_hit = true;
	if (fake_has_failed(fake, call->op, call->request))
		return;
	if (fake->failure_count == FAKE_FAILURES)
		abort();
	fake->failures[fake->failure_count++] =
		(struct fake_failure){call->op, call->request};
}

int fake_leave(struct fake_kernel *fake, unsigned int n, int result)
{
	fake->log[n].result = result;
	if (fake->log[n].is_failing && result == -fake->fail_error)
		fake_failure_note(fake, &fake->log[n]);
	pthread_mutex_unlock(&fake->lock);
	return result;
}

int fake_find(const struct fake_kernel *fake, unsigned int from,
	      enum fake_op op, unsigned long request)
{
	for (unsigned int i = from; i < fake->log_count; i++)
		if ((!op || fake->log[i].op == op) &&
		    (!request || fake->log[i].request == request))
			return (int)i;
	return -1;
}

unsigned int fake_count(const struct fake_kernel *fake, enum fake_op op,
			unsigned long request)
{
	unsigned int count = 0;

	for (int i = -1; (i = fake_find(fake, i + 1, op, request)) >= 0;)
		count++;
	return count;
}

void fake_log_clear(struct fake_kernel *fake)
{
	fake->log_count = 0;
	fake->calls = 0;
	fake->fail_at = 0;
	fake->fault.nth = 0;
}
