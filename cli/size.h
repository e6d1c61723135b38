/* SPDX-License-Identifier: MIT */
/* Sizes as people read them. */
#ifndef CLI_SIZE_H
#define CLI_SIZE_H

#include <stdint.h>

struct size_text {
	char text[32];
};

/* "128 KiB": the largest unit that divides it. */
struct size_text size_text(uint64_t bytes);

#endif
