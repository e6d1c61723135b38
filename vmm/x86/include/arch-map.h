/* SPDX-License-Identifier: MIT */
/* Fixed addresses, ports and interrupt numbers of the x86 machine. */
#ifndef VMM_X86_INCLUDE_ARCH_MAP_H
#define VMM_X86_INCLUDE_ARCH_MAP_H

#include <stdint.h>

#define ARCH_CPUS_MAX 254 /* the limit of 8-bit APIC IDs */

#define LAYOUT_HOLE_START                                                      \
	UINT64_C(0xc0000000) /* unless BARs need a larger hole */
#define LAYOUT_HOLE_LOWEST UINT64_C(0x80000000)
#define LAYOUT_4G          UINT64_C(0x100000000)
#define LAYOUT_ECAM_BASE   UINT64_C(0xfea00000)
#define LAYOUT_IOAPIC_BASE UINT64_C(0xfec00000)
#define LAYOUT_LAPIC_BASE  UINT64_C(0xfee00000)
#define LAYOUT_TSS_BASE    UINT64_C(0xfffbd000) /* KVM's own pages on Intel */
#define LAYOUT_IDENT_BASE  UINT64_C(0xfffbc000)
#define LAYOUT_IO_BASE     UINT64_C(0x1000) /* above the platform's ports */
#define LAYOUT_IO_SIZE     UINT64_C(0xf000)
#define LAYOUT_VGA_BASE    UINT64_C(0xa0000) /* video memory, within low RAM */
#define LAYOUT_VGA_SIZE    UINT64_C(0x20000)
#define LAYOUT_ROM_LOW     UINT64_C(0xff000) /* both end in a reset vector */
#define LAYOUT_ROM_HIGH    UINT64_C(0xfffff000)
#define LAYOUT_ROM_SIZE    0x1000

#define IRQ_PINS           24              /* I/O APIC inputs: GSI 0 to 23 */
#define IRQ_FIXED          (IRQ_PINS + 16) /* and the PICs' */
#define IRQ_PCI_FIRST      16              /* PCI INTx uses GSI 16 to 23 */
#define IRQ_PCI_COUNT      8
#define IRQ_PLATFORM_FIRST 0 /* no lines for platform devices */
#define IRQ_PLATFORM_COUNT 0
#define SERIAL_COM1        0x3f8
#define IRQ_SERIAL         4     /* see acpi/dsdt.asl */
#define SERIAL_IS_DEFAULT  false /* without console= */
#define IRQ_MSI_FLAGS      0     /* the message alone gives its target */
#define IRQ_LEVELS_COMBINE true  /* of this process, and of irqfds */

#endif
