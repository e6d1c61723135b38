// SPDX-License-Identifier: MIT
// The page at both reset vectors, whose code resets the machine.
#include <errno.h>
#include <string.h>

#include <lend/kvm.h>

#include "vmm/memory/memory.h"
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
 * what precedes the vector leads to it.
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

/* Read-only: this one is the same for the life of the VM. */
int reset_rom_map(struct lend_kvm *kvm)
{
	int slot = lend_kvm_map(kvm, LAYOUT_ROM_HIGH, LAYOUT_ROM_SIZE,
				reset_rom, LEND_KVM_READ_ONLY);

	return slot < 0 ? slot : 0;
}

/*
 * In RAM, which e820 reserves: a ROM there would split the RAM, and take two
 * slots and two calls at each start. A guest that overwrites it loses a way to
 * reboot until the next start.
 */
int reset_rom_put(struct memory *memory)
{
	void *to = memory_at(memory, LAYOUT_ROM_LOW, LAYOUT_ROM_SIZE);

	if (!to)
		return -EFAULT;
	memcpy(to, reset_rom, LAYOUT_ROM_SIZE);
	return 0;
}
