// SPDX-License-Identifier: MIT
// Index and data registers: addresses within a mirror of configuration space
// access the guest's view.

#include <errno.h>
#include <string.h>

#include "lib/base/bytes.h"
#include "lib/pci/function.h"
#include "lib/pci/quirk/quirk.h"

/* The offset in configuration space that the data register at @at accesses, or
 * -ENOENT. */
static int quirk_window_target(const struct lend_pci *pci,
			       const struct quirk_trap *trap, unsigned int at)
{
	const uint8_t *registers = pci->quirks.state.window;
	const struct quirk_window *window = trap->window;
	uint32_t address = (uint32_t)bytes_get(registers + window->index, 4);
	unsigned int i;

	if (at < window->data || at - window->data >= 4 ||
	    (window->is_open && !window->is_open(registers)))
		return -ENOENT;
	for (i = 0; i < 2; i++) {
		uint32_t start = window->mirrors[i].start;

		if (address >= start &&
		    address - start < window->mirrors[i].size)
			return (int)(address - start + at - window->data);
	}
	return -ENOENT;
}

/* Bytes up to the next register. */
static unsigned int quirk_window_piece(unsigned int at, unsigned int size)
{
	unsigned int room = 4 - at % 4;

	return size < room ? size : room;
}

void quirk_window_read(struct lend_pci *pci, const struct quirk_trap *trap,
		       unsigned int at, uint8_t *data, unsigned int size)
{
	unsigned int piece;

	for (; size; size -= piece, at += piece, data += piece) {
		int to = quirk_window_target(pci, trap, at);

		piece = quirk_window_piece(at, size);
		if (to >= 0)
			quirk_config_read(pci, (unsigned int)to, data, piece);
		else
			quirk_device_read(pci, trap, at, data, piece);
	}
}

void quirk_window_write(struct lend_pci *pci, const struct quirk_trap *trap,
			unsigned int at, const uint8_t *data, unsigned int size)
{
	unsigned int piece;

	for (; size; size -= piece, at += piece, data += piece) {
		int to = quirk_window_target(pci, trap, at);

		piece = quirk_window_piece(at, size);
		if (to >= 0) {
			quirk_config_write(pci, (unsigned int)to, data, piece);
			continue;
		}
		memcpy(pci->quirks.state.window + at, data, piece);
		quirk_device_write(pci, trap, at, data, piece);
	}
}
