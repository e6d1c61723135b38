/* SPDX-License-Identifier: MIT */
/* The scripted kernel of liblend beside the scripted KVM: one thread at a time,
 * and what it does itself is none of the machine's calls. */
#ifndef TESTS_UNIT_VMM_MACHINE_SEAM_H
#define TESTS_UNIT_VMM_MACHINE_SEAM_H

#include <stdbool.h>

#include "fake/kernel.h"

/* Goes between liblend and the scripted kernel. */
void seam_set(struct fake_kernel *fake);

/* From now on RAM takes long to be mapped for DMA: until seam_release_maps().
 * @held, if not NULL, is called as soon as a mapping waits. */
void seam_hold_maps(void (*held)(void));

/* Returns whether none has waited longer than any test should take. */
bool seam_release_maps(void);

#endif
