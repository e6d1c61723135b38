// SPDX-License-Identifier: MIT
// Runs a command and counts its system calls in a file.
//
// usage: count-calls FILE COMMAND...
//
// FILE has one line, always up to date: calls before the first KVM_RUN, calls
// since, KVM_RUN, DMA maps and unmaps, memory slots set. Returns the command's
// status.

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <linux/vfio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "trace.h"

/* IOAS_MAP, IOAS_MAP_FILE and IOAS_UNMAP of linux/iommufd.h, which not every
 * distribution has yet. */
#define IOAS_MAP      _IO(';', 0x85)
#define IOAS_UNMAP    _IO(';', 0x86)
#define IOAS_MAP_FILE _IO(';', 0x8f)

#define LINE 120

static struct {
	unsigned long before, since, run, maps, unmaps, slots;
	char *line; /* of the file */
} count;

static void write_line(void)
{
	char line[LINE + 1];

	snprintf(line, sizeof(line), "%lu %lu %lu %lu %lu %lu", count.before,
		 count.since, count.run, count.maps, count.unmaps, count.slots);
	memset(line + strlen(line), ' ', LINE - strlen(line));
	line[LINE - 1] = '\n';
	memcpy(count.line, line, LINE);
}

static void count_open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0 || ftruncate(fd, LINE))
		trace_fail(path);
	count.line =
		mmap(NULL, LINE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (count.line == MAP_FAILED)
		trace_fail(path);
	write_line();
}

static void count_ioctl(unsigned long request)
{
	switch (request) {
	case KVM_RUN:
		count.run++;
		break;
	case KVM_SET_USER_MEMORY_REGION:
		count.slots++;
		break;
	case VFIO_IOMMU_MAP_DMA:
	case IOAS_MAP:
	case IOAS_MAP_FILE:
		count.maps++;
		break;
	case VFIO_IOMMU_UNMAP_DMA:
	case IOAS_UNMAP:
		count.unmaps++;
		break;
	}
}

static void count_call(pid_t thread)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, thread, (void *)sizeof(info),
		   &info) < 0 ||
	    info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return;
	if (info.entry.nr == SYS_ioctl)
		count_ioctl(info.entry.args[1]);
	if (count.run)
		count.since++;
	else
		count.before++;
	write_line();
}

/* The signal that a stopped thread continues with. */
static int signal_of(pid_t thread, int status)
{
	int signal = WSTOPSIG(status);

	if (signal == (SIGTRAP | 0x80)) {
		count_call(thread);
		return 0;
	}
	/* The events of clone and execve, and a new thread's first stop, are
	 * the tracer's. */
	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
		count.before = 0;
	return signal == SIGTRAP || signal == SIGSTOP ? 0 : signal;
}

int main(int argc, char **argv)
{
	pid_t child, thread;
	int status;

	if (argc < 3)
		return TRACE_FAILED;
	count_open_file(argv[1]);
	child = trace_start(argv + 2, NULL,
			    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
				    PTRACE_O_TRACEEXEC);
	ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	for (;;) {
		thread = waitpid(-1, &status, __WALL);
		if (thread < 0 && errno == EINTR)
			continue;
		if (thread < 0)
			trace_fail("wait");
		if (WIFSTOPPED(status))
			ptrace(PTRACE_SYSCALL, thread, NULL,
			       (void *)(long)signal_of(thread, status));
		else if (thread == child)
			break;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
