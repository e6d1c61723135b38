/* SPDX-License-Identifier: MIT */
/* The lent devices of the example VMM: what its machine does with them. */
#ifndef EXAMPLES_VMM_DEVICES_H
#define EXAMPLES_VMM_DEVICES_H

#include <stdbool.h>
#include <stdint.h>

#include <lend/lend.h>

#define DEVICES 8

enum { ERROR, REQUEST, EVENTS };

struct devices;

struct device {
	struct devices *all;
	struct lend_device *lent;
	struct lend_kvm_pci *kvm;
	struct lend_pci *pci;
	uint64_t bars[LEND_PCI_BARS]; /* where they are; 0: nowhere */
	int events[EVENTS];           /* eventfds: ERR, REQ; or -1 */
};

struct devices {
	struct lend_ctx *ctx; /* both borrowed */
	struct lend_kvm *kvm;
	uint64_t memory, memory_end; /* BARs are placed here, */
	uint64_t ports, ports_end;   /* and here in I/O space */
	int line;                    /* GSI of all devices' INTx */
	bool has_requesters;         /* messages have requester IDs */
	struct lend_iommu *iommu;
	struct device list[DEVICES];
	unsigned int count;
};

/* Opens the devices, presents them, and maps RAM for their DMA. Returns 0, or
 * -1 with a message; devices_close() is called in both cases. */
int devices_open(struct devices *all, char **names, int count, void *ram,
		 uint64_t ram_base, uint64_t ram_size);
void devices_close(struct devices *all);

/* A guest's access to a BAR. Returns whether there is one at the address. */
bool devices_access(struct devices *all, uint64_t at, bool io, void *data,
		    unsigned int size, bool is_write);

/* A guest's access to the configuration space of the device in slot @slot; the
 * first has slot 1. Elsewhere ones are read. */
void devices_config(struct devices *all, unsigned int slot, unsigned int at,
		    uint8_t *data, unsigned int size, bool is_write);

/* After an event: 1 if the host wants a device back, -1 with a message after an
 * error of a device, otherwise 0. */
int devices_check(struct devices *all);

/* Prints the record of the last failure. Returns -1. */
int fail_lend(struct lend_ctx *ctx);

#endif
