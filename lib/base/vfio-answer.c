// SPDX-License-Identifier: MIT
// Reads answers with capability chains: repeats the ioctl until they fit, and
// checks each offset.

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <linux/vfio.h>

#include "lib/base/vfio-answer.h"

#define TRIES_MAX 4
#define BYTES_MAX (64u << 10)
#define STEPS_MAX 64

void info_free(struct info *info)
{
	free(info->bytes);
	info->bytes = NULL;
}

/* The descriptor that an ioctl is made on. */
struct info_file {
	const struct kernel *kernel;
	int fd;
};

/* What makes the request, and its number. */
struct info_source {
	int (*ask)(void *opaque, unsigned long request, void *argument);
	void *opaque;
	unsigned long request;
};

static int info_ask(const struct info_source *source, const void *question,
		    uint32_t base, struct info *info)
{
	int err;

	info->bytes = calloc(1, info->size);
	if (!info->bytes)
		return -ENOMEM;
	memcpy(info->bytes, question, base);
	memcpy(info->bytes, &info->size, sizeof(info->size));
	err = source->ask(source->opaque, source->request, info->bytes);
	return err < 0 ? err : 0;
}

int info_read_by(int (*ask)(void *opaque, unsigned long request,
			    void *argument),
		 void *opaque, unsigned long request, const void *question,
		 uint32_t base, struct info *info)
{
	const struct info_source source = {ask, opaque, request};
	uint32_t argsz;
	int err;

	/* No room at first: a driver may refuse more than it ever needs. */
	info->size = base;
	for (int tries = 0; tries < TRIES_MAX; tries++) {
		err = info_ask(&source, question, base, info);
		if (err) {
			info_free(info);
			return err;
		}
		memcpy(&argsz, info->bytes, sizeof(argsz));
		if (argsz <= info->size)
			return 0;
		info_free(info);
		if (argsz > BYTES_MAX)
			break;
		info->size = argsz;
	}
	return -EBADMSG;
}

static int info_ioctl(void *opaque, unsigned long request, void *argument)
{
	const struct info_file *file = opaque;

	return file->kernel->ioctl(file->kernel, file->fd, request, argument);
}

int info_read(const struct kernel *k, int fd, unsigned long request,
	      const void *question, uint32_t base, struct info *info)
{
	struct info_file file = {k, fd};

	return info_read_by(info_ioctl, &file, request, question, base, info);
}

int info_cap(const struct info *info, uint32_t first, uint32_t base,
	     uint16_t id, uint32_t need, uint32_t *offset)
{
	struct vfio_info_cap_header header;
	uint32_t at = first;

	for (int steps = 0; at; steps++, at = header.next) {
		if (steps == STEPS_MAX || at < base || at > info->size ||
		    info->size - at < sizeof(header))
			return -EBADMSG;
		memcpy(&header, (const char *)info->bytes + at, sizeof(header));
		if (header.id != id)
			continue;
		if (info->size - at < need)
			return -EBADMSG;
		*offset = at;
		return 1;
	}
	return 0;
}
