/* SPDX-License-Identifier: MIT */
/* Quirks: special handling of particular devices, each with its reason and its
 * source. */
#ifndef LIB_PCI_QUIRK_QUIRK_H
#define LIB_PCI_QUIRK_QUIRK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <lend/pci.h>
#include <lend/quirk.h>

#include "lib/pci/bar.h"

#define QUIRKS_MAX 8 /* per device */

#define QUIRK_VENDOR_ATI      0x1002
#define QUIRK_VENDOR_NVIDIA   0x10de
#define QUIRK_VENDOR_REALTEK  0x10ec
#define QUIRK_VENDOR_CHELSIO  0x1425
#define QUIRK_VENDOR_BROADCOM 0x14e4
#define QUIRK_VENDOR_BAIDU    0x1d22
#define QUIRK_VENDOR_INTEL    0x8086

struct lend_pci;
struct quirk_trap;

typedef void quirk_read(struct lend_pci *pci, const struct quirk_trap *trap,
			unsigned int at, uint8_t *data, unsigned int size);
typedef void quirk_write(struct lend_pci *pci, const struct quirk_trap *trap,
			 unsigned int at, const uint8_t *data,
			 unsigned int size);

/* An index register and a data register through which other registers are
 * accessed. */
struct quirk_window {
	unsigned int
		index; /* offsets from the start of the trap, 4 bytes each */
	unsigned int data;
	bool (*is_open)(const uint8_t *registers); /* or NULL: always */
	struct {
		uint32_t
			start; /* address of the start of configuration space */
		uint32_t size;
	} mirrors[2];
};

/* A part of a BAR or a VGA range that a quirk handles. Handlers are called with
 * the function's lock held, for accesses within it. */
struct quirk_trap {
	unsigned int bar;
	bool io; /* the BAR must be of this kind */
	uint64_t offset;
	unsigned int size;
	unsigned int config; /* of a mirror: offset in configuration space */
	const struct quirk_window *window;
	quirk_read *read;
	quirk_write *write;
};

/* A device matches where its ID with @mask is @device. */
struct quirk_id {
	uint16_t device;
	uint16_t mask;
};

/* A device matches any of them; all devices match an empty list. */
struct quirk_ids {
	const struct quirk_id *list;
	unsigned int count;
};

#define QUIRK_IDS(ids)                                                         \
	{                                                                      \
		(ids), sizeof(ids) / sizeof((ids)[0])                          \
	}

/* A device matches where its class code of 24 bits with @mask is @code; all
 * devices match where both are 0. */
struct quirk_class {
	uint32_t code;
	uint32_t mask;
};

#define QUIRK_VGA                                                              \
	{                                                                      \
		0x030000, 0xffff00                                             \
	}
#define QUIRK_DISPLAY                                                          \
	{                                                                      \
		0x030000, 0xff0000                                             \
	}

/* What quirks are matched by. */
struct quirk_model {
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code;
	bool is_virtual; /* a virtual function of SR-IOV */
};

struct quirk {
	struct lend_pci_quirk public;
	uint16_t vendor;
	struct quirk_ids ids; /* of the device itself, not the view */
	struct quirk_class class;
	bool physical; /* it does not apply to virtual functions */

	/* All members below may be NULL or 0. */
	/* Whether the device is of the kind, beyond its IDs and class;
	 * @image is its configuration space. */
	bool (*fits)(const struct bar bars[BAR_COUNT], const uint8_t *image);
	bool (*is_wanted)(const struct lend_pci_options *options);
	const struct quirk_trap *traps;
	unsigned int trap_count;

	/* Corrects the device's data before the view is built. Returns whether
	 * a correction was needed. */
	bool (*fix)(uint8_t *image, uint64_t sizes[BAR_COUNT],
		    const struct lend_pci_options *options);
	/* Changes the view. Returns 1, 0 if the quirk does not apply after all,
	 * or -errno with a record. */
	int (*present)(struct lend_pci *pci, const uint8_t *image,
		       const struct lend_pci_options *options);
	/* Called if the quirk does not apply to the device: returns -errno with
	 * a record if an option requires it, else 0. */
	int (*check_unused)(struct lend_pci *pci,
			    const struct lend_pci_options *options);
	/* Whether a write to a mirror of configuration space is for the device
	 * only. */
	bool (*passes)(const struct lend_pci *pci, unsigned int offset,
		       unsigned int size);
	/* Resets a device that has no other reset. Returns 0 or -errno. */
	int (*reset)(struct lend_pci *pci);
};

/* State of the handlers from guest writes; all 0 after a reset. */
struct quirk_state {
	uint8_t window[16]; /* registers of a quirk_window's trap */
	uint8_t crtc_index;
	uint8_t rma_mode;
	uint8_t rma_address[4];
	bool backdoor;
	uint32_t backdoor_command;
	uint8_t backdoor_data[4];
};

struct quirks {
	const struct quirk *used[QUIRKS_MAX];
	unsigned int count;
	unsigned int bars; /* with traps, one bit each */
	struct quirk_state state;
};

/* Lists the quirks that may apply, at most QUIRKS_LISTED, to a function whose
 * BARs are known. Returns their number. */
#define QUIRKS_LISTED 32
unsigned int quirks_list(const struct lend_pci *pci, const uint8_t *image,
			 const struct lend_pci_quirk *list[QUIRKS_LISTED]);

/* Called in this order: selects the quirks that may apply; applies their
 * corrections; changes the view, and logs those that do apply. */
void quirks_match(struct lend_pci *pci, const uint8_t *image,
		  const struct lend_pci_options *options);
void quirks_fix(struct lend_pci *pci, uint8_t *image, uint64_t sizes[BAR_COUNT],
		const struct lend_pci_options *options);
int quirks_present(struct lend_pci *pci, const uint8_t *image,
		   const struct lend_pci_options *options);

/* Cuts the traps out of the windows. */
void quirks_cut_windows(struct lend_pci *pci);

/* Returns -ENOTSUP if no quirk has a reset. */
int quirks_reset_device(struct lend_pci *pci);

/* Whether a write is for the device only. */
bool quirks_pass(const struct lend_pci *pci, unsigned int offset,
		 unsigned int size);

/* The trap at @offset, or NULL. Reduces *@size to the bytes to which the result
 * applies. */
const struct quirk_trap *quirk_trap_at(const struct lend_pci *pci,
				       unsigned int bar, uint64_t offset,
				       unsigned int *size);

/* mirror.c: configuration space, or a part of it, within a BAR. */
quirk_read quirk_mirror_read;
quirk_write quirk_mirror_write;

/* @length bytes of it from @from on, at @at of memory BAR @number. */
#define QUIRK_MIRROR(number, at, length, from)                                 \
	{                                                                      \
		.bar = (number), .offset = (at), .size = (length),             \
		.config = (from), .read = quirk_mirror_read,                   \
		.write = quirk_mirror_write,                                   \
	}

/* window.c: a trap with a quirk_window. */
quirk_read quirk_window_read;
quirk_write quirk_window_write;

/* Indirect guest accesses to configuration space: of any size and alignment,
 * with the lock held. Beyond its end they read all ones. */
void quirk_config_read(struct lend_pci *pci, unsigned int offset, uint8_t *data,
		       unsigned int size);
void quirk_config_write(struct lend_pci *pci, unsigned int offset,
			const uint8_t *data, unsigned int size);

/* Accesses to the device within a trap. */
quirk_read quirk_device_read;
quirk_write quirk_device_write;

/*
 * Adds a constant vendor-specific capability of @length bytes, at most 255, to
 * the head of the view's list: @body follows its length byte. Returns whether
 * the space at @at is free in the device's configuration space.
 */
bool quirk_add_capability(struct lend_pci *pci, const uint8_t *image,
			  unsigned int at, unsigned int length,
			  const uint8_t *body);

/* The families. */
extern const struct quirk quirk_nvidia_mirror, quirk_nvidia_vga_mirror,
	quirk_nvidia_window, quirk_nvidia_vga_ports, quirk_nvidia_msi,
	quirk_nvidia_clique;
extern const struct quirk quirk_amd_reset;
extern const struct quirk quirk_ati_mirror, quirk_ati_window,
	quirk_ati_vga_port;
extern const struct quirk quirk_rtl8168;
extern const struct quirk quirk_vmd;
extern const struct quirk quirk_igd_opregion, quirk_igd_stolen,
	quirk_igd_stolen_64;
extern const struct quirk quirk_chelsio_t5, quirk_kunlun;
extern const struct quirk quirk_bcm57810;

#endif
