// SPDX-License-Identifier: MIT
// The system calls and ioctls of a confined machine on every architecture.
#include <linux/kvm.h>
#include <linux/vfio.h>

#include "vmm/sandbox/table.h"

/* Newer than the headers of Linux 6.1: linux/vfio.h, linux/iommufd.h. */
#define DEVICE_DETACH    _IO(VFIO_TYPE, VFIO_BASE + 20)
#define DEVICE_BIND      _IO(VFIO_TYPE, VFIO_BASE + 18)
#define DEVICE_ATTACH    _IO(VFIO_TYPE, VFIO_BASE + 19)
#define IOMMU_DESTROY    _IO(';', 0x80)
#define IOAS_IOVA_RANGES _IO(';', 0x84)
#define IOAS_MAP         _IO(';', 0x85)
#define IOAS_UNMAP       _IO(';', 0x86)
#define IOAS_MAP_FILE    _IO(';', 0x8f)

/* The most frequent first. */
static const struct sandbox_call calls[] = {
	SANDBOX_CALL(ioctl, VCPU, REQUEST, "KVM, VFIO and the terminal"),
	SANDBOX_CALL(pread64, VCPU, ANY, "registers that are not mapped"),
	SANDBOX_CALL(pwrite64, VCPU, ANY, "registers that are not mapped"),
	SANDBOX_CALL(futex, VCPU, ANY, "locks between threads"),
	SANDBOX_CALL(read, VCPU, ANY, "eventfds, signals, the terminal"),
	SANDBOX_CALL(write, VCPU, ANY, "eventfds, the console, messages"),
	SANDBOX_CALL(ppoll, VCPU, ANY, "the main loop, console output"),
	SANDBOX_CALL(eventfd2, VCPU, ANY, "a vector that is unmasked"),
	SANDBOX_CALL(close, VCPU, ANY, "eventfds, devices at the end"),
	SANDBOX_CALL(epoll_ctl, VCPU, ANY, "descriptors of lines"),
	SANDBOX_CALL(mmap, VCPU, NO_EXEC, "malloc(), BARs"),
	SANDBOX_CALL(mprotect, VCPU, NO_EXEC, "malloc(), stacks"),
	SANDBOX_CALL(munmap, VCPU, ANY, "malloc(), BARs"),
	SANDBOX_CALL(mremap, VCPU, ANY, "malloc()"),
	SANDBOX_CALL(madvise, VCPU, ANY, "a stack's end, BARs"),
	SANDBOX_CALL(brk, VCPU, ANY, "malloc()"),
	SANDBOX_CALL(rt_sigprocmask, VCPU, ANY, "threads"),
	SANDBOX_CALL(rt_sigreturn, VCPU, ANY, "the signal of a stop"),
	SANDBOX_CALL(rt_sigaction, VCPU, ANY, "the terminal at a crash"),
	SANDBOX_CALL(restart_syscall, VCPU, ANY, "after SIGCONT"),
	SANDBOX_CALL(clock_gettime, VCPU, ANY, "clocks without a vDSO"),
	SANDBOX_CALL(clock_nanosleep, VCPU, ANY, "a reset that is busy"),
	SANDBOX_CALL(nanosleep, VCPU, ANY, "a reset that is busy"),
	SANDBOX_CALL(gettid, VCPU, ANY, "records of failures"),
	SANDBOX_CALL(getpid, VCPU, ANY, "records of failures"),
	SANDBOX_CALL(getpgid, VCPU, OWN, "job control"),
	SANDBOX_CALL(tgkill, VCPU, OWN, "a stop, records of failures"),
	SANDBOX_CALL(sched_yield, VCPU, ANY, "locks between threads"),
	SANDBOX_CALL(exit, VCPU, ANY, "the end of a thread"),
	SANDBOX_CALL(exit_group, VCPU, ANY, "the end of the process"),

	SANDBOX_CALL(writev, MAIN, ANY, "messages"),
	SANDBOX_CALL(fcntl, MAIN, ANY, "flags of the output"),
	SANDBOX_CALL(epoll_pwait, MAIN, ANY, "the main loop"),
	SANDBOX_CALL(timerfd_create, MAIN, ANY, "-unplug-timeout"),
	SANDBOX_CALL(timerfd_settime, MAIN, ANY, "-unplug-timeout"),
	SANDBOX_CALL(rt_sigtimedwait, MAIN, ANY, "failed writes, at the end"),
	SANDBOX_CALL(sched_getaffinity, MAIN, ANY, "threads that fault in RAM"),
	SANDBOX_CALL(seccomp, MAIN, FILTER, "the filter of a vCPU's thread"),
	SANDBOX_CALL(clone3, MAIN, ABSENT, "libc then calls clone()"),
	SANDBOX_CALL(clone, MAIN, THREAD, "vCPUs, mapping of RAM"),
	SANDBOX_CALL(set_robust_list, MAIN, ANY, "a new thread"),
	SANDBOX_CALL(rseq, MAIN, ANY, "a new thread"),
	SANDBOX_CALL(set_tid_address, MAIN, ANY, "a new thread"),
};

/* The most frequent first. */
static const struct sandbox_request requests[] = {
	{KVM_RUN, SANDBOX_VCPU, "the guest"},
	{KVM_IRQFD, SANDBOX_VCPU, "a vector or a line that is wired"},
	{KVM_SET_GSI_ROUTING, SANDBOX_VCPU, "a vector's message"},
	{VFIO_DEVICE_SET_IRQS, SANDBOX_VCPU, "interrupts of a device"},
	{KVM_SET_USER_MEMORY_REGION, SANDBOX_VCPU, "a BAR that moves"},
	{KVM_CHECK_EXTENSION, SANDBOX_VCPU, "memory slots, the guest's reset"},
	{KVM_IRQ_LINE, SANDBOX_VCPU, "lines that KVM cannot be wired for"},
	{VFIO_DEVICE_RESET, SANDBOX_VCPU, "a reset that the guest requests"},
	{VFIO_DEVICE_GET_PCI_HOT_RESET_INFO, SANDBOX_VCPU, "likewise"},
	{VFIO_DEVICE_PCI_HOT_RESET, SANDBOX_VCPU, "likewise"},
	{VFIO_DEVICE_FEATURE, SANDBOX_VCPU, "DMA between devices"},
	{VFIO_IOMMU_MAP_DMA, SANDBOX_VCPU, "RAM, DMA between devices"},
	{VFIO_IOMMU_UNMAP_DMA, SANDBOX_VCPU, "DMA between devices, the end"},
	{IOAS_MAP, SANDBOX_VCPU, "RAM, DMA between devices"},
	{IOAS_MAP_FILE, SANDBOX_VCPU, "RAM, DMA between devices"},
	{IOAS_UNMAP, SANDBOX_VCPU, "DMA between devices, the end"},
	{TIOCGPGRP, SANDBOX_VCPU, "the terminal at a crash, job control"},
	{TCGETS, SANDBOX_VCPU, "the terminal at a crash"},
	{TCSETS, SANDBOX_VCPU, "the terminal at a crash"},

	{KVM_SIGNAL_MSI, SANDBOX_MAIN, "an interrupt without an irqfd"},
	{KVM_SET_DEVICE_ATTR, SANDBOX_MAIN, "a device that KVM forgets"},
	{DEVICE_DETACH, SANDBOX_MAIN, "the end of a device"},
	{IOMMU_DESTROY, SANDBOX_MAIN, "the end of an address space"},
	{VFIO_GROUP_UNSET_CONTAINER, SANDBOX_MAIN, "the end of a group"},
	{TCSETSW, SANDBOX_MAIN, "the terminal"},
	{TCSETSF, SANDBOX_MAIN, "the terminal"},
	{TCFLSH, SANDBOX_MAIN, "the terminal"},
};

static const struct sandbox_call control_calls[] = {
	SANDBOX_CALL(accept4, MAIN, ANY, "a client of the control socket"),
	SANDBOX_CALL(recvmsg, MAIN, ANY, "its requests and descriptors"),
};

static const struct sandbox_request control_requests[] = {
	{KVM_KVMCLOCK_CTRL, SANDBOX_VCPU, "a guest that was stopped"},
};

const struct sandbox_table sandbox_control = {
	.calls = control_calls,
	.call_count = sizeof(control_calls) / sizeof(control_calls[0]),
	.requests = control_requests,
	.request_count = sizeof(control_requests) / sizeof(control_requests[0]),
};

/* A device comes as an open descriptor: no path is opened for it. */
static const struct sandbox_call plug_calls[] = {
	SANDBOX_CALL(capget, MAIN, ANY, "whether RAM may be pinned"),
	SANDBOX_CALL(prlimit64, MAIN, QUERY, "how much RAM may be pinned"),
};

static const struct sandbox_request plug_requests[] = {
	{DEVICE_BIND, SANDBOX_MAIN, "a device that is plugged"},
	{DEVICE_ATTACH, SANDBOX_MAIN, "a device that is plugged"},
	{IOAS_IOVA_RANGES, SANDBOX_MAIN, "what its IOMMU can map"},
	{VFIO_DEVICE_GET_INFO, SANDBOX_MAIN, "its regions and interrupts"},
	{VFIO_DEVICE_GET_REGION_INFO, SANDBOX_MAIN, "its regions"},
	{VFIO_DEVICE_GET_IRQ_INFO, SANDBOX_MAIN, "its interrupts"},
	{KVM_CREATE_DEVICE, SANDBOX_MAIN, "KVM's list of VFIO devices"},
};

static const struct sandbox_call server_calls[] = {
	SANDBOX_CALL(recvmsg, MAIN, ANY, "the client's messages"),
	SANDBOX_CALL(sendmsg, MAIN, ANY, "replies"),
	SANDBOX_CALL(accept4, MAIN, ANY, "a client"),
	SANDBOX_CALL(fstat, MAIN, ANY, "the size of the client's memory"),
	SANDBOX_CALL(newfstatat, MAIN, ANY, "likewise: libc has either"),
	SANDBOX_CALL(capget, MAIN, ANY, "why memory cannot be pinned"),
	SANDBOX_CALL(prlimit64, MAIN, QUERY, "why memory cannot be pinned"),
};

static const struct sandbox_call remote_calls[] = {
	SANDBOX_CALL(sendmsg, VCPU, ANY, "requests to a device's server"),
	SANDBOX_CALL(recvmsg, VCPU, ANY, "its replies"),
	SANDBOX_CALL(shutdown, VCPU, ANY, "a server that is lost"),
};

const struct sandbox_table sandbox_remote = {
	.calls = remote_calls,
	.call_count = sizeof(remote_calls) / sizeof(remote_calls[0]),
};

const struct sandbox_table sandbox_server = {
	.calls = server_calls,
	.call_count = sizeof(server_calls) / sizeof(server_calls[0]),
};

/* The client's memory is never accessed, but copied by the kernel: the client
 * can shorten it at any time. */
static const struct sandbox_call disk_calls[] = {
	SANDBOX_CALL(preadv, MAIN, ANY, "a guest that reads"),
	SANDBOX_CALL(pwritev2, MAIN, ANY, "a guest that writes"),
	SANDBOX_CALL(fdatasync, MAIN, ANY, "a guest that flushes"),
	SANDBOX_CALL(fallocate, MAIN, ANY, "a guest that discards or zeroes"),
	SANDBOX_CALL(process_vm_readv, MAIN, OWN, "commands in its memory"),
	SANDBOX_CALL(process_vm_writev, MAIN, OWN, "completions in its memory"),
};

const struct sandbox_table sandbox_disk = {
	.calls = disk_calls,
	.call_count = sizeof(disk_calls) / sizeof(disk_calls[0]),
};

const struct sandbox_table sandbox_plug = {
	.calls = plug_calls,
	.call_count = sizeof(plug_calls) / sizeof(plug_calls[0]),
	.requests = plug_requests,
	.request_count = sizeof(plug_requests) / sizeof(plug_requests[0]),
};

const struct sandbox_table sandbox_common = {
	.calls = calls,
	.call_count = sizeof(calls) / sizeof(calls[0]),
	.requests = requests,
	.request_count = sizeof(requests) / sizeof(requests[0]),
};
