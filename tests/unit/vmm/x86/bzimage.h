/* SPDX-License-Identifier: MIT */
/* A minimal bzImage that tests can corrupt. */
#ifndef TESTS_UNIT_VMM_X86_BZIMAGE_H
#define TESTS_UNIT_VMM_X86_BZIMAGE_H

#include <stdint.h>
#include <string.h>

#include <asm/bootparam.h>

#define BZIMAGE_PAYLOAD (3 * 512)
#define BZIMAGE_KERNEL  8000 /* bytes after the setup sectors */
#define BZIMAGE_SIZE    (BZIMAGE_PAYLOAD + BZIMAGE_KERNEL)

static inline struct setup_header *bzimage_header(uint8_t *image)
{
	return (struct setup_header *)(image + 0x1f1);
}

/* Write BZIMAGE_SIZE bytes that boot_header_parse() accepts. */
static inline void bzimage_make(uint8_t *image)
{
	struct setup_header *h = bzimage_header(image);

	memset(image, 0, BZIMAGE_PAYLOAD);
	memset(image + BZIMAGE_PAYLOAD, 0x90, BZIMAGE_KERNEL);
	h->setup_sects = 2;
	h->syssize = BZIMAGE_KERNEL / 16;
	h->boot_flag = 0xaa55;
	h->jump = 0x66eb; /* the header ends at 0x268 */
	h->header = 0x53726448;
	h->version = 0x20f;
	h->loadflags = LOADED_HIGH;
	h->xloadflags = XLF_KERNEL_64;
	h->initrd_addr_max = 0x7fffffff;
	h->kernel_alignment = 0x200000;
	h->relocatable_kernel = 1;
	h->cmdline_size = 2047;
	h->pref_address = 0x1000000;
	h->init_size = 0x1000000;
}

#endif
