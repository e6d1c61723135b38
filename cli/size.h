/* SPDX-License-Identifier: MIT */
/* Formats sizes for people. */
#ifndef CLI_SIZE_H
#define CLI_SIZE_H

#include <stdint.h>

struct size_text {
	char text[32];
};

/* "128 KiB", in the largest unit that divides the size. */
struct size_text size_text(uint64_t bytes);

#endif
