// SPDX-License-Identifier: MIT
// Has a device by vfio-pci without IOMMU, whose removal waits, until a line
// comes: hold BUS. A driver that hangs.

#define PROGRAM "hold"
#include "guest.h"

#include <sys/ioctl.h>
#include <linux/vfio.h>

#define TRIES 600 /* tenths of a second: a node appears without an event */

static int hang_check(const char *what, int result)
{
	if (result < 0)
		guest_fail(what);
	return result;
}

/* The group of the device that has just been bound is the only one. */
static int hang_open(const char *device)
{
	static const char node[] = "/dev/vfio/noiommu-0";
	int container, group;

	for (int i = 0; i < TRIES && access(node, F_OK); i++)
		usleep(100000);
	container = hang_check("container", open("/dev/vfio/vfio", O_RDWR));
	group = hang_check(node, open(node, O_RDWR));
	hang_check("set container",
		   ioctl(group, VFIO_GROUP_SET_CONTAINER, &container));
	hang_check("set no IOMMU",
		   ioctl(container, VFIO_SET_IOMMU, VFIO_NOIOMMU_IOMMU));
	return hang_check("device",
			  ioctl(group, VFIO_GROUP_GET_DEVICE_FD, device));
}

int main(int argc, char **argv)
{
	char device[64], line[64];
	int fd;

	if (argc != 2)
		guest_fail_with(EINVAL, "no bus");
	snprintf(device, sizeof(device), "0000:%s:00.0", argv[1]);
	fd = hang_open(device);
	puts(PROGRAM " waits");
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		guest_fail("wait for a line");
	close(fd);
	puts(PROGRAM " ok");
	return 0;
}
