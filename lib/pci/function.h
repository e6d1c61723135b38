/* SPDX-License-Identifier: MIT */
/* A lent PCI function: the structure alone. */
#ifndef LIB_PCI_FUNCTION_H
#define LIB_PCI_FUNCTION_H

#include <pthread.h>

#include <lend/pci.h>

#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/pci/hole.h"
#include "lib/pci/message.h"
#include "lib/pci/quirk/quirk.h"
#include "lib/pci/rom.h"
#include "lib/pci/vector.h"
#include "lib/pci/vga.h"
#include "lib/pci/window.h"

/* VFIO enables one kind of interrupt at a time. */
enum interrupt_mode {
	INTERRUPT_NONE,
	INTERRUPT_INTX,
	INTERRUPT_MSI,
	INTERRUPT_MSIX,
};

struct intx {
	bool on;
	bool failed; /* not retried before the next reset */
	bool warned;
	bool detour_warned; /* the warning that it is unmasked by this process
			     */
	int trigger;
	int resample; /* -1 if the device cannot be unmasked by eventfd */
};

struct lend_pci {
	struct lend_ctx *ctx;       /* the device's */
	struct lend_device *device; /* a reference */
	struct lend_pci_ops ops;
	void *opaque;

	/* Constant after lend_pci_new(). */
	uint8_t initial[CONFIG_SIZE]; /* the view's values after a reset */
	struct msix_layout layout;
	struct hole hole;
	bool is_virtual;        /* a virtual function of SR-IOV */
	uint16_t host_vendor;   /* of the device itself, not the view */
	bool resets_by_power;   /* on the way from D3 to D0, first of all */
	bool p2p;               /* other devices may access the windows */
	unsigned int opregion;  /* VFIO's region with it */
	uint64_t opregion_size; /* 0: none */

	pthread_mutex_t lock; /* guards what follows, and calls of @ops */
	struct config config;
	struct bar bars[BAR_COUNT];
	struct bar vga[VGA_COUNT];
	bool dropped; /* a BAR or a VGA range, in the call that has the lock */
	struct window_list windows; /* which there are is constant */
	enum interrupt_mode mode;
	struct intx intx;
	struct vectors msi;
	struct vectors msix;
	unsigned int msi_used; /* vectors that the guest enabled */
	bool msix_masked;      /* the function mask when it was last read */
	uint8_t *msix_table;   /* entries as the guest sees them */
	struct rom rom;
	struct quirks quirks; /* the lock guards their state */
	bool p2p_warned;
	bool reset_warned;
	bool pending_warned;
	bool quiet_warned;
};

#endif
