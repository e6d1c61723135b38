/* SPDX-License-Identifier: MIT */
/* A lent PCI function on a scripted kernel, with a virtual machine that logs
 * its operations. */
#ifndef TESTS_UNIT_LIB_PCI_FUNCTION_H
#define TESTS_UNIT_LIB_PCI_FUNCTION_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <lend/irq.h>
#include <lend/pci.h>
#include <lend/region.h>
#include <linux/vfio.h>

#include "image.h"
#include "fake/kernel.h"
#include "tests/unit/fake/vm.h"

struct function {
	struct fake_kernel *fake;
	struct fake_device *host;
	struct lend_ctx *ctx;
	struct lend_iommu *iommu;
	struct lend_device *device;
	struct lend_pci *pci;

	unsigned int warnings;
	char warning[1024]; /* the last */

	/* The log of operations, such as "place 0 c0000000; ", and of writes to
	 * the device in between. */
	char asked[16384];
	struct fake_vm vm; /* fails the test at a wrong operation */
	void *opaque;
};

/* The device of image_full(), in BAR 0 mappable whole but for what the MSI-X
 * structures touch. */
int pci_function_setup(void **state);
/* The same, open and presented. */
int pci_function_setup_open(void **state);
/* Frees and closes; fails if anything is left over. */
int pci_function_teardown(void **state);

int function_open(struct function *f, const struct lend_pci_options *options);
/* The same for a device that is open. */
int function_present(struct function *f,
		     const struct lend_pci_options *options);

/* Guest accesses. */
uint32_t cfg_get(struct function *f, unsigned int at, unsigned int size);
void cfg_put(struct function *f, unsigned int at, unsigned int size,
	     uint32_t value);

/* The device's interrupts, LEND_PCI_IRQ_*: as VFIO has them, how often it was
 * called for any, and one that the device raises. */
struct fake_irq *irq_of(struct function *f, unsigned int index);
unsigned int irq_calls(struct function *f);
void irq_fire(struct function *f, unsigned int index, unsigned int vector);

/* BARs 0, 2 and 4 get places, and the function decodes. */
void place_all(struct function *f);

/* Fails unless exactly these operations were logged since the last time. */
void expect_asked(struct function *f, const char *want);
/* Fails unless there were exactly so many system calls since the last time. */
void function_expect_calls(struct function *f, unsigned int want);

#define TEST(t)                                                                \
	cmocka_unit_test_setup_teardown(t, pci_function_setup,                 \
					pci_function_teardown)
#define TEST_OPEN(t)                                                           \
	cmocka_unit_test_setup_teardown(t, pci_function_setup_open,            \
					pci_function_teardown)

#endif
