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

/* Parses what QEMU takes for a place on a guest's bus: device[.function],
 * hexadecimal, each with or without "0x". Returns NULL, or what is wrong with
 * it. */
const char *bdf_parse_slot(const char *text, struct bdf *bdf);

/* Writes the kernel's spelling of an address. */
void bdf_print(const struct bdf *bdf, char text[BDF_TEXT]);

/* In how many of its four parts an address differs from another. */
unsigned int bdf_difference(const struct bdf *a, const struct bdf *b);

/* Whether a text consists of what PCI addresses are made of, so that it was
 * meant as one even where it is wrong. */
bool bdf_is_attempt(const char *text);

#endif
