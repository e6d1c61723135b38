// SPDX-License-Identifier: MIT
// Locks between commands that change the host.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "lib/address/holders.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/host/lock.h"

/* Ten seconds. flock() itself would wait for ever, or until a signal that a
 * library must not use. */
enum { LOCK_TRIES = 100, LOCK_PAUSE = 100, LOCK_SLOW = 20 };

/* Finds the process that holds the lock on a file: its pid, or 0. Others that
 * wait for the lock have the file open too. */
static int lock_find_holder(struct lend_ctx *ctx, const struct stat *st)
{
	char *text = procfs_read_all(ctx, "locks"), *rest = text, *line;
	int pid = 0;

	while (text && !pid && (line = procfs_next_line(&rest))) {
		unsigned int major, minor;
		unsigned long inode;
		int found;

		if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%lu", &found,
			   &major, &minor, &inode) == 4 &&
		    inode == st->st_ino && major == major(st->st_dev) &&
		    minor == minor(st->st_dev))
			pid = found;
	}
	free(text);
	return pid;
}

/* "lend (pid 3141)", or "" if it cannot be seen. */
static void lock_describe_holder(struct lend_ctx *ctx, const struct stat *st,
				 char text[128])
{
	int pid = lock_find_holder(ctx, st);
	char name[32], comm[64];

	text[0] = '\0';
	if (pid <= 0)
		return;
	snprintf(name, sizeof(name), "%d/comm", pid);
	if (procfs_read(ctx, name, comm, sizeof(comm)) < 0)
		strcpy(comm, "a process");
	comm[strcspn(comm, "\n")] = '\0';
	snprintf(text, 128, "%s (pid %d)", comm, pid);
}

static int lock_report_holder(struct lend_ctx *ctx, const char *path,
			      const struct stat *st)
{
	char holder[128];

	lock_describe_holder(ctx, st, holder);
	lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, NULL,
		       "another command of lend is changing the host");
	if (!holder[0])
		return lend_error_evidence(ctx, "%s is locked", path);
	return lend_error_evidence(ctx, "%s is held by %s", path, holder);
}

static void lock_report_wait(struct lend_ctx *ctx, int fd, const char *path)
{
	struct stat st = {0};
	char holder[128] = "";

	if (!ctx->kernel->fstat(ctx->kernel, fd, &st))
		lock_describe_holder(ctx, &st, holder);
	lend_log(ctx, LEND_LOG_PROGRESS,
		 "waiting up to %d s for %s, which has locked %s",
		 (LOCK_TRIES - LOCK_SLOW) * LOCK_PAUSE / 1000,
		 holder[0] ? holder : "another command of lend", path);
}

static int lock_await(struct lend_ctx *ctx, int fd, const char *path)
{
	const struct kernel *k = ctx->kernel;
	int err = k->lock(k, fd);

	for (int i = 1; err == -EWOULDBLOCK && i < LOCK_TRIES; i++) {
		if (i == LOCK_SLOW)
			lock_report_wait(ctx, fd, path);
		k->poll(k, NULL, 0, LOCK_PAUSE);
		err = k->lock(k, fd);
	}
	return err;
}

int lock_take(struct lend_ctx *ctx)
{
	const struct kernel *k = ctx->kernel;
	struct stat st = {0};
	char path[SYSFS_PATH];
	int err, lock;

	err = k->mkdir(k, ctx->state, 0755);
	if (err < 0 && err != -EEXIST)
		return change_failed(ctx, -err, NULL, "mkdir", ctx->state);
	err = sysfs_path(path, "%s/lock", ctx->state);
	if (err)
		return error_system(ctx, -err, NULL, "%s", ctx->state);
	lock = k->create(k, path, 0600);
	if (lock < 0)
		return change_failed(ctx, -lock, NULL, "open", path);
	err = lock_await(ctx, lock, path);
	if (err >= 0)
		return lock;
	k->fstat(k, lock, &st);
	k->close(k, lock);
	if (err != -EWOULDBLOCK)
		return error_system(ctx, -err, NULL, "lock %s", path);
	lock_report_holder(ctx, path, &st);
	return lend_error_remedy(ctx, "retry when it has ended");
}

void lock_release(struct lend_ctx *ctx, int lock)
{
	ctx->kernel->close(ctx->kernel, lock);
}

static int lock_device_path(struct lend_ctx *ctx, const char *bus,
			    const char *device, char path[SYSFS_PATH])
{
	int err = sysfs_path(path, "%s/%s.%s.busy", ctx->state, device, bus);

	return err ? error_system(ctx, -err, device, "%s", ctx->state) : 0;
}

int lock_take_device(struct lend_ctx *ctx, const char *bus, const char *device,
		     const char *path)
{
	const struct kernel *k = ctx->kernel;
	char file[SYSFS_PATH];
	int err = lock_device_path(ctx, bus, device, file);
	int lock;

	if (err)
		return err;
	lock = k->create(k, file, 0600);
	if (lock < 0)
		return change_failed(ctx, -lock, device, "open", file);
	err = lock_await(ctx, lock, file);
	if (err >= 0)
		return lock;
	k->close(k, lock);
	if (err != -EWOULDBLOCK)
		return error_system(ctx, -err, device, "lock %s", file);
	lend_error_set(ctx, LEND_ERROR_BUSY, EBUSY, device,
		       "the kernel has not ended an earlier change of it");
	lend_error_evidence(ctx,
			    "process lend-apart waits in the kernel, until the "
			    "last user closes the device");
	holders_add_device_evidence(ctx, path);
	return lend_error_remedy(ctx,
				 "stop the processes that use it, also those "
				 "in containers, then retry");
}

void lock_release_device(struct lend_ctx *ctx, const char *bus,
			 const char *device, int lock, bool is_late)
{
	const struct kernel *k = ctx->kernel;
	struct error_record record;
	char path[SYSFS_PATH];

	error_save(ctx, &record);
	if (!is_late && !lock_device_path(ctx, bus, device, path))
		k->unlink(k, path);
	error_reinstate(ctx, &record);
	k->close(k, lock);
}
