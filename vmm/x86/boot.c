// SPDX-License-Identifier: MIT
// Chooses the boot protocol by the kernel's format.
#include "vmm/x86/boot-place.h"
#include "vmm/x86/boot.h"
#include "vmm/x86/bzimage.h"
#include "vmm/x86/elf.h"
#include "vmm/x86/pvh.h"
#include "vmm/x86/reset-rom.h"

bool boot_is_pvh(const struct boot *boot)
{
	return elf_is_magic(boot->kernel.head, boot->kernel.head_length);
}

int boot_check(const struct boot *boot, uint64_t ram_end)
{
	return boot_is_pvh(boot) ? pvh_check(boot, ram_end)
				 : bzimage_check(boot, ram_end);
}

int boot_load(const struct boot *boot, struct memory *memory,
	      const struct layout *layout, uint64_t *entry)
{
	int err = boot_is_pvh(boot) ? pvh_load(boot, memory, layout, entry)
				    : bzimage_load(boot, memory, layout, entry);

	if (!err && reset_rom_put(memory))
		err = boot_lacks_ram(boot);
	return err;
}
