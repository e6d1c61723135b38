// SPDX-License-Identifier: MIT
// The registers for power-off and reset.
#include "vmm/x86/pci-ports.h"
#include "vmm/x86/power.h"

#define SLEEP_ENABLE     0x20
#define SLEEP_TYPE_SHIFT 2
#define SLEEP_TYPE_MASK  7
#define SLEEP_TYPE_S5    5 /* the first element of \_S5 */
#define RESET_VALUE      1
#define CF9_RESET        0x04

/*
 * At the keyboard controller's status port, 0 means that both buffers are
 * empty: a kernel that polls it before sending a command does not wait.
 */
static uint64_t read_zero(void *opaque, uint64_t offset, unsigned int size)
{
	(void)opaque;
	(void)offset;
	(void)size;
	return 0;
}

static void acpi_write(void *opaque, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	struct power *power = opaque;
	unsigned int type = value >> SLEEP_TYPE_SHIFT & SLEEP_TYPE_MASK;

	if (size != 1)
		return;
	if (offset == POWER_RESET - POWER_SLEEP_CONTROL && value == RESET_VALUE)
		power->reset(power->opaque);
	else if (offset == 0 && (value & SLEEP_ENABLE) && type == SLEEP_TYPE_S5)
		power->off(power->opaque);
}

static const struct bus_ops acpi_ops = {read_zero, acpi_write};

static void keyboard_write(void *opaque, uint64_t offset, unsigned int size,
			   uint64_t value)
{
	struct power *power = opaque;

	(void)offset;
	if (size == 1 && value == POWER_KEYBOARD_PULSE)
		power->reset(power->opaque);
}

static const struct bus_ops keyboard_ops = {read_zero, keyboard_write};

static void cf9_write(void *opaque, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	struct power *power = opaque;

	(void)offset;
	(void)size;
	if (value & CF9_RESET)
		power->reset(power->opaque);
}

static const struct bus_ops cf9_ops = {read_zero, cf9_write};

int power_init(struct power *power, struct bus *pio, struct pci_ports *ports)
{
	int err;

	ports->reset_ops = &cf9_ops;
	ports->reset_opaque = power;
	err = bus_add(pio, (struct range){POWER_SLEEP_CONTROL, POWER_PORTS},
		      &acpi_ops, power);
	if (err)
		return err;
	return bus_add(pio, (struct range){POWER_KEYBOARD, 1}, &keyboard_ops,
		       power);
}
