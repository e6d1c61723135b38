// SPDX-License-Identifier: MIT
// Loads the kernel by the boot protocol of its format.
#include "vmm/x86/boot-place.h"
#include "vmm/x86/boot.h"
#include "vmm/x86/bzimage.h"
#include "vmm/x86/reset-rom.h"

int boot_check(const struct boot *boot, uint64_t ram_end)
{
	return bzimage_check(boot, ram_end);
}

int boot_load(const struct boot *boot, struct memory *memory,
	      const struct layout *layout, uint64_t *entry)
{
	int err = bzimage_load(boot, memory, layout, entry);

	if (!err && reset_rom_put(memory))
		err = boot_lacks_ram(boot);
	return err;
}
