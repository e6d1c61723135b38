// SPDX-License-Identifier: MIT
// Holds a device by its descriptor alone, with its group and container closed.
//
// usage: hold-device keep|send GROUP DEVICE
//
// keep: the descriptor stays open
// send: it is in flight in a socket that nobody reads, and open nowhere

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <linux/vfio.h>

static int hold_check(const char *what, int result)
{
	if (result < 0) {
		perror(what);
		exit(1);
	}
	return result;
}

static int hold_open(const char *group, const char *device)
{
	char path[64];
	int container, group_fd, fd;

	snprintf(path, sizeof(path), "/dev/vfio/%s", group);
	container = hold_check("container", open("/dev/vfio/vfio", O_RDWR));
	group_fd = hold_check("group", open(path, O_RDWR));
	hold_check("set container",
		   ioctl(group_fd, VFIO_GROUP_SET_CONTAINER, &container));
	hold_check("set IOMMU",
		   ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU));
	fd = hold_check("device",
			ioctl(group_fd, VFIO_GROUP_GET_DEVICE_FD, device));
	close(group_fd);
	close(container);
	return fd;
}

static void hold_send(int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int ends[2];

	hold_check("socketpair", socketpair(AF_UNIX, SOCK_DGRAM, 0, ends));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	hold_check("send", (int)sendmsg(ends[0], &message, 0));
	close(fd);
}

int main(int argc, char **argv)
{
	int fd;

	if (argc != 4)
		return 2;
	fd = hold_open(argv[2], argv[3]);
	if (!strcmp(argv[1], "send"))
		hold_send(fd);
	printf("held\n");
	fflush(stdout);
	pause();
	return 0;
}
