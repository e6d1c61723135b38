// SPDX-License-Identifier: MIT
// The serial port of the example VMM: a 16550 whose transmitter is always
// empty, with one byte of input.

#include <linux/kvm.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm-machine.h"

static void serial_set_line(struct machine *m)
{
	uint8_t enabled = m->registers[1];
	struct kvm_irq_level line = {
		.irq = layout.serial_line,
		.level = (enabled & 1 && m->received >= 0) ||
			 (enabled & 2 && m->sent),
	};

	ioctl(m->vm_fd, KVM_IRQ_LINE, &line);
}

static uint8_t serial_read(struct machine *m, unsigned int reg)
{
	uint8_t value = m->registers[reg];

	if (reg == 0 && !(m->registers[3] & 0x80)) {
		value = m->received < 0 ? 0 : (uint8_t)m->received;
		m->received = -1;
		eventfd_write(m->wake_fd, 1);
	} else if (reg == 2) { /* which interrupt */
		value = 1;
		if (m->registers[1] & 1 && m->received >= 0)
			value = 4;
		else if (m->registers[1] & 2 && m->sent)
			value = 2;
		m->sent = m->sent && value != 2;
	} else if (reg == 5) {
		value = m->received >= 0 ? 0x61 : 0x60;
	} else if (reg == 6) { /* carrier; in loopback, the outputs */
		value = m->registers[4] & 0x10 ? 0x90 : 0xb0;
	}
	serial_set_line(m);
	return value;
}

static void serial_write(struct machine *m, unsigned int reg, uint8_t value)
{
	if (reg == 0 && !(m->registers[3] & 0x80)) {
		if (write(STDOUT_FILENO, &value, 1) != 1)
			perror("console");
		m->sent = true;
	} else {
		if (reg == 1 && value & ~m->registers[1] & 2)
			m->sent = true;
		m->registers[reg] = value;
	}
	serial_set_line(m);
}

bool serial_is_ready(struct machine *m)
{
	bool is_ready;

	pthread_mutex_lock(&m->serial);
	is_ready = m->received < 0;
	pthread_mutex_unlock(&m->serial);
	return is_ready;
}

void serial_put_input(struct machine *m, uint8_t byte)
{
	pthread_mutex_lock(&m->serial);
	m->received = byte;
	serial_set_line(m);
	pthread_mutex_unlock(&m->serial);
}

void serial_access(struct machine *m, unsigned int reg, uint8_t *data,
		   bool is_write)
{
	pthread_mutex_lock(&m->serial);
	if (is_write)
		serial_write(m, reg, *data);
	else
		*data = serial_read(m, reg);
	pthread_mutex_unlock(&m->serial);
}
