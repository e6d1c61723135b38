// SPDX-License-Identifier: MIT
// Disables the memory of each device that another process has open by VFIO, in
// the way that the process itself could: all its mappings of BARs lose their
// pages.
//
// usage: disable-memory PID

#include <dirent.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COMMAND        4
#define COMMAND_MEMORY 2

static _Noreturn void memory_fail(const char *what)
{
	perror(what);
	exit(1);
}

static int memory_is_device(int fd)
{
	struct vfio_device_info info = {.argsz = sizeof(info)};

	return ioctl(fd, VFIO_DEVICE_GET_INFO, &info) == 0 &&
	       info.flags & VFIO_DEVICE_FLAGS_PCI;
}

static void memory_disable(int fd)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint16_t command;
	off_t at;

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &info))
		memory_fail("VFIO_DEVICE_GET_REGION_INFO");
	at = (off_t)info.offset + COMMAND;
	if (pread(fd, &command, sizeof(command), at) != sizeof(command))
		memory_fail("read");
	command &= (uint16_t)~COMMAND_MEMORY;
	if (pwrite(fd, &command, sizeof(command), at) != sizeof(command))
		memory_fail("write");
}

int main(int argc, char **argv)
{
	int process =
		argc == 2 ? (int)syscall(SYS_pidfd_open, atoi(argv[1]), 0) : -1;
	unsigned int count = 0;

	if (process < 0)
		memory_fail("pidfd_open");
	for (int number = 0; number < 1024; number++) {
		int fd = (int)syscall(SYS_pidfd_getfd, process, number, 0);

		if (fd < 0)
			continue;
		if (memory_is_device(fd)) {
			memory_disable(fd);
			count++;
		}
		close(fd);
	}
	printf("%u devices\n", count);
	return !count;
}
