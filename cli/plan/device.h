/* SPDX-License-Identifier: MIT */
/* PCI devices of a plan: BARs, interrupts and RAM that they need. */
#ifndef CLI_PLAN_DEVICE_H
#define CLI_PLAN_DEVICE_H

struct machine_plan;
struct plan_device;

/* Reads what sysfs has of a device; what is missing becomes a finding. */
void plan_read_device(struct machine_plan *plan, struct plan_device *device);

#endif
