// SPDX-License-Identifier: MIT
// A 16550A UART for the guest, which exchanges bytes with a peer.
#include <string.h>
#include <linux/serial_reg.h>

#include "vmm/console/serial.h"

#define LSR_IDLE  (UART_LSR_THRE | UART_LSR_TEMT)
#define MSR_READY (UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS)

void serial_init(struct serial *serial, const struct serial_ops *ops,
		 void *opaque)
{
	*serial = (struct serial){
		.ops = ops,
		.opaque = opaque,
		.lsr = LSR_IDLE,
		.dll = 1, /* 115200 baud */
		.trigger = 1,
	};
	pthread_mutex_init(&serial->lock, NULL);
}

void serial_destroy(struct serial *serial)
{
	pthread_mutex_destroy(&serial->lock);
}

static unsigned int fifo_capacity(const struct serial *serial)
{
	return serial->fifo_on ? SERIAL_FIFO : 1;
}

/* The interrupt that IIR reports, in the chip's order of priority. */
static uint8_t irq_cause(const struct serial *serial)
{
	if ((serial->ier & UART_IER_RLSI) && (serial->lsr & UART_LSR_OE))
		return UART_IIR_RLSI;
	if ((serial->ier & UART_IER_RDI) && serial->rx_count) {
		/* No more input is pending: the timeout expires at once. */
		return serial->rx_count >= serial->trigger
			       ? UART_IIR_RDI
			       : UART_IIR_RX_TIMEOUT;
	}
	if ((serial->ier & UART_IER_THRI) && serial->thre_pending)
		return UART_IIR_THRI;
	return UART_IIR_NO_INT;
}

/* On a PC, OUT2 connects the chip to the interrupt line. */
static void update_line(struct serial *serial)
{
	bool level = irq_cause(serial) != UART_IIR_NO_INT &&
		     (serial->mcr & UART_MCR_OUT2) &&
		     !(serial->mcr & UART_MCR_LOOP);

	if (level == serial->line)
		return;
	serial->line = level;
	serial->ops->line(serial->opaque, level);
}

static void push_rx(struct serial *serial, uint8_t byte)
{
	unsigned int size = fifo_capacity(serial);

	if (serial->rx_count >= size) {
		serial->lsr |= UART_LSR_OE;
		return;
	}
	serial->rx[(serial->rx_head + serial->rx_count++) % SERIAL_FIFO] = byte;
	serial->lsr |= UART_LSR_DR;
}

/*
 * A driver that probes and sets up the chip discards received data. Hold input
 * until it would raise an interrupt: probes set RDI too.
 */
static bool wants_input(const struct serial *serial)
{
	return (serial->ier & UART_IER_RDI) && (serial->mcr & UART_MCR_OUT2) &&
	       (serial->mcr & (UART_MCR_DTR | UART_MCR_RTS)) &&
	       !(serial->mcr & UART_MCR_LOOP) &&
	       serial->rx_count < fifo_capacity(serial);
}

/* Notify a peer that was refused that there is room now. */
static void offer_room(struct serial *serial)
{
	if (!serial->refused || serial->rx_count || !wants_input(serial))
		return;
	serial->refused = false;
	serial->ops->ready(serial->opaque);
}

static uint8_t pop_rx(struct serial *serial)
{
	uint8_t byte;

	if (!serial->rx_count)
		return 0;
	byte = serial->rx[serial->rx_head];
	serial->rx_head = (serial->rx_head + 1) % SERIAL_FIFO;
	if (--serial->rx_count == 0)
		serial->lsr &= (uint8_t)~UART_LSR_DR;
	return byte;
}

/*
 * A driver that clears the FIFO during setup would lose input that a pipe has
 * sent already. To the guest, bytes that are kept look like newly received
 * ones; only bytes that it looped back itself are discarded.
 */
static void clear_rx(struct serial *serial)
{
	if (!(serial->mcr & UART_MCR_LOOP))
		return;
	serial->rx_head = serial->rx_count = 0;
	serial->lsr &= (uint8_t)~UART_LSR_DR;
}

static void serial_transmit(struct serial *serial, uint8_t byte)
{
	if (serial->mcr & UART_MCR_LOOP) {
		push_rx(serial, byte);
	} else if (serial->ops->transmit(serial->opaque, byte) < SERIAL_FIFO) {
		serial->lsr &= (uint8_t)~LSR_IDLE;
		serial->thre_pending = false;
		return;
	}
	serial->thre_pending = true;
}

static uint8_t modem_status(const struct serial *serial)
{
	uint8_t msr = 0;

	if (!(serial->mcr & UART_MCR_LOOP))
		return MSR_READY;
	/* Loopback: each output drives its corresponding input. */
	if (serial->mcr & UART_MCR_RTS)
		msr |= UART_MSR_CTS;
	if (serial->mcr & UART_MCR_DTR)
		msr |= UART_MSR_DSR;
	if (serial->mcr & UART_MCR_OUT1)
		msr |= UART_MSR_RI;
	if (serial->mcr & UART_MCR_OUT2)
		msr |= UART_MSR_DCD;
	return msr;
}

static uint8_t read_iir(struct serial *serial)
{
	uint8_t iir = irq_cause(serial);

	if (iir == UART_IIR_THRI)
		serial->thre_pending = false;
	return serial->fifo_on ? iir | 0xc0 : iir;
}

static uint8_t serial_read_register(struct serial *serial, unsigned int reg)
{
	bool divisor = serial->lcr & UART_LCR_DLAB;
	uint8_t value;

	switch (reg) {
	case UART_RX:
		return divisor ? serial->dll : pop_rx(serial);
	case UART_IER:
		return divisor ? serial->dlm : serial->ier;
	case UART_IIR:
		return read_iir(serial);
	case UART_LCR:
		return serial->lcr;
	case UART_MCR:
		return serial->mcr;
	case UART_LSR:
		value = serial->lsr;
		serial->lsr &= (uint8_t)~UART_LSR_OE;
		return value;
	case UART_MSR:
		return modem_status(serial);
	default:
		return serial->scr;
	}
}

static void write_ier(struct serial *serial, uint8_t value)
{
	uint8_t before = serial->ier;

	serial->ier = value & 0x0f;
	/* Enabling the interrupt while the transmitter is empty raises it. */
	if (serial->ier & ~before & UART_IER_THRI)
		serial->thre_pending = serial->lsr & UART_LSR_THRE;
}

static void write_fcr(struct serial *serial, uint8_t value)
{
	static const uint8_t triggers[4] = {1, 4, 8, 14};
	bool on = value & UART_FCR_ENABLE_FIFO;

	if (on != serial->fifo_on || (value & UART_FCR_CLEAR_RCVR))
		clear_rx(serial);
	serial->fifo_on = on;
	serial->trigger = on ? triggers[value >> 6] : 1;
}

static void write_register(struct serial *serial, unsigned int reg,
			   uint8_t value)
{
	bool divisor = serial->lcr & UART_LCR_DLAB;

	switch (reg) {
	case UART_TX:
		if (divisor)
			serial->dll = value;
		else
			serial_transmit(serial, value);
		break;
	case UART_IER:
		if (divisor)
			serial->dlm = value;
		else
			write_ier(serial, value);
		break;
	case UART_FCR:
		write_fcr(serial, value);
		break;
	case UART_LCR:
		serial->lcr = value;
		break;
	case UART_MCR:
		serial->mcr = value & 0x1f;
		break;
	case UART_SCR:
		serial->scr = value;
		break;
	default: /* LSR and MSR are read-only */
		break;
	}
}

/* The chip is 8 bits wide: a wider access is that many byte accesses. */
static uint64_t bus_side_read(void *opaque, uint64_t offset, unsigned int size)
{
	struct serial *serial = opaque;
	uint64_t value = 0;

	pthread_mutex_lock(&serial->lock);
	for (unsigned int i = 0; i < size; i++)
		value |= (uint64_t)serial_read_register(
				 serial, (unsigned int)offset + i)
			 << 8 * i;
	offer_room(serial);
	update_line(serial);
	pthread_mutex_unlock(&serial->lock);
	return value;
}

static void bus_side_write(void *opaque, uint64_t offset, unsigned int size,
			   uint64_t value)
{
	struct serial *serial = opaque;

	pthread_mutex_lock(&serial->lock);
	for (unsigned int i = 0; i < size; i++)
		write_register(serial, (unsigned int)offset + i,
			       (uint8_t)(value >> 8 * i));
	offer_room(serial);
	update_line(serial);
	pthread_mutex_unlock(&serial->lock);
}

const struct bus_ops serial_bus_ops = {bus_side_read, bus_side_write};

size_t serial_room(struct serial *serial)
{
	size_t room = 0;

	pthread_mutex_lock(&serial->lock);
	if (wants_input(serial))
		room = fifo_capacity(serial) - serial->rx_count;
	serial->refused = room == 0;
	pthread_mutex_unlock(&serial->lock);
	return room;
}

void serial_receive(struct serial *serial, const uint8_t *bytes, size_t count)
{
	pthread_mutex_lock(&serial->lock);
	for (size_t i = 0; i < count; i++)
		push_rx(serial, bytes[i]);
	update_line(serial);
	pthread_mutex_unlock(&serial->lock);
}

void serial_drained(struct serial *serial)
{
	pthread_mutex_lock(&serial->lock);
	if (!(serial->lsr & UART_LSR_THRE)) {
		serial->lsr |= LSR_IDLE;
		serial->thre_pending = true;
		update_line(serial);
	}
	pthread_mutex_unlock(&serial->lock);
}
