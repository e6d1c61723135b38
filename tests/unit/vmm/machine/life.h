/* SPDX-License-Identifier: MIT */
/* A machine with a device on a scripted KVM and a scripted VFIO, from its
 * creation to its end. */
#ifndef TESTS_UNIT_VMM_MACHINE_LIFE_H
#define TESTS_UNIT_VMM_MACHINE_LIFE_H

#include "seam.h"
#include "vmm/assign/pci.h"
#include "vmm/machine/device.h"
#include "vmm/machine/machine.h"
#include "vmm/x86/pci-ports.h"

#define LIFE_SLOT 3
#define LIFE_CPUS 2
#define LIFE_ID   "lent" /* the device's */

/* What a guest writes to PCI_PORTS_ADDRESS to reach its device's command
 * register, and there to use the device. */
#define LIFE_COMMAND (1u << 31 | LIFE_SLOT << 11 | 4)
#define LIFE_ENABLED 6

/* The same to reach its MSI capability, whose flags have the enable bit. */
#define LIFE_MSI      (1u << 31 | LIFE_SLOT << 11 | 0x40)
#define LIFE_MSI_PORT (PCI_PORTS_ADDRESS + 4 + 2)

struct life {
	char kernel[40], initrd[40]; /* files */
	struct fake_kernel *fake;
	struct fake_device *lent;
	const char *mem_path;
	const struct topology *topology; /* or NULL: no root ports */
	unsigned int port;               /* above the device; or 0 */
	const char *socket; /* of a server's device, instead; or NULL */
	bool is_free;       /* without a sandbox */
	struct machine_control control; /* zeroes: none */
	struct assign_pci_config function;
	struct machine_device_config device;
	struct machine_config config;
	struct machine *machine; /* or NULL */
};

/* Returns 0, or -1: the fixture cannot be made. */
int life_open(struct life *life);
void life_close(struct life *life);

/* Create the machine. Returns 0 or a recorded error; life_end() is due. */
int life_begin(struct life *life, struct lend_ctx *ctx);
void life_end(struct life *life);

/* The host requests the device back, if the machine watches for that. */
void life_request(struct life *life);

#endif
