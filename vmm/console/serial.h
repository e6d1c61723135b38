/* SPDX-License-Identifier: MIT */
/* A 16550A UART for the guest, which exchanges bytes with a peer. */
#ifndef VMM_CONSOLE_SERIAL_H
#define VMM_CONSOLE_SERIAL_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/base/bus.h"

#define SERIAL_FIFO  16
#define SERIAL_PORTS 8

/* Called with the serial port's lock held: do not call back into it. */
struct serial_ops {
	/* The interrupt line changed. */
	void (*line)(void *opaque, bool level);
	/*
	 * Take a byte (drop it if there is no room) and return the room left.
	 * Below SERIAL_FIFO, the transmitter stays busy until serial_drained().
	 */
	size_t (*transmit)(void *opaque, uint8_t byte);
	/* There is room again after serial_room() returned 0. */
	void (*ready)(void *opaque);
};

struct serial {
	pthread_mutex_t lock;
	const struct serial_ops *ops; /* borrowed */
	void *opaque;
	uint8_t ier, lcr, mcr, lsr, scr, dll, dlm;
	bool fifo_on;
	bool thre_pending; /* "transmitter empty" interrupt not yet seen */
	bool line;
	bool refused;         /* serial_room() returned 0 to the peer */
	unsigned int trigger; /* input bytes that raise an interrupt */
	unsigned int rx_head, rx_count;
	uint8_t rx[SERIAL_FIFO];
};

extern const struct bus_ops serial_bus_ops; /* opaque: struct serial */

void serial_init(struct serial *serial, const struct serial_ops *ops,
		 void *opaque);
void serial_destroy(struct serial *serial);

/*
 * Input bytes that the guest can take now: none until its driver is set up, so
 * that no input is lost. After 0, ops->ready is called when there is room.
 */
size_t serial_room(struct serial *serial);

/* Hand over input; @count must not exceed serial_room(). */
void serial_receive(struct serial *serial, const uint8_t *bytes, size_t count);

/* The peer has room for SERIAL_FIFO bytes again. */
void serial_drained(struct serial *serial);

#endif
