/* SPDX-License-Identifier: MIT */
/* Fixed addresses and interrupt numbers of the arm64 machine. */
#ifndef VMM_ARM64_INCLUDE_ARCH_MAP_H
#define VMM_ARM64_INCLUDE_ARCH_MAP_H

#include <stdint.h>

#define ARCH_CPUS_MAX 512 /* KVM's limit with a GICv3; 8 with a GICv2 */

#define LAYOUT_GICR_BASE   UINT64_C(0x04000000) /* 128 KiB for each vCPU */
#define LAYOUT_GICR_SIZE   UINT64_C(0x20000)
#define LAYOUT_GICD_BASE   UINT64_C(0x08000000)
#define LAYOUT_GICD_SIZE   UINT64_C(0x10000)
#define LAYOUT_GICC_BASE   UINT64_C(0x08010000) /* GICv2 only */
#define LAYOUT_GICC_SIZE   UINT64_C(0x2000)
#define LAYOUT_ITS_BASE    UINT64_C(0x08080000)
#define LAYOUT_ITS_SIZE    UINT64_C(0x20000)
#define LAYOUT_SERIAL_BASE UINT64_C(0x09000000)
#define LAYOUT_SERIAL_SIZE UINT64_C(0x1000)
#define LAYOUT_GPIO_BASE   UINT64_C(0x09010000)
#define LAYOUT_GPIO_SIZE   UINT64_C(0x1000)
#define LAYOUT_PORTS_BASE  UINT64_C(0x0f000000) /* PCI I/O port 0 */
#define LAYOUT_PORTS_SIZE  UINT64_C(0x10000)
#define LAYOUT_LOW_BASE    UINT64_C(0x10000000) /* windows, up to ECAM */
#define LAYOUT_VGA_BASE    UINT64_C(0xa0000)    /* no VGA window */
#define LAYOUT_VGA_SIZE    UINT64_C(0)
#define LAYOUT_ECAM_BASE   UINT64_C(0x30000000)
#define LAYOUT_RAM_BASE    UINT64_C(0x40000000) /* unless windows need more */
#define LAYOUT_4G          UINT64_C(0x100000000)
#define LAYOUT_IO_BASE     UINT64_C(0x1000) /* kernels use no lower port */
#define LAYOUT_IO_SIZE     UINT64_C(0xf000)

/* A GSI is the number of a shared peripheral interrupt, counted from 0. */
#define IRQ_PINS           256
#define IRQ_FIXED          IRQ_PINS
#define IRQ_SERIAL         1
#define SERIAL_IS_DEFAULT  true /* the device tree names it */
#define IRQ_GPIO           2
#define IRQ_PCI_FIRST      8
#define IRQ_PCI_COUNT      8
#define IRQ_PLATFORM_FIRST 32
#define IRQ_PLATFORM_COUNT 224
#define IRQ_MSI_FLAGS      1     /* KVM_MSI_VALID_DEVID: the ITS needs it */
#define IRQ_LEVELS_COMBINE false /* of this process, and of irqfds */

#endif
