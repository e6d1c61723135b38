// SPDX-License-Identifier: MIT
// Waits until the device of a bus has left this guest: leaves BUS.

#define PROGRAM "leaves"
#include "guest.h"

#define TRIES 3000 /* tenths of a second: sysfs has no event that lasts */

int main(int argc, char **argv)
{
	char path[64];

	if (argc != 2)
		guest_fail_with(EINVAL, "no bus");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/0000:%s:00.0",
		 argv[1]);
	if (access(path, F_OK))
		guest_fail(path);
	puts(PROGRAM " waits");
	fflush(stdout);
	for (int i = 0; i < TRIES; i++) {
		if (access(path, F_OK)) {
			puts(PROGRAM " ok");
			return 0;
		}
		usleep(100000);
	}
	guest_fail_with(ETIMEDOUT, path);
}
