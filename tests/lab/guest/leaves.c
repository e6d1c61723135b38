// SPDX-License-Identifier: MIT
// Waits until the device of a bus has left this guest: leaves BUS [SLOT]. With
// a slot, the guest itself releases the device.

#define PROGRAM "leaves"
#include "guest.h"

#define TRIES 3000 /* tenths of a second: sysfs has no event that lasts */

static void leaves_release(const char *slot)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/slots/%s/power", slot);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, "0", 1) != 1)
		guest_fail(path);
	close(fd);
}

int main(int argc, char **argv)
{
	char path[64];

	if (argc != 2 && argc != 3)
		guest_fail_with(EINVAL, "no bus");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/0000:%s:00.0",
		 argv[1]);
	if (access(path, F_OK))
		guest_fail(path);
	if (argc == 3)
		leaves_release(argv[2]);
	else
		puts(PROGRAM " waits");
	fflush(stdout);
	for (int i = 0; i < TRIES; i++) {
		if (access(path, F_OK)) {
			printf(PROGRAM " ok %s\n", argv[1]);
			return 0;
		}
		usleep(100000);
	}
	guest_fail_with(ETIMEDOUT, path);
}
