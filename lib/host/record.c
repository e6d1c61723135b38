// SPDX-License-Identifier: MIT
// What a device was like before it was bound, kept across processes and
// crashes.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/host/record.h"

static const char first_line[] = "lend-bind 1";
static const char last_line[] = "end";

enum { TEXT_MAX = 4 * SYSFS_NAME };

/* As in "0000:02:00.0.pci". */
static int record_path(struct lend_ctx *ctx, const struct vfio_bus *bus,
		       const char *device, char path[SYSFS_PATH])
{
	int error = sysfs_path(path, "%s/%s.%s", ctx->state, device, bus->name);

	return error ? error_system(ctx, -error, device, "%s", ctx->state) : 0;
}

int record_lock(struct lend_ctx *ctx)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH];
	int error, lock;

	error = k->mkdir(k, ctx->state, 0755);
	if (error < 0 && error != -EEXIST)
		return change_failed(ctx, -error, NULL, "mkdir", ctx->state);
	error = sysfs_path(path, "%s/lock", ctx->state);
	if (error)
		return error_system(ctx, -error, NULL, "%s", ctx->state);
	lock = k->create(k, path, 0600);
	if (lock < 0)
		return change_failed(ctx, -lock, NULL, "open", path);
	error = k->lock(k, lock);
	if (error >= 0)
		return lock;
	k->close(k, lock);
	if (error != -EWOULDBLOCK)
		return error_system(ctx, -error, NULL, "lock %s", path);
	return lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, NULL,
			      "another lend bind or lend restore is under way");
}

void record_unlock(struct lend_ctx *ctx, int lock)
{
	ctx->kernel->close(ctx->kernel, lock);
}

static int write_file(struct lend_ctx *ctx, const char *path, const char *text)
{
	const struct kernel *k = ctx->kernel;
	size_t length = strlen(text);
	int fd = k->create(k, path, 0600);
	ssize_t n;
	int error;

	if (fd < 0)
		return fd;
	n = k->write(k, fd, text, length);
	error = n < 0 ? (int)n : (size_t)n == length ? 0 : -ENOSPC;
	if (!error)
		error = k->fsync(k, fd);
	k->close(k, fd);
	return error;
}

/* Lines end at newlines, which no sane name has. */
static bool has_newline(const struct record *record)
{
	return strchr(record->device, '\n') || strchr(record->driver, '\n') ||
	       strchr(record->override, '\n');
}

int record_write(struct lend_ctx *ctx, const struct record *record)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH], new[SYSFS_PATH], text[TEXT_MAX];
	int error, length;

	error = record_path(ctx, record->bus, record->device, path);
	if (error)
		return error;
	/* One will do: whoever writes records has the lock. */
	error = sysfs_path(new, "%s/new", ctx->state);
	if (error)
		return error_system(ctx, -error, record->device, "%s",
				    ctx->state);
	if (has_newline(record))
		return lend_error_set(ctx, LEND_ERROR_DEVICE, EBADMSG,
				      record->device,
				      "a name of it in sysfs has two lines");
	length = snprintf(text, sizeof(text),
			  "%s\ndevice %s\nbus %s\ndriver %s\noverride %s\n%s\n",
			  first_line, record->device, record->bus->name,
			  record->driver, record->override, last_line);
	if (length < 0 || (size_t)length >= sizeof(text))
		return error_system(ctx, ENAMETOOLONG, record->device,
				    "write %s", path);
	/* What a crash left behind may be longer than what we write. */
	error = k->unlink(k, new);
	if (!error || error == -ENOENT)
		error = write_file(ctx, new, text);
	if (!error)
		error = k->rename(k, new, path);
	if (!error)
		return 0;
	k->unlink(k, new);
	return change_failed(ctx, -error, record->device, "write", path);
}

int record_sync(struct lend_ctx *ctx)
{
	const struct kernel *k = ctx->kernel;
	int fd = k->open(k, ctx->state, O_RDONLY | O_DIRECTORY);
	int error = fd;

	if (fd >= 0) {
		error = k->fsync(k, fd);
		k->close(k, fd);
	}
	return error < 0
		       ? error_system(ctx, -error, NULL, "fsync %s", ctx->state)
		       : 0;
}

/* Takes "key value" off the front of *text. */
static bool take_line(char **text, const char *key, char value[SYSFS_NAME])
{
	char *line = strsep(text, "\n");
	size_t length = strlen(key);

	if (!line || strncmp(line, key, length) || line[length] != ' ' ||
	    strlen(line + length + 1) >= SYSFS_NAME)
		return false;
	strcpy(value, line + length + 1);
	return true;
}

static bool parse(char *text, struct record *record)
{
	char bus[SYSFS_NAME];
	char *line = strsep(&text, "\n");

	if (!line || strcmp(line, first_line) ||
	    !take_line(&text, "device", record->device) ||
	    !take_line(&text, "bus", bus) ||
	    !take_line(&text, "driver", record->driver) ||
	    !take_line(&text, "override", record->override))
		return false;
	record->bus = vfio_bus_named(bus);
	return record->bus && text && !strcmp(text, last_line);
}

int record_read(struct lend_ctx *ctx, const struct vfio_bus *bus,
		const char *device, struct record *record)
{
	char path[SYSFS_PATH], text[TEXT_MAX];
	int error = record_path(ctx, bus, device, path);
	int length;

	if (error)
		return error;
	length = sysfs_read(ctx, path, text, sizeof(text));
	if (length == -ENOENT)
		return length;
	if (length < 0 && length != -EBADMSG && length != -EFBIG)
		return change_failed(ctx, -length, device, "read", path);
	if (length >= 0 && parse(text, record) && record->bus == bus &&
	    !strcmp(record->device, device))
		return 0;
	lend_error_set(ctx, LEND_ERROR_STATE, EBADMSG, device,
		       "the record of the driver it had is damaged: %s", path);
	return lend_error_remedy(ctx, "bind it by hand as you want it, then "
				      "remove that file");
}

int record_remove(struct lend_ctx *ctx, const struct record *record)
{
	char path[SYSFS_PATH];
	int error = record_path(ctx, record->bus, record->device, path);

	if (error)
		return error;
	error = ctx->kernel->unlink(ctx->kernel, path);
	if (error && error != -ENOENT)
		return change_failed(ctx, -error, record->device, "remove",
				     path);
	return 0;
}

int record_for_each(struct lend_ctx *ctx,
		    void (*each)(void *opaque, const struct vfio_bus *bus,
				 const char *device),
		    void *opaque)
{
	struct sysfs_names names;
	int error = sysfs_list(ctx, ctx->state, &names);

	if (error)
		return change_failed(ctx, -error, NULL, "read", ctx->state);
	for (unsigned int i = 0; i < names.count; i++) {
		char *dot = strrchr(names.names[i], '.');
		const struct vfio_bus *bus;

		bus = dot ? vfio_bus_named(dot + 1) : NULL;
		if (!bus)
			continue;
		*dot = '\0';
		each(opaque, bus, names.names[i]);
	}
	sysfs_names_free(&names);
	return 0;
}
