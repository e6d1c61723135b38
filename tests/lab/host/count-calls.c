// SPDX-License-Identifier: MIT
// Runs a command and counts its system calls in a file.
//
// usage: count-calls FILE COMMAND...
//
// FILE has one line, always up to date: calls before the first KVM_RUN, calls
// since, KVM_RUN, DMA maps and unmaps, memory slots set, calls that the first
// KVM_RUN depends on. Returns the command's status.
//
// Some threads run beside the one that calls KVM_RUN: how many of their calls
// come before it depends on the load of the machine. It always comes after the
// calls of its own thread, of that thread's creator until then, and of the
// threads that the creator used before. futex() is not among these: a thread
// waits for another, or finds it done.

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

#define LINE    140
#define THREADS 1024

static struct {
	unsigned long before, since, run, maps, unmaps, slots, start;
	char *line; /* of the file */
} count;

static struct thread {
	pid_t id; /* 0: none */
	pid_t creator;
	unsigned long calls; /* its own and those that it depends on */
} threads[THREADS];

static struct thread *thread_find(pid_t id)
{
	for (unsigned int i = 0; i < THREADS; i++)
		if (threads[i].id == id)
			return &threads[i];
	return NULL;
}

static struct thread *thread_add(pid_t id)
{
	struct thread *thread = thread_find(0);

	if (!thread) {
		errno = EAGAIN;
		trace_fail("too many threads");
	}
	*thread = (struct thread){.id = id};
	return thread;
}

static void write_line(void)
{
	char line[LINE + 1];

	snprintf(line, sizeof(line), "%lu %lu %lu %lu %lu %lu %lu",
		 count.before, count.since, count.run, count.maps, count.unmaps,
		 count.slots, count.start);
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

static void count_ioctl(const struct thread *thread, unsigned long request)
{
	switch (request) {
	case KVM_RUN:
		if (!count.run++)
			count.start = thread->calls;
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

/* The creator of a thread waits for it, unless it runs the guest: later calls
 * of the creator depend on its calls. */
static void count_for_threads(struct thread *thread)
{
	while (thread) {
		thread->calls++;
		thread = thread->creator ? thread_find(thread->creator) : NULL;
	}
}

static void count_call(struct thread *thread)
{
	struct __ptrace_syscall_info info;

	if (!trace_is_entry(thread->id, &info))
		return;
	if (info.entry.nr == SYS_ioctl)
		count_ioctl(thread, info.entry.args[1]);
	if (info.entry.nr != SYS_futex)
		count_for_threads(thread);
	if (count.run)
		count.since++;
	else
		count.before++;
	write_line();
}

/* The first stop of a new thread may be reported before this event of its
 * creator's; then it has waited for the event. */
static void count_clone(const struct thread *creator)
{
	unsigned long id = 0;
	struct thread *thread;

	ptrace(PTRACE_GETEVENTMSG, creator->id, NULL, &id);
	thread = thread_find((pid_t)id);
	if (thread)
		ptrace(PTRACE_SYSCALL, thread->id, NULL, NULL);
	else
		thread = thread_add((pid_t)id);
	thread->creator = creator->id;
	thread->calls = creator->calls;
}

/* The signal that a stopped thread continues with. */
static int signal_of(struct thread *thread, int status)
{
	if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		count_call(thread);
		return 0;
	}
	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXEC << 8))
		count.before = thread->calls = 0;
	if (status >> 8 == (SIGTRAP | PTRACE_EVENT_CLONE << 8))
		count_clone(thread);
	return trace_signal_of(status);
}

static void take_stop(pid_t id, int status)
{
	struct thread *thread = thread_find(id);

	if (thread)
		ptrace(PTRACE_SYSCALL, id, NULL,
		       (void *)(long)signal_of(thread, status));
	else
		thread_add(id);
}

static void take_end(pid_t id)
{
	struct thread *thread = thread_find(id);

	if (thread)
		thread->id = 0;
}

int main(int argc, char **argv)
{
	static const struct trace_events events = {
		.stopped = take_stop,
		.ended = take_end,
	};
	pid_t child;
	int status;

	if (argc < 3)
		return TRACE_FAILED;
	count_open_file(argv[1]);
	child = trace_start(argv + 2, NULL,
			    PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE |
				    PTRACE_O_TRACEEXEC);
	thread_add(child);
	ptrace(PTRACE_SYSCALL, child, NULL, NULL);
	status = trace_follow(child, &events);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
