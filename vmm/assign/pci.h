/* SPDX-License-Identifier: MIT */
/* A lent PCI function in the machine: its configuration and creation. */
#ifndef VMM_ASSIGN_PCI_H
#define VMM_ASSIGN_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/pci.h>

#include "vmm/memory/layout.h"
#include "vmm/pci/host.h"

struct lend_address;
struct lend_device;
struct machine;
struct machine_device;

/* The expansion ROM, where it differs from the device's own. */
struct assign_pci_rom {
	bool hidden;
	void *bytes; /* of a file shown instead, or NULL */
	size_t size;
	uint64_t bar_size; /* 0: the file's size, rounded up */
	bool anyway;       /* even one that is known to do harm */
};

/* Options of device-specific quirks. */
struct assign_pci_quirks {
	bool no_nvidia;
	bool has_clique;
	unsigned int clique; /* of GPUs that reach each other, 0 to 15 */
	bool no_opregion;
};

struct assign_pci_config {
	struct lend_address *address; /* borrowed; may be NULL with an fd */
	int fd;             /* of the device's node, passed in; or -1 */
	bool keeps_fd;      /* it stays the caller's: a copy is used */
	const char *socket; /* of its server, borrowed; or NULL */
	char *name;         /* its name in messages */
	const char *id;     /* of the user, borrowed; or NULL */
	bool has_token;
	uint8_t token[16]; /* the VF token, in the byte order of its text */
	struct pci_place place;
	bool multifunction;
	bool no_mmap;
	struct lend_pci_ids ids;
	struct assign_pci_rom rom;
	unsigned int no_mmap_bars; /* a bit each */
	bool p2p;
	unsigned int no_kvm_irqs; /* 1 << LEND_PCI_IRQ_*: not wired to KVM */
	bool keeps;               /* requests to release it are ignored */
	bool vga;                 /* it decodes the VGA ranges */
	struct assign_pci_quirks quirks;
	/* For assign_pci_measure(), known without opening the device:
	 * ASSIGN_PCI_BARS of them, or NULL; and bytes of its OpRegion, or 0. */
	const struct lend_pci_bar *bars;
	uint64_t opregion;
};

#define ASSIGN_PCI_BARS 7 /* with the expansion ROM */

/*
 * machine_device_config.open and .create for lent PCI functions; @config is a
 * struct assign_pci_config. The first opens the device in machine->iommu; after
 * a success config->fd is the device's, which closes it. The second adds its
 * BARs to machine_need().
 */
int assign_pci_open(struct machine *machine, const void *config,
		    struct lend_device **lent);
int assign_pci_create(struct machine *machine, const void *config,
		      struct lend_device *lent, struct machine_device **device);

/*
 * machine_device_config.measure: adds the BARs in config->bars to
 * machine->need, none where it is NULL; and the RAM that the device needs.
 */
int assign_pci_measure(struct machine *machine, const void *config);

/* The kind of window for @bar, on the root bus or below a bridge. */
enum layout_bar assign_pci_kind(const struct lend_pci_bar *bar, bool is_bridge);

/* Add the need of @bar, on the root bus or below the bridge of @need. Returns
 * 0, or -EOVERFLOW. */
int assign_pci_need(struct layout_need *need, const struct lend_pci_bar *bar);

#endif
