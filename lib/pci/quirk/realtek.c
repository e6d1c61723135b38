// SPDX-License-Identifier: MIT
// Realtek: indirect access to the MSI-X table, around BAR 4.

#include <string.h>

#include "lib/base/bytes.h"
#include "lib/pci/function.h"
#include "lib/pci/message.h"
#include "lib/pci/msix.h"
#include "lib/pci/quirk/quirk.h"

/* ERIDR and ERIAR in the Linux driver: data, and a command to write or read it.
 */
#define BACKDOOR 0x70
#define DATA     0
#define COMMAND  4

#define COMMAND_FLAG  0x80000000u /* set for a write; inverted when done */
#define COMMAND_TYPE  0x7fff0000u
#define TYPE_MSIX     0x00010000u
#define COMMAND_BYTES 12 /* first of four bits, one for each byte enabled */
#define COMMAND_PLACE 0xffcu

static bool is_within_table(const struct lend_pci *pci, uint32_t place)
{
	uint64_t size = msix_table_size(&pci->layout);

	return size >= 4 && place <= size - 4;
}

static void write_table(struct lend_pci *pci, uint32_t command)
{
	const uint8_t *data = pci->quirks.state.backdoor_data;
	uint32_t place = command & COMMAND_PLACE;
	uint8_t bytes[4];
	unsigned int i;

	if (!is_within_table(pci, place))
		return;
	msix_table_read(pci, place, bytes, sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i++)
		if (command >> (COMMAND_BYTES + i) & 1)
			bytes[i] = data[i];
	msix_table_write(pci, place, bytes, sizeof(bytes));
}

static void read_table(struct lend_pci *pci, uint32_t command, uint8_t bytes[4])
{
	uint32_t place = command & COMMAND_PLACE;

	memset(bytes, 0, 4);
	if (is_within_table(pci, place))
		msix_table_read(pci, place, bytes, 4);
}

/* Anything but a complete MSI-X command goes to the device. */
static bool take_command(struct lend_pci *pci, unsigned int at,
			 const uint8_t *data, unsigned int size)
{
	struct quirk_state *state = &pci->quirks.state;
	uint32_t command;

	state->backdoor = false;
	if (at != COMMAND || size != 4)
		return false;
	command = (uint32_t)bytes_get(data, 4);
	if ((command & COMMAND_TYPE) != TYPE_MSIX)
		return false;
	state->backdoor = true;
	state->backdoor_command = command;
	if (command & COMMAND_FLAG)
		write_table(pci, command);
	return true;
}

static void backdoor_write(struct lend_pci *pci, const struct quirk_trap *trap,
			   unsigned int at, const uint8_t *data,
			   unsigned int size)
{
	unsigned int room = at < COMMAND ? COMMAND - at : 8 - at;
	unsigned int piece = size < room ? size : room;

	if (at < COMMAND)
		memcpy(pci->quirks.state.backdoor_data + at, data, piece);
	if (at < COMMAND || !take_command(pci, at, data, piece))
		quirk_device_write(pci, trap, at, data, piece);
	if (size > piece)
		backdoor_write(pci, trap, at + piece, data + piece,
			       size - piece);
}

static void backdoor_read(struct lend_pci *pci, const struct quirk_trap *trap,
			  unsigned int at, uint8_t *data, unsigned int size)
{
	const struct quirk_state *state = &pci->quirks.state;
	uint32_t command = state->backdoor_command;
	uint8_t registers[8];

	quirk_device_read(pci, trap, at, data, size);
	if (!state->backdoor)
		return;
	read_table(pci, command, registers + DATA);
	bytes_put(registers + COMMAND, 4, command ^ COMMAND_FLAG);
	memcpy(data, registers + at, size);
}

static const struct quirk_id ids[] = {{0x8168, 0xffff}};

static const struct quirk_trap traps[] = {{
	.bar = 2,
	.offset = BACKDOOR,
	.size = 8,
	.read = backdoor_read,
	.write = backdoor_write,
}};

const struct quirk quirk_rtl8168 = {
	.public =
		{
			.name = "rtl8168-msix-backdoor",
			.why = "its driver also writes the MSI-X table through "
			       "registers in BAR 2, which would bypass the "
			       "guest's table; all accesses to BAR 2 are "
			       "trapped",
			.source = "Linux, drivers/net/ethernet/realtek/"
				  "r8169_main.c: ERIAR, ERIAR_MSIX",
		},
	.vendor = QUIRK_VENDOR_REALTEK,
	.ids = QUIRK_IDS(ids),
	.traps = traps,
	.trap_count = 1,
};
