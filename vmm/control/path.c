// SPDX-License-Identifier: MIT
// A listening socket with a path, which goes when the process ends.
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <lend/context.h>
#include <lend/error.h>

#include "vmm/control/path.h"
#include "vmm/sandbox/privileges.h"

#define SOCKET_MODE 0600
#define BACKLOG     8
#define GONE_MS     1000

/* The error of @call on the socket at @text. */
static int path_error(const struct control_path *path, struct lend_ctx *ctx,
		      const char *text, const char *call, int err)
{
	return lend_error_set(ctx, LEND_ERROR_SYSTEM, err, NULL,
			      "%s: %s: %s: %s", path->option, text, call,
			      strerror(err));
}

void control_path_init(struct control_path *path, const char *option)
{
	*path = (struct control_path){
		.option = option,
		.directory = -1,
		.alive = -1,
		.gone = -1,
	};
}

static void path_close_descriptor(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static int path_make_address(const struct control_path *path,
			     struct lend_ctx *ctx, const char *text,
			     struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (strlen(text) < sizeof(address->sun_path)) {
		strcpy(address->sun_path, text);
		return 0;
	}
	lend_error_set(ctx, LEND_ERROR_ARGUMENT, ENAMETOOLONG, NULL,
		       "%s: %s: the path of a socket has at most %zu bytes",
		       path->option, text, sizeof(address->sun_path) - 1);
	return lend_error_remedy(ctx, "use a shorter path, or one that is "
				      "relative to the working directory");
}

/* Whoever renames it renames the socket's path too. */
static int path_open_directory(struct control_path *path, const char *text)
{
	const char *slash = strrchr(text, '/');
	char directory[sizeof(((struct sockaddr_un *)0)->sun_path)];
	size_t length = slash ? (size_t)(slash - text) : 0;

	memcpy(directory, text, length);
	directory[length] = '\0';
	path->name = slash ? slash + 1 : text;
	path->directory = open(!slash   ? "."
			       : length ? directory
					: "/",
			       O_PATH | O_DIRECTORY | O_CLOEXEC);
	return path->directory < 0 ? -errno : 0;
}

/* Whether nobody listens at @address any more. */
static bool path_is_stale(const struct sockaddr_un *address)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	bool is_stale = fd >= 0 &&
			connect(fd, (const struct sockaddr *)address,
				sizeof(*address)) &&
			errno == ECONNREFUSED;

	path_close_descriptor(&fd);
	return is_stale;
}

static int path_refuse_used(const struct control_path *path,
			    struct lend_ctx *ctx, const char *text)
{
	lend_error_set(ctx, LEND_ERROR_BUSY, EADDRINUSE, NULL,
		       "%s: %s: the path is in use", path->option, text);
	return lend_error_remedy(ctx,
				 "use another path, or end the program "
				 "that listens there (lsof %s)",
				 text);
}

/* Linux gives the file the mode of the socket, so that it is never a wider one.
 */
static int path_bind(const struct control_path *path, struct lend_ctx *ctx,
		     const struct sockaddr_un *address, int fd)
{
	const struct sockaddr *where = (const struct sockaddr *)address;
	struct stat st;

	if (fchmod(fd, SOCKET_MODE))
		return path_error(path, ctx, address->sun_path, "fchmod",
				  errno);
	if (!bind(fd, where, sizeof(*address)))
		return 0;
	if (errno != EADDRINUSE)
		return path_error(path, ctx, address->sun_path, "bind", errno);
	if (fstatat(path->directory, path->name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISSOCK(st.st_mode) || !path_is_stale(address) ||
	    unlinkat(path->directory, path->name, 0) ||
	    bind(fd, where, sizeof(*address)))
		return path_refuse_used(path, ctx, address->sun_path);
	lend_log(ctx, LEND_LOG_INFO, "%s: %s: a stale socket is replaced",
		 path->option, address->sun_path);
	return 0;
}

/* Nothing but the socket changes its owner, whatever is at the path now. */
static int path_own(struct control_path *path,
		    const struct user_identity *identity)
{
	int fd = openat(path->directory, path->name,
			O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st = {0};
	int err = fd < 0 || fstat(fd, &st) ? -errno : 0;

	if (!err && !S_ISSOCK(st.st_mode))
		err = -ENOTSOCK;
	path->device = st.st_dev;
	path->inode = st.st_ino;
	if (!err && identity->is_given && identity->uid &&
	    fchownat(fd, "", identity->uid, identity->gid, AT_EMPTY_PATH))
		err = -errno;
	path_close_descriptor(&fd);
	return err;
}

/* Another socket may have the name by now. */
static void path_unlink(const struct control_path *path)
{
	struct stat st;

	if (!fstatat(path->directory, path->name, &st, AT_SYMLINK_NOFOLLOW) &&
	    st.st_dev == path->device && st.st_ino == path->inode)
		unlinkat(path->directory, path->name, 0);
}

/* Closes all that the process has but @kept, in ascending order. */
static void path_close_others(const int kept[3])
{
	int first = 0;

	for (int i = 0; i < 3; i++) {
		if (kept[i] > first)
			syscall(SYS_close_range, first, kept[i] - 1, 0);
		first = kept[i] + 1;
	}
	syscall(SYS_close_range, first, INT_MAX, 0);
}

/* In the child: its directory, and the ends of both pipes, in the order in
 * which they were opened. It has the rights that the machine gives up, and
 * reads nothing from anybody. */
static void path_wait_and_unlink(const struct control_path *path, int ended,
				 int gone)
{
	const int low = ended < gone ? ended : gone;
	const int high = ended < gone ? gone : ended;
	sigset_t all;
	char byte;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	prctl(PR_SET_NAME, "lend-unlink");
	path_close_others((const int[3]){path->directory, low, high});
	while (read(ended, &byte, 1) < 0 && errno == EINTR)
		;
	path_unlink(path);
	_exit(0);
}

/*
 * A confined process unlinks nothing, and a killed one neither: a child does
 * it. Without a signal at its end, it is no child that a caller waits for.
 */
static int path_start_child(struct control_path *path)
{
	int ended[2], gone[2];
	long pid;

	if (pipe2(ended, O_CLOEXEC))
		return -errno;
	path->alive = ended[1];
	if (pipe2(gone, O_CLOEXEC)) {
		close(ended[0]);
		return -errno;
	}
	path->gone = gone[0];
	pid = syscall(SYS_clone, 0UL, NULL, NULL, NULL, NULL);
	if (!pid)
		path_wait_and_unlink(path, ended[0], gone[1]);
	close(ended[0]);
	close(gone[1]);
	return pid < 0 ? -errno : 0;
}

static int path_prepare(struct control_path *path, struct lend_ctx *ctx,
			const struct sockaddr_un *address,
			const struct user_identity *identity, int fd)
{
	int err = path_bind(path, ctx, address, fd);

	if (err)
		return err;
	err = path_own(path, identity);
	if (!err && listen(fd, BACKLOG))
		err = -errno;
	if (!err)
		err = path_start_child(path);
	if (!err) {
		path_close_descriptor(&path->directory);
		return 0;
	}
	path_unlink(path);
	return path_error(path, ctx, address->sun_path, "prepare the socket",
			  -err);
}

int control_path_listen(struct control_path *path, struct lend_ctx *ctx,
			const char *text, const struct user_identity *identity)
{
	struct sockaddr_un address;
	int err = path_make_address(path, ctx, text, &address);
	int fd;

	if (err)
		return err;
	err = path_open_directory(path, text);
	if (err)
		return path_error(path, ctx, text, "open its directory", -err);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return path_error(path, ctx, text, "socket", errno);
	err = path_prepare(path, ctx, &address, identity, fd);
	if (!err)
		return fd;
	close(fd);
	return err;
}

void control_path_close(struct control_path *path)
{
	struct pollfd gone = {.fd = path->gone, .events = POLLIN};

	if (path->alive >= 0) {
		path_close_descriptor(&path->alive);
		poll(&gone, 1, GONE_MS);
	}
	path_close_descriptor(&path->gone);
	path_close_descriptor(&path->directory);
}
