// SPDX-License-Identifier: MIT
// The descriptors that a command gets: an iommufd, and device nodes.

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/exec/passed.h"
#include "cli/no-memory.h"

/* As sd_listen_fds(3) has it. */
#define LISTEN_FIRST 3

/* Of linux/iommufd.h, which Debian 12 does not have. */
struct passed_option {
	uint32_t size;
	uint32_t option;
	uint16_t operation; /* 0: set */
	uint16_t reserved;
	uint32_t object;
	uint64_t value;
};

#define PASSED_IOMMU_OPTION _IO(';', 0x87)
#define PASSED_RLIMIT_MODE  0 /* an option */
#define PASSED_RLIMIT_BY_MM 1 /* its value: each process by itself */

static int passed_failed(struct lend_ctx *ctx, const char *call)
{
	return lend_error_set(ctx, LEND_ERROR_SYSTEM, errno, NULL,
			      "pass descriptors: %s: %s", call,
			      strerror(errno));
}

/* Those of this process close when it executes a program; the caller's did not
 * when it executed this one. */
static int passed_check_places(const struct exec_passed *passed,
			       struct lend_ctx *ctx)
{
	for (unsigned int i = 0; i < passed->count && passed->is_listed; i++) {
		int flags = fcntl(LISTEN_FIRST + (int)i, F_GETFD);

		if (flags < 0 || (flags & FD_CLOEXEC))
			continue;
		lend_error_set(ctx, LEND_ERROR_ARGUMENT, EEXIST, NULL,
			       "--listen-fds: descriptor %u is open already",
			       LISTEN_FIRST + i);
		return lend_error_remedy(ctx,
					 "shell: close it by %u<&- behind the "
					 "command",
					 LISTEN_FIRST + i);
	}
	return 0;
}

/* The library opens one for an address space, which the command makes itself.
 */
static int passed_open_iommufd(struct lend_ctx *ctx)
{
	struct lend_iommu_options options = LEND_IOMMU_OPTIONS_INIT;
	struct lend_iommu *iommu;
	int err, fd;

	options.backend = LEND_BACKEND_IOMMUFD;
	err = lend_iommu_new(ctx, &options, &iommu);
	if (err)
		return err;
	fd = fcntl(lend_iommu_fd(iommu), F_DUPFD_CLOEXEC, LISTEN_FIRST);
	if (fd < 0)
		fd = passed_failed(ctx, "F_DUPFD_CLOEXEC");
	lend_iommu_unref(iommu);
	return fd;
}

/* Pinned memory counts against the limit of the process, not of all processes
 * of its user together: each guest has its own. Requires root. */
static void passed_count_alone(struct lend_ctx *ctx, int iommufd)
{
	struct passed_option option = {
		.size = sizeof(option),
		.option = PASSED_RLIMIT_MODE,
		.value = PASSED_RLIMIT_BY_MM,
	};

	if (ioctl(iommufd, PASSED_IOMMU_OPTION, &option))
		lend_log(ctx, LEND_LOG_INFO,
			 "pinned memory counts for all processes of the user "
			 "together: %s",
			 strerror(errno));
}

/* A device that cannot be passed by iommufd can be opened by its user. */
static int passed_open_device(struct lend_ctx *ctx,
			      struct lend_address *address)
{
	int fd = lend_device_open_node(address);

	if (fd < 0 && lend_ctx_error(ctx)->code == LEND_ERROR_NO_VFIO)
		lend_error_remedy(ctx,
				  "lend exec passes device nodes alone; lend "
				  "bind --owner USER %s lets a user open it",
				  lend_address_name(address));
	return fd;
}

int exec_passed_open(struct exec_passed *passed, struct cli *cli,
		     const struct devices *devices, bool is_listed)
{
	unsigned int count = devices->count + 1;
	int err;

	*passed = (struct exec_passed){.is_listed = is_listed};
	passed->fds = calloc(count, sizeof(*passed->fds));
	if (!passed->fds)
		return cli_no_memory(cli->ctx);
	passed->count = count;
	for (unsigned int i = 0; i < count; i++)
		passed->fds[i] = -1;
	err = passed_check_places(passed, cli->ctx);
	for (unsigned int i = 1; i < count && !err; i++) {
		passed->fds[i] =
			passed_open_device(cli->ctx, devices->addresses[i - 1]);
		err = passed->fds[i] < 0 ? passed->fds[i] : 0;
	}
	if (err)
		return err;
	passed->fds[0] = passed_open_iommufd(cli->ctx);
	if (passed->fds[0] < 0)
		return passed->fds[0];
	passed_count_alone(cli->ctx, passed->fds[0]);
	return 0;
}

/* Moves all out of the way first: one may be in the place of another. */
static int passed_move(struct exec_passed *passed, struct lend_ctx *ctx)
{
	int beyond = LISTEN_FIRST + (int)passed->count;

	for (unsigned int i = 0; i < passed->count; i++) {
		int fd = fcntl(passed->fds[i], F_DUPFD_CLOEXEC, beyond);

		if (fd < 0)
			return passed_failed(ctx, "F_DUPFD_CLOEXEC");
		close(passed->fds[i]);
		passed->fds[i] = fd;
	}
	for (unsigned int i = 0; i < passed->count; i++) {
		int place = LISTEN_FIRST + (int)i;

		if (dup2(passed->fds[i], place) < 0)
			return passed_failed(ctx, "dup2");
		close(passed->fds[i]);
		passed->fds[i] = place;
	}
	return 0;
}

static int passed_set_variables(const struct exec_passed *passed,
				struct lend_ctx *ctx)
{
	char pid[32], count[32], *names = NULL;
	size_t size;
	FILE *file = open_memstream(&names, &size);
	int err;

	if (!file)
		return cli_no_memory(ctx);
	fputs("iommufd", file);
	for (unsigned int i = 1; i < passed->count; i++)
		fprintf(file, ":fd%u", i - 1);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	snprintf(count, sizeof(count), "%u", passed->count);
	err = fclose(file) || setenv("LISTEN_PID", pid, 1) ||
	      setenv("LISTEN_FDS", count, 1) ||
	      setenv("LISTEN_FDNAMES", names, 1);
	free(names);
	return err ? cli_no_memory(ctx) : 0;
}

int exec_passed_keep(struct exec_passed *passed, struct lend_ctx *ctx)
{
	if (passed->is_listed) {
		int err = passed_move(passed, ctx);

		return err ? err : passed_set_variables(passed, ctx);
	}
	for (unsigned int i = 0; i < passed->count; i++)
		if (fcntl(passed->fds[i], F_SETFD, 0))
			return passed_failed(ctx, "F_SETFD");
	return 0;
}

void exec_passed_close(struct exec_passed *passed)
{
	for (unsigned int i = 0; i < passed->count; i++)
		if (passed->fds[i] >= 0)
			close(passed->fds[i]);
	free(passed->fds);
	*passed = (struct exec_passed){0};
}
