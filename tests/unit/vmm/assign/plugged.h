/* SPDX-License-Identifier: MIT */
/* A machine without a guest, for one device to be plugged in: KVM is a table,
 * and warnings are counted. */
#ifndef TESTS_UNIT_VMM_ASSIGN_PLUGGED_H
#define TESTS_UNIT_VMM_ASSIGN_PLUGGED_H

#include "kvm.h"
#include "vmm/machine/internal.h"

/* What devices use of the machine; *@warnings counts its log's. */
void plugged_open(struct machine *machine, unsigned int *warnings);
void plugged_close(struct machine *machine);

#endif
