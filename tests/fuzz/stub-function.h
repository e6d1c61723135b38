/* SPDX-License-Identifier: MIT */
/* A PCI function of a stub kernel's device: configuration space, sizes of
 * regions and interrupts from the input. */
#ifndef TESTS_FUZZ_STUB_FUNCTION_H
#define TESTS_FUZZ_STUB_FUNCTION_H

#include <linux/vfio.h>

#include "stub.h"
#include "tests/unit/lib/pci/image.h"

struct stub_function {
	uint8_t image[CONFIG_SIZE];
	uint64_t sizes[STUB_REGIONS];
	uint32_t irqs[VFIO_PCI_NUM_IRQS];
	bool is_faulty; /* the input has faults for it */
};

/* A function with all capabilities, changed by the input, or one from it. */
void stub_function_make(struct stub_function *function, struct input *input);

/* VFIO's answers: they succeed, but for what the device does not have. */
int stub_function_ioctl(const struct stub_function *function,
			unsigned long request, void *argument);

/* Reads configuration space, and zeros from all else. */
void stub_function_read(const struct stub_function *function, uint64_t offset,
			void *data, size_t size);

#endif
