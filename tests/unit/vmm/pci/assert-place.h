/* SPDX-License-Identifier: MIT */
/* Asserts where a PCI function of the guest is. */
#ifndef TESTS_UNIT_VMM_PCI_ASSERT_PLACE_H
#define TESTS_UNIT_VMM_PCI_ASSERT_PLACE_H

#include "vmm/pci/place.h"

#define assert_place(place, port_, slot_, function_)                           \
	do {                                                                   \
		assert_int_equal((place).port, port_);                         \
		assert_int_equal((place).slot, slot_);                         \
		assert_int_equal((place).function, function_);                 \
	} while (0)

#endif
