/* SPDX-License-Identifier: MIT */
/* Copies the ACPI tables into RAM and fills in this machine's values. */
#ifndef VMM_X86_ACPI_H
#define VMM_X86_ACPI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct layout;
struct lend_ctx;
struct memory;

/* The part of the BIOS area that kernels scan for the RSDP. */
#define ACPI_BASE 0xe0000
#define ACPI_SIZE 0x1f000 /* up to LAYOUT_ROM_LOW */

/*
 * Build the tables for @cpus processors (1 to 254, APIC IDs from 0) and the
 * layout's windows at @image, ACPI_SIZE bytes that the guest sees at
 * ACPI_BASE; the RSDP comes first. With @hotplug the guest's kernel serves the
 * slots of root ports. Returns 0 or a recorded error.
 */
int acpi_build(struct lend_ctx *ctx, uint8_t *image,
	       const struct layout *layout, unsigned int cpus, bool hotplug);

#endif
