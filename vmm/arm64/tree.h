/* SPDX-License-Identifier: MIT */
/* Builds the guest's device tree, from RAM to the PCI host. */
#ifndef VMM_ARM64_TREE_H
#define VMM_ARM64_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/memory/range.h"

struct layout;
struct machine_tree;

#define TREE_SEED                                                              \
	40 /* bytes: 32 for the guest's random numbers, 8 for KASLR            \
	    */

struct tree_config {
	const struct layout *layout;
	const char *append;
	struct range initrd; /* size 0: none */
	unsigned int cpus;
	const uint64_t *mpidr; /* of each vCPU */
	unsigned int gic_version;
	bool msi; /* there is an ITS */
	bool pmu;
	uint8_t seed[TREE_SEED];
};

/* The tree's phandles; devices use those from TREE_FREE on. */
enum { TREE_NONE, TREE_GIC, TREE_ITS, TREE_CLOCK, TREE_GPIO, TREE_FREE };

/* The parent of platform devices: see struct machine_tree. */
#define TREE_PLATFORM_NAME "platform"
#define TREE_PLATFORM      "/" TREE_PLATFORM_NAME

/*
 * Write the tree into @size bytes at @fdt; nodes can be added with libfdt.
 * Pure. Returns 0, or -ENOSPC if it does not fit.
 */
int tree_build(void *fdt, size_t size, const struct tree_config *config);

/* Shared by tree.c and tree-pci.c: nodes are written in order, and the first
 * error is kept. */
struct tree {
	void *fdt;
	int err; /* of libfdt */
};

void tree_begin(struct tree *tree, const char *name, uint64_t address);
void tree_end(struct tree *tree);
void tree_string(struct tree *tree, const char *name, const char *value);
void tree_flag(struct tree *tree, const char *name);

/* 32-bit cells, and 64-bit values of two cells each. */
void tree_cells(struct tree *tree, const char *name, const uint32_t *cells,
		size_t count);
void tree_cell(struct tree *tree, const char *name, uint32_t cell);
void tree_pairs(struct tree *tree, const char *name, const uint64_t *values,
		size_t count);

void tree_put_pci(struct tree *tree, const struct tree_config *config);

/* Values of an interrupt's first cell and of its last. */
#define TREE_SPI        0
#define TREE_PPI        1
#define TREE_LEVEL_HIGH 4

#endif
