/* SPDX-License-Identifier: MIT */
/* The guest's view of a configuration space: pure, on the caller's memory. */
#ifndef LIB_PCI_CONFIG_H
#define LIB_PCI_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/pci/bar.h"

#define CONFIG_SIZE     4096
#define CONFIG_STD_SIZE 256

/*
 * Every bit of each byte has a policy:
 *
 *  emulated  reads are answered from @value; otherwise by the device
 *  writable  writes change @value; such a bit is emulated
 *  pass      writes reach the device, whether or not they change @value
 *
 * A bit in neither mask is denied. A passed byte carries its other bits along:
 * constants, which are emulated and not writable, as they are, the rest as 0.
 */
struct config {
	uint8_t value[CONFIG_SIZE];
	uint8_t emulated[CONFIG_SIZE];
	uint8_t writable[CONFIG_SIZE];
	uint8_t pass[CONFIG_SIZE];

	/* Offsets of the capabilities that other files use; 0 if there is none.
	 */
	unsigned int pm;
	unsigned int msi;
	unsigned int exp;
	unsigned int msix;
	unsigned int af;
};

/* The source of a view. */
struct config_source {
	const uint8_t *image;    /* the device's configuration space */
	size_t size;             /* CONFIG_STD_SIZE or CONFIG_SIZE */
	unsigned int intx_count; /* interrupts that the kernel offers */
	unsigned int msi_count;
	unsigned int msix_count;
	bool can_reset;
	bool multifunction;
	bool vga;                /* it decodes the VGA ranges */
	struct lend_pci_ids ids; /* shown instead of the device's */
	bool below_port;         /* in the guest it is below a root port */

	/* Receives a line for each capability hidden by policy, and a warning
	 * for each that is invalid. */
	void (*note)(void *opaque, enum lend_log_level level, const char *text);
	void *note_opaque;
};

/* The effect of a write on the device. */
struct config_effect {
	unsigned int offset;
	unsigned int size; /* 0: no write */
	uint8_t data[4];
	bool reset; /* the guest asks for a function-level reset */
};

/* What is wrong with the header, a clause, or NULL. */
const char *config_header_fault(const struct config_source *source);

/*
 * Builds the view of a device whose BARs are @bars. Returns 0, or -EBADMSG with
 * a clause in *@fault if the header is invalid.
 */
int config_build(struct config *config, const struct config_source *source,
		 const struct bar bars[BAR_COUNT], const char **fault);

/* Whether the size and alignment of an access are valid. */
bool config_access_valid(unsigned int offset, unsigned int size);

/* Whether a read needs the device. */
bool config_read_needs_device(const struct config *config, unsigned int offset,
			      unsigned int size);

/* Merges the bytes of the device, if any are needed, with the view's. */
uint32_t config_merge(const struct config *config, unsigned int offset,
		      unsigned int size, const uint8_t device[4]);

/* Changes the view, and returns the effect on the device. */
struct config_effect config_apply_write(struct config *config,
					unsigned int offset, unsigned int size,
					uint32_t value);

/* Whether [@offset, +@size) touches [@at, +@length). */
bool config_touches(unsigned int offset, unsigned int size, unsigned int at,
		    unsigned int length);

/* A register of the view. */
uint32_t config_value(const struct config *config, unsigned int offset,
		      unsigned int size);

/* A policy for the bits of a register; bits of @writable are emulated too. */
struct config_bits {
	uint32_t value;
	uint32_t emulated;
	uint32_t writable;
	uint32_t pass;
};

/* For the files that build a view. Bytes from @at to before @end that belong to
 * nothing known are registers of the device's own, read and written there;
 * those of an unknown kind cannot be written. */
void config_open(struct config *config, unsigned int at, unsigned int end);
void config_deny(struct config *config, unsigned int at, unsigned int end);
void config_set(struct config *config, unsigned int offset, unsigned int size,
		struct config_bits bits);
/* All bits are emulated, and the guest cannot change them. */
void config_set_constant(struct config *config, unsigned int offset,
			 unsigned int size, uint32_t value);
/* All bits are emulated and 0 at first; the guest can change @writable. */
void config_set_writable(struct config *config, unsigned int offset,
			 unsigned int size, uint32_t writable);
void config_note(const struct config_source *source, enum lend_log_level level,
		 const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif
