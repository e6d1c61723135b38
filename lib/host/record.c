// SPDX-License-Identifier: MIT
// The state of a device before it was bound, kept on disk across crashes.

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/base/context.h"
#include "lib/host/record.h"

static const char first_line[] = "lend-bind 2";
static const char last_line[] = "end";

enum { TEXT_MAX = 8 * SYSFS_NAME };

/* As in "0000:02:00.0.pci". */
static int record_path(struct lend_ctx *ctx, const struct vfio_bus *bus,
		       const char *device, char path[SYSFS_PATH])
{
	int err = sysfs_path(path, "%s/%s.%s", ctx->state, device, bus->name);

	return err ? error_system(ctx, -err, device, "%s", ctx->state) : 0;
}

static int record_write_file(struct lend_ctx *ctx, const char *path,
			     const char *text)
{
	const struct kernel *k = ctx->kernel;
	size_t length = strlen(text);
	int fd = k->create(k, path, 0600);
	ssize_t n;
	int err;

	if (fd < 0)
		return fd;
	n = k->write(k, fd, text, length);
	err = n < 0 ? (int)n : (size_t)n == length ? 0 : -ENOSPC;
	if (!err)
		err = k->fsync(k, fd);
	k->close(k, fd);
	return err;
}

/* A newline in a name would end its line. */
static bool has_newline(const struct record *record)
{
	return strchr(record->device, '\n') || strchr(record->driver, '\n') ||
	       strchr(record->override, '\n') || strchr(record->module, '\n');
}

int record_write(struct lend_ctx *ctx, const struct record *record)
{
	const struct kernel *k = ctx->kernel;
	char path[SYSFS_PATH], new[SYSFS_PATH], text[TEXT_MAX];
	int err, length;

	err = record_path(ctx, record->bus, record->device, path);
	if (err)
		return err;
	/* One name is enough: a writer holds the lock. */
	err = sysfs_path(new, "%s/new", ctx->state);
	if (err)
		return error_system(ctx, -err, record->device, "%s",
				    ctx->state);
	if (has_newline(record))
		return lend_error_set(ctx, LEND_ERROR_DEVICE, EBADMSG,
				      record->device,
				      "its name or a driver name in sysfs "
				      "contains a newline");
	length = snprintf(text, sizeof(text),
			  "%s\ndevice %s\nbus %s\ndriver %s\noverride %s\n"
			  "module %s\nmodalias %s\nfunctions %s\n%s\n",
			  first_line, record->device, record->bus->name,
			  record->driver, record->override, record->module,
			  record->modalias, record->functions, last_line);
	if (length < 0 || (size_t)length >= sizeof(text))
		return error_system(ctx, ENAMETOOLONG, record->device,
				    "write %s", path);
	/* A file that a crash left may be longer than the new text. */
	err = k->unlink(k, new);
	if (!err || err == -ENOENT)
		err = record_write_file(ctx, new, text);
	if (!err)
		err = k->rename(k, new, path);
	if (!err)
		return 0;
	k->unlink(k, new);
	return change_failed(ctx, -err, record->device, "write", path);
}

int record_sync(struct lend_ctx *ctx)
{
	const struct kernel *k = ctx->kernel;
	int fd = k->open(k, ctx->state, O_RDONLY | O_DIRECTORY);
	int err = fd;

	if (fd >= 0) {
		err = k->fsync(k, fd);
		k->close(k, fd);
	}
	return err < 0 ? error_system(ctx, -err, NULL, "fsync %s", ctx->state)
		       : 0;
}

/* Takes "key value" off the front of *text. */
static bool record_take_line(char **text, const char *key,
			     char value[SYSFS_NAME])
{
	char *line = strsep(text, "\n");
	size_t length = strlen(key);

	if (!line || strncmp(line, key, length) || line[length] != ' ' ||
	    strlen(line + length + 1) >= SYSFS_NAME)
		return false;
	strcpy(value, line + length + 1);
	return true;
}

static bool record_parse(char *text, struct record *record)
{
	char bus[SYSFS_NAME], functions[SYSFS_NAME];
	char *line = strsep(&text, "\n");

	if (!line || strcmp(line, first_line) ||
	    !record_take_line(&text, "device", record->device) ||
	    !record_take_line(&text, "bus", bus) ||
	    !record_take_line(&text, "driver", record->driver) ||
	    !record_take_line(&text, "override", record->override) ||
	    !record_take_line(&text, "module", record->module) ||
	    !record_take_line(&text, "modalias", record->modalias) ||
	    !record_take_line(&text, "functions", functions) ||
	    strlen(functions) >= sizeof(record->functions))
		return false;
	strcpy(record->functions, functions);
	record->is_missing = false;
	record->bus = vfio_bus_named(bus);
	return record->bus && text && !strcmp(text, last_line);
}

int record_read(struct lend_ctx *ctx, const struct vfio_bus *bus,
		const char *device, struct record *record)
{
	char path[SYSFS_PATH], text[TEXT_MAX];
	int err = record_path(ctx, bus, device, path);
	int length;

	if (err)
		return err;
	length = sysfs_read(ctx, path, text, sizeof(text));
	if (length == -ENOENT)
		return length;
	if (length < 0 && length != -EBADMSG && length != -EFBIG)
		return change_failed(ctx, -length, device, "read", path);
	if (length >= 0 && record_parse(text, record) && record->bus == bus &&
	    !strcmp(record->device, device))
		return 0;
	lend_error_set(ctx, LEND_ERROR_STATE, EBADMSG, device,
		       "the record of its previous driver is damaged: %s",
		       path);
	return lend_error_remedy(
		ctx, "bind its driver by hand, then remove that file");
}

int record_remove(struct lend_ctx *ctx, const struct record *record)
{
	char path[SYSFS_PATH];
	int err = record_path(ctx, record->bus, record->device, path);

	if (err)
		return err;
	err = ctx->kernel->unlink(ctx->kernel, path);
	if (err && err != -ENOENT)
		return change_failed(ctx, -err, record->device, "remove", path);
	return 0;
}

int record_for_each(struct lend_ctx *ctx,
		    void (*each)(void *opaque, const struct vfio_bus *bus,
				 const char *device),
		    void *opaque)
{
	struct sysfs_names names;
	int err = sysfs_list(ctx, ctx->state, &names);

	if (err)
		return change_failed(ctx, -err, NULL, "read", ctx->state);
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
