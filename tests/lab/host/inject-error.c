// SPDX-License-Identifier: MIT
// Injects an error into a PCI Express device with the kernel's AER injector.
//
// usage: inject-error DOMAIN:BUS:DEVICE.FUNCTION UNCORRECTABLE
//
// UNCORRECTABLE: bits of the AER uncorrectable error status

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* struct aer_error_inj of drivers/pci/pcie/aer_inject.c. */
struct injection {
	uint8_t bus;
	uint8_t device;
	uint8_t function;
	uint32_t uncorrectable;
	uint32_t correctable;
	uint32_t header[4];
	uint32_t domain;
};

_Static_assert(sizeof(struct injection) == 32, "as the kernel's");

int main(int argc, char **argv)
{
	struct injection injection = {
		.header = {0x04000001, 0x00200a03, 0x05010000, 0x00050100}};
	unsigned int domain, bus, device, function;
	int fd;

	if (argc != 3 || sscanf(argv[1], "%x:%x:%x.%x", &domain, &bus, &device,
				&function) != 4) {
		fprintf(stderr, "usage: inject-error DEVICE UNCORRECTABLE\n");
		return 2;
	}
	injection.domain = domain;
	injection.bus = (uint8_t)bus;
	injection.device = (uint8_t)device;
	injection.function = (uint8_t)function;
	injection.uncorrectable = (uint32_t)strtoul(argv[2], NULL, 0);
	fd = open("/dev/aer_inject", O_WRONLY | O_CLOEXEC);
	if (fd < 0) {
		perror("/dev/aer_inject");
		return 1;
	}
	if (write(fd, &injection, sizeof(injection)) != sizeof(injection)) {
		perror("inject");
		return 1;
	}
	return 0;
}
