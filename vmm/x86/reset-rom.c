// SPDX-License-Identifier: MIT
// The read-only page at both reset vectors, whose code resets the machine.
#include "vmm/memory/space.h"
#include "vmm/x86/power.h"
#include "vmm/x86/reset-rom.h"

#define CLI      0xfa
#define MOV_AL   0xb0
#define OUT_AL   0xe6 /* to a port below 256 */
#define HLT      0xf4
#define JMP      0xeb
#define NOP      0x90
#define BACK     0xfd /* of JMP: to the HLT before it */
#define VECTOR   (LAYOUT_ROM_SIZE - 16)
#define CODE_END (VECTOR + 8)

/*
 * A kernel that finds no other way to reboot jumps to the BIOS in real mode, as
 * Linux does where it expects EFI and finds none. INIT starts a processor at
 * the other vector. The code means the same in each mode of the processor, and
 * what precedes the vector leads to it. It is constant: it needs no memory, and
 * a guest that could change it would lose its reboot.
 */
_Alignas(LAYOUT_ROM_SIZE) const uint8_t reset_rom[LAYOUT_ROM_SIZE] = {
	/* clang-format off */
	[0 ... VECTOR - 1] = NOP,
	[VECTOR] = CLI,
		MOV_AL, POWER_KEYBOARD_PULSE,
		OUT_AL, POWER_KEYBOARD,
		HLT,
		JMP, BACK,
	[CODE_END ... LAYOUT_ROM_SIZE - 1] = NOP,
	/* clang-format on */
};

int reset_rom_map(struct space *space)
{
	static const uint64_t places[] = {LAYOUT_ROM_LOW, LAYOUT_ROM_HIGH};
	int slot = 0;

	for (size_t i = 0; slot >= 0 && i < 2; i++)
		slot = space_map_rom(space,
				     (struct range){places[i], LAYOUT_ROM_SIZE},
				     reset_rom);
	return slot < 0 ? slot : 0;
}
