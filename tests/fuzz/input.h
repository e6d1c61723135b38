/* SPDX-License-Identifier: MIT */
/* The input of a fuzz target, consumed from the front; past its end it reads
 * zeros. */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct input {
	const uint8_t *at;
	size_t left;
};

static inline void input_fill(struct input *input, void *data, size_t size)
{
	size_t has = size < input->left ? size : input->left;

	memset(data, 0, size);
	if (has)
		memcpy(data, input->at, has);
	input->at += has;
	input->left -= has;
}

/* A number of so many bytes, at most 8. */
static inline uint64_t input_take(struct input *input, unsigned int size)
{
	uint8_t bytes[8];
	uint64_t number = 0;

	input_fill(input, bytes, size);
	while (size--)
		number = number << 8 | bytes[size];
	return number;
}

/* Called by libFuzzer: parses the input and returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
