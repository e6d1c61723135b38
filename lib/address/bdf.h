/* SPDX-License-Identifier: MIT */
/* Addresses of PCI functions as text. */
#ifndef LIB_ADDRESS_BDF_H
#define LIB_ADDRESS_BDF_H

#include <stdbool.h>
#include <stdint.h>

struct bdf {
	uint32_t domain;
	uint8_t bus;
	uint8_t device;
	uint8_t function;
};

enum { BDF_TEXT = sizeof("12345678:12:12.1") };

/* Parses [domain:]bus:device.function, all hexadecimal, without sign, space or
 * "0x". Returns NULL, or what is wrong with it. */
const char *bdf_parse(const char *text, struct bdf *bdf);

/* Parses a slot on a guest's bus as QEMU spells it: device[.function],
 * hexadecimal, each with or without "0x". Returns NULL, or what is wrong with
 * it. */
const char *bdf_parse_slot(const char *text, struct bdf *bdf);

/* Writes the kernel's spelling of an address. */
void bdf_print(const struct bdf *bdf, char text[BDF_TEXT]);

/* Returns in how many of its four parts an address differs from another. */
unsigned int bdf_difference(const struct bdf *a, const struct bdf *b);

/* Parses an address as libvirt ("pci_0000_02_00_0"), lshw ("pci@0000:02:00.0")
 * and devlink ("pci/0000:02:00.0") write it. Returns whether it is one. */
bool bdf_parse_foreign(const char *text, struct bdf *bdf);

/* Whether a text has only the characters of a PCI address, and so was meant as
 * one even if it is invalid. */
bool bdf_is_attempt(const char *text);

#endif
