/* SPDX-License-Identifier: MIT */
/* The scripted kernel of liblend beside the scripted KVM: one thread at a time,
 * and what it does itself is none of the machine's calls. */
#ifndef TESTS_UNIT_VMM_MACHINE_SEAM_H
#define TESTS_UNIT_VMM_MACHINE_SEAM_H

#include "fake/kernel.h"

/* Goes between liblend and the scripted kernel. */
void seam_set(struct fake_kernel *fake);

#endif
