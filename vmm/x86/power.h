/* SPDX-License-Identifier: MIT */
/* The registers for power-off and reset. */
#ifndef VMM_X86_POWER_H
#define VMM_X86_POWER_H

#include "vmm/base/bus.h"

struct pci_ports;

/* The FADT names these ports: see acpi/fadt.asl. */
#define POWER_SLEEP_CONTROL 0x600
#define POWER_SLEEP_STATUS  0x601
#define POWER_RESET         0x602
#define POWER_PORTS         3
/* The keyboard controller's port, which can pulse the CPU's reset line. */
#define POWER_KEYBOARD       0x64
#define POWER_KEYBOARD_PULSE 0xfe /* written to it */
#define POWER_KEY_GSI        5    /* see acpi/dsdt.asl */

struct power {
	/* Called on a vCPU's thread. */
	void (*off)(void *opaque);
	void (*reset)(void *opaque);
	void *opaque;
};

/* Register the ports on the bus; -errno if a port is in use. */
int power_init(struct power *power, struct bus *pio, struct pci_ports *ports);

#endif
