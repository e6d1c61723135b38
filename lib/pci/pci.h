/* SPDX-License-Identifier: MIT */
/* A lent PCI function: what its files share. */
#ifndef LIB_PCI_PCI_H
#define LIB_PCI_PCI_H

#include <pthread.h>

#include <lend/irq.h>
#include <lend/pci.h>
#include <lend/region.h>
#include <lend/reset.h>

#include "lib/pci/bar.h"
#include "lib/pci/config.h"
#include "lib/pci/message.h"
#include "lib/pci/quirk/quirk.h"
#include "lib/pci/rom.h"
#include "lib/pci/vector.h"
#include "lib/pci/vga.h"
#include "lib/pci/window.h"

/* The function's one way to interrupt: VFIO takes one at a time. */
enum interrupt_mode {
	INTERRUPT_NONE,
	INTERRUPT_INTX,
	INTERRUPT_MSI,
	INTERRUPT_MSIX,
};

struct intx {
	bool on;
	bool failed; /* not tried again before the next reset */
	bool told;
	bool detour_told; /* that the machine has to unmask it */
	int trigger;
	int resample; /* -1 where the device cannot be unmasked by it */
};

struct reset_set;

struct lend_pci {
	struct lend_ctx *ctx;       /* the device's */
	struct lend_device *device; /* a reference */
	struct lend_pci_ops ops;
	void *opaque;

	/* Constant after lend_pci_new(). */
	uint8_t initial[CONFIG_SIZE]; /* the view's values after a reset */
	struct msix_layout layout;
	unsigned int window_count;
	uint16_t host_vendor;   /* what the device itself says */
	bool resets_by_flr;     /* as its capabilities tell */
	bool resets_by_power;   /* when it wakes up */
	bool p2p;               /* devices reach the windows too */
	unsigned int opregion;  /* VFIO's region with it */
	uint64_t opregion_size; /* 0: none */

	pthread_mutex_t lock; /* guards what follows, and calls of @ops */
	struct config config;
	struct bar bars[BAR_COUNT];
	struct bar vga[VGA_COUNT];
	struct window windows[LEND_PCI_WINDOWS];
	enum interrupt_mode mode;
	struct intx intx;
	struct vectors msi;
	struct vectors msix;
	unsigned int msi_used; /* vectors that the guest switched on */
	bool msix_masked;      /* the function mask as it was last seen */
	uint8_t *msix_table;   /* entries as the guest sees them */
	struct rom rom;
	struct quirks quirks; /* of which the state is guarded */
	bool p2p_told;
	bool reset_told;
	bool quiet_told;
};

/* Warns, unless *@told says that this was told before: guests can provoke most
 * failures as often as they like. @err is -errno, or 0 for none. */
void pci_warn_once(struct lend_pci *pci, bool *told, int err, const char *fmt,
		   ...) __attribute__((format(printf, 4, 5)));

/* access.c, for accesses that come another way than a guest's usual ones. Of
 * the configuration space with the lock held; what is the device's own without
 * any view. */
uint32_t access_config_read(struct lend_pci *pci, unsigned int offset,
			    unsigned int size);
void access_config_write(struct lend_pci *pci, unsigned int offset,
			 unsigned int size, uint32_t value);
void access_device_read(struct lend_pci *pci, unsigned int bar, uint64_t offset,
			uint8_t *data, unsigned int size);
void access_device_write(struct lend_pci *pci, unsigned int bar,
			 uint64_t offset, const uint8_t *data,
			 unsigned int size);
/* Whether @offset is in [@start, +@length). Cuts *@size at either end of that.
 */
bool access_within(uint64_t offset, unsigned int *size, uint64_t start,
		   uint64_t length);

/* decode.c: BARs and windows follow the view. First those that are no longer
 * where they were are withdrawn, then the device is told, then the others are
 * placed: so no window is mapped while the device does not decode. */
void decode_withdraw(struct lend_pci *pci);
void decode_place(struct lend_pci *pci);

/* interrupt.c: interrupts follow the view. */
void interrupt_update(struct lend_pci *pci);
void interrupt_stop(struct lend_pci *pci);

/* intx.c */
bool intx_wanted(const struct lend_pci *pci);
void intx_start(struct lend_pci *pci);
void intx_stop(struct lend_pci *pci);

/* msi.c */
void msi_start(struct lend_pci *pci);
void msi_update(struct lend_pci *pci);

/* msix.c */
int msix_init(struct lend_pci *pci);
void msix_reset(struct lend_pci *pci);
void msix_start(struct lend_pci *pci);
void msix_update(struct lend_pci *pci);
/* What of a BAR is the table or the pending bits. Sets *@size to the bytes,
 * from @offset on and at most as many as it says, that are one or the other or
 * neither. */
enum msix_part { MSIX_NEITHER, MSIX_TABLE, MSIX_PBA };
enum msix_part msix_part(const struct msix_layout *layout, unsigned int bar,
			 uint64_t offset, unsigned int *size);
/* Accesses of any place and size within the table; with the lock held. */
void msix_table_read(const struct lend_pci *pci, uint64_t offset, uint8_t *data,
		     unsigned int size);
void msix_table_write(struct lend_pci *pci, uint64_t offset,
		      const uint8_t *data, unsigned int size);
void msix_pba_read(struct lend_pci *pci, uint64_t offset, uint8_t *data,
		   unsigned int size);

/* reset.c */
void reset_probe(struct lend_pci *pci, const uint8_t *image);
void stop_locked(struct lend_pci *pci);
/* Stops the device: no bus mastering, no decoding. */
void reset_quiet(struct lend_pci *pci);
/* What a guest asks for by configuration space: the function alone. */
void reset_own_locked(struct lend_pci *pci);
/* Whether it has a reset of its own that is more than a change of its power
 * state, which leaves much of many devices as it was. */
bool reset_is_full(const struct lend_pci *pci);
/*
 * Resets a function that was stopped, by the best way that works: the device's
 * own; a hot reset, where it reaches none that is open and not in @set; a
 * change of its power state, which is its own reset as well. @is_full is what
 * reset_is_full() says.
 */
int reset_device(struct lend_pci *pci, const struct reset_set *set,
		 bool is_full);

#endif
