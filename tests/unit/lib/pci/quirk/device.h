/* SPDX-License-Identifier: MIT */
/* Devices with quirks: the scripted function with other IDs and BARs, and the
 * quirks that are logged. */
#ifndef TESTS_UNIT_LIB_PCI_QUIRK_DEVICE_H
#define TESTS_UNIT_LIB_PCI_QUIRK_DEVICE_H

#include <lend/quirk.h>

#include "tests/unit/lib/pci/function.h"

/* Bits of a BAR's register that encode its kind. */
#define BAR_MEMORY   0x0u
#define BAR_PORTS    0x1u
#define BAR_64       0x4u
#define BAR_64_CACHE 0xcu

/* Makes it device @ids, PCI's first dword, of @class_code, without BARs. */
void quirk_device_be(struct function *f, uint32_t ids, uint32_t class_code);

/* Gives it a BAR, of which the host says @value. Memory can be mapped. */
void quirk_device_bar(struct function *f, unsigned int bar, uint32_t value,
		      uint64_t size);

/* Gives it the VGA ranges. */
void quirk_device_vga(struct function *f);

/* Opens it; its records begin anew. */
void quirk_device_open(struct function *f,
		       const struct lend_pci_options *options);

/* The names of the quirks that were logged at the last opening: "a b ". */
const char *quirk_device_logged(void);

/* Guest accesses to a BAR, little-endian. */
uint64_t bar_get(struct function *f, unsigned int bar, uint64_t at,
		 unsigned int size);
void bar_put(struct function *f, unsigned int bar, uint64_t at,
	     unsigned int size, uint64_t value);

/* What is in the device. */
uint32_t host_get(const struct function *f, unsigned int region, uint64_t at,
		  unsigned int size);
void host_put(struct function *f, unsigned int region, uint64_t at,
	      unsigned int size, uint32_t value);

#endif
