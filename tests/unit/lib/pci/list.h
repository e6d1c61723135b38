/* SPDX-License-Identifier: MIT */
/* A configuration space with capability lists of a test, and the guest's copy.
 */
#ifndef TEST_PCI_LIST_H
#define TEST_PCI_LIST_H

#include <lend/capability.h>

#include "image.h"
#include "lib/pci/capability.h"

struct list_test {
	uint8_t image[CONFIG_SIZE];
	struct config config;
	struct config_source source;
	char notes[4096];
	unsigned int warnings;
};

/* An empty space of the largest size. */
void list_test_start(struct list_test *s);

/* Builds the guest's copy: 0, or the negative error. */
int list_test_build(struct list_test *s);

/* Adds a PCI Express capability at @at behind the one at @before. */
void list_test_add_express(struct list_test *s, unsigned int before,
			   unsigned int at);

#endif
