/* SPDX-License-Identifier: MIT */
/* A job that the real kernel's table does in another process, in this one. */
#ifndef FAKE_APART_H
#define FAKE_APART_H

#include <fcntl.h>

#include "lib/base/kernel.h"

static inline ssize_t fake_apart_do(const struct kernel *k,
				    const struct apart_job *job)
{
	int fd = k->open(k, job->path, job->data ? O_WRONLY : O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = job->data ? k->write(k, fd, job->data, job->size)
		      : k->read(k, fd, job->buffer, job->size);
	k->close(k, fd);
	return n;
}

#endif
