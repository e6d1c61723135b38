// SPDX-License-Identifier: MIT
// Which processes have device nodes, or a device of VFIO, open or mapped.

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/address/open-files.h"
#include "lib/base/context.h"
#include "lib/base/procfs.h"
#include "lib/base/sysfs.h"

#define VFIO_DEVICE "anon_inode:[vfio-device]"

struct pass {
	struct lend_ctx *ctx;
	struct open_files *files;
	const char *pid;    /* process being looked at */
	unsigned int first; /* its first match */
	const char *dir;    /* fd or map_files */
	bool by_target;     /* something is known by a link's target alone */
};

static void pass_add(const struct pass *pass, int node)
{
	struct open_files *files = pass->files;

	for (unsigned int i = pass->first; i < files->count; i++)
		if (files->matches[i].node == node)
			return;
	if (files->count == OPEN_MATCHES)
		return;
	files->matches[files->count].node = node;
	snprintf(files->matches[files->count++].pid,
		 sizeof(files->matches[0].pid), "%s", pass->pid);
}

/* The line "vfio-device-syspath: /sys/devices/…" names the device even where
 * its node and its group are closed. */
static void pass_visit_descriptor(const struct pass *pass, const char *name)
{
	static const char key[] = "vfio-device-syspath:";
	const char *path = sysfs_below(pass->files->device, pass->ctx->sysfs);
	char file[64], text[4096];
	char *rest = text, *line;

	snprintf(file, sizeof(file), "%.16s/fdinfo/%.32s", pass->pid, name);
	procfs_read(pass->ctx, file, text, sizeof(text));
	while ((line = procfs_next_line(&rest)))
		if (!strncmp(line, key, strlen(key)))
			break;
	if (!line) {
		pass_add(pass, OPEN_UNKNOWN);
		return;
	}
	line += strlen(key);
	line += strspn(line, " \t");
	if (path && sysfs_below(line, CTX_SYSFS) &&
	    !strcmp(sysfs_below(line, CTX_SYSFS), path))
		pass_add(pass, OPEN_DEVICE);
}

/* Matches that depend on the target of the link. */
static void pass_visit_target(const struct pass *pass, const char *name,
			      const char *path)
{
	const struct kernel *k = pass->ctx->kernel;
	const struct open_files *files = pass->files;
	char target[SYSFS_PATH];
	ssize_t length = k->readlink(k, path, target, sizeof(target) - 1);

	if (length < 0)
		return;
	target[length] = '\0';
	for (unsigned int i = 0; i < files->node_count; i++)
		if (!files->nodes[i].type &&
		    !strcmp(files->nodes[i].path, target))
			pass_add(pass, (int)i);
	if (files->device && !strcmp(target, VFIO_DEVICE))
		pass_visit_descriptor(pass, name);
}

static int pass_visit_file(void *opaque, const char *name)
{
	const struct pass *pass = opaque;
	const struct kernel *k = pass->ctx->kernel;
	const struct open_files *files = pass->files;
	struct stat st = {0};
	char path[SYSFS_PATH];
	mode_t type;

	if (sysfs_path(path, "%s/%s/%s/%s", pass->ctx->proc, pass->pid,
		       pass->dir, name))
		return 0;
	type = k->peek(k, path, &st) ? 0 : st.st_mode & S_IFMT;
	if (pass->by_target && type != S_IFCHR && type != S_IFBLK)
		pass_visit_target(pass, name, path);
	for (unsigned int i = 0; i < files->node_count; i++)
		if (type && files->nodes[i].type == type &&
		    files->nodes[i].number == st.st_rdev)
			pass_add(pass, (int)i);
	return 0;
}

/* A mapping keeps a node in use after its descriptor is closed. */
static int pass_visit_process(void *opaque, const char *name)
{
	struct pass *pass = opaque;
	const struct kernel *k = pass->ctx->kernel;
	char path[SYSFS_PATH];
	int err;

	if (name[strspn(name, "0123456789")] ||
	    sysfs_path(path, "%s/%s/fd", pass->ctx->proc, name))
		return 0;
	pass->pid = name;
	pass->first = pass->files->count;
	pass->dir = "fd";
	err = k->list(k, path, pass_visit_file, pass);
	if (err == -EACCES || err == -EPERM)
		pass->files->limit = "requires root";
	pass->dir = "map_files";
	if (!err && !sysfs_path(path, "%s/%s/map_files", pass->ctx->proc, name))
		k->list(k, path, pass_visit_file, pass);
	return 0;
}

/* procfs shows only the processes of a PID namespace. The first one has a
 * number that is part of the kernel's interface. */
static bool pass_is_contained(struct lend_ctx *ctx)
{
	char path[SYSFS_PATH], name[SYSFS_NAME];

	return !sysfs_path(path, "%s/self/ns/pid", ctx->proc) &&
	       sysfs_link(ctx, path, name, sizeof(name)) > 0 &&
	       strcmp(name, "pid:[4026531836]") != 0;
}

void open_files_find(struct lend_ctx *ctx, struct open_files *files)
{
	struct pass pass = {
		.ctx = ctx,
		.files = files,
		.by_target = files->device,
	};

	for (unsigned int i = 0; i < files->node_count; i++)
		pass.by_target |= !files->nodes[i].type;
	files->count = 0;
	files->limit = ctx->is_confined ? "unknown in a sandbox" : NULL;
	if (ctx->is_confined)
		return;
	if (pass_is_contained(ctx))
		files->limit = "requires the host's PID namespace";
	ctx->kernel->list(ctx->kernel, ctx->proc, pass_visit_process, &pass);
}

struct open_node open_node_at(struct lend_ctx *ctx, const char *path)
{
	const struct kernel *k = ctx->kernel;
	struct open_node node = {.path = path};
	struct stat st;

	if (!k->peek(k, path, &st) &&
	    (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode))) {
		node.type = st.st_mode & S_IFMT;
		node.number = st.st_rdev;
	}
	return node;
}

/* Writes the real user of a process, by name if it has one. */
static void describe_user(struct lend_ctx *ctx, const char *pid, char *user,
			  size_t size)
{
	char path[SYSFS_PATH], status[8192], names[1024];
	struct passwd entry, *found = NULL;
	const char *line;
	unsigned long uid;

	snprintf(user, size, "unknown");
	if (sysfs_path(path, "%s/%s/status", ctx->proc, pid) ||
	    sysfs_read(ctx, path, status, sizeof(status)) < 0)
		return;
	line = strstr(status, "\nUid:");
	if (!line)
		return;
	uid = strtoul(line + strlen("\nUid:"), NULL, 10);
	if (getpwuid_r((uid_t)uid, &entry, names, sizeof(names), &found) ||
	    !found)
		snprintf(user, size, "%lu", uid);
	else
		snprintf(user, size, "%s", entry.pw_name);
}

void open_files_describe(struct lend_ctx *ctx, const char *pid,
			 char text[OPEN_PROCESS])
{
	char file[SYSFS_PATH], comm[64], user[64];

	if (sysfs_path(file, "%s/%s/comm", ctx->proc, pid) ||
	    sysfs_read(ctx, file, comm, sizeof(comm)) < 0)
		strcpy(comm, "a process");
	describe_user(ctx, pid, user, sizeof(user));
	snprintf(text, OPEN_PROCESS, "%s (pid %.16s, user %s)", comm, pid,
		 user);
}

void open_files_add_evidence(struct lend_ctx *ctx, const char *path,
			     const char *pid)
{
	char process[OPEN_PROCESS];

	open_files_describe(ctx, pid, process);
	if (path)
		lend_error_evidence(ctx, "%s is held by %s", path, process);
	else
		lend_error_evidence(ctx,
				    "%s has a VFIO device open; this kernel "
				    "does not show which",
				    process);
}
