// SPDX-License-Identifier: MIT
// The serial port's registers and interrupts behave as a 16550A's.
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <linux/serial_reg.h>

#include "vmm/console/serial.h"

struct peer {
	struct serial serial;
	uint8_t sent[256];
	size_t count;
	size_t room;
	bool line;
	unsigned int edges;
	unsigned int ready;
};

static void peer_line(void *opaque, bool level)
{
	struct peer *p = opaque;

	assert_int_not_equal(p->line, level);
	p->line = level;
	p->edges += level;
}

static size_t peer_transmit(void *opaque, uint8_t byte)
{
	struct peer *p = opaque;

	if (p->room) {
		p->sent[p->count++ % sizeof(p->sent)] = byte;
		p->room--;
	}
	return p->room;
}

static void peer_ready(void *opaque)
{
	((struct peer *)opaque)->ready++;
}

static const struct serial_ops ops = {peer_line, peer_transmit, peer_ready};

static int serial_setup(void **state)
{
	static struct peer peer;

	peer = (struct peer){.room = 1000};
	serial_init(&peer.serial, &ops, &peer);
	*state = &peer;
	return 0;
}

static int serial_teardown(void **state)
{
	serial_destroy(&((struct peer *)*state)->serial);
	return 0;
}

static uint8_t uart_in(struct peer *p, unsigned int reg)
{
	return (uint8_t)serial_bus_ops.read(&p->serial, reg, 1);
}

static void uart_out(struct peer *p, unsigned int reg, uint8_t value)
{
	serial_bus_ops.write(&p->serial, reg, 1, value);
}

/* The state after driver setup: FIFO on, trigger 8, interrupts connected. */
static void uart_set_up(struct peer *p, uint8_t ier)
{
	uart_out(p, UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_TRIGGER_8);
	uart_out(p, UART_MCR, UART_MCR_DTR | UART_MCR_RTS | UART_MCR_OUT2);
	uart_out(p, UART_IER, ier);
}

static void divisor_hides_data_registers(void **state)
{
	struct peer *p = *state;

	uart_out(p, UART_LCR, UART_LCR_DLAB | UART_LCR_WLEN8);
	uart_out(p, UART_DLL, 12);
	uart_out(p, UART_DLM, 34);
	assert_int_equal(uart_in(p, UART_DLL), 12);
	assert_int_equal(uart_in(p, UART_DLM), 34);
	uart_out(p, UART_LCR, UART_LCR_WLEN8);
	assert_int_equal(uart_in(p, UART_IER), 0);
	assert_int_equal(p->count, 0);
	assert_int_equal(uart_in(p, UART_LCR), UART_LCR_WLEN8);
	uart_out(p, UART_SCR, 0x5a);
	assert_int_equal(uart_in(p, UART_SCR), 0x5a);
}

static void fifo_makes_it_a_16550a(void **state)
{
	struct peer *p = *state;

	assert_int_equal(uart_in(p, UART_IIR), UART_IIR_NO_INT);
	uart_out(p, UART_FCR, UART_FCR_ENABLE_FIFO);
	assert_int_equal(uart_in(p, UART_IIR) & 0xc0, 0xc0);
	uart_out(p, UART_FCR, 0);
	assert_int_equal(uart_in(p, UART_IIR) & 0xc0, 0);
}

static void sent_bytes_raise_transmitter_empty(void **state)
{
	struct peer *p = *state;

	uart_set_up(p, UART_IER_THRI);
	assert_true(p->line);
	assert_int_equal(uart_in(p, UART_IIR) & 0x0f, UART_IIR_THRI);
	assert_false(p->line); /* reading IIR clears it */
	uart_out(p, UART_TX, 'x');
	assert_int_equal(p->sent[0], 'x');
	assert_true(p->line);
	assert_int_equal(uart_in(p, UART_LSR), UART_LSR_THRE | UART_LSR_TEMT);
}

static void a_full_peer_holds_the_guest_up(void **state)
{
	struct peer *p = *state;

	uart_set_up(p, UART_IER_THRI);
	uart_in(p, UART_IIR);
	p->room = SERIAL_FIFO; /* after this byte, one less than a FIFO */
	uart_out(p, UART_TX, 'x');
	assert_int_equal(uart_in(p, UART_LSR) & UART_LSR_THRE, 0);
	assert_false(p->line);
	/* a FIFO already in transmission */
	for (unsigned int i = 0; i < 15; i++)
		uart_out(p, UART_TX, 'y');
	assert_int_equal(p->count, 16);
	p->room = 100;
	serial_drained(&p->serial);
	assert_true(p->line);
	assert_int_equal(uart_in(p, UART_IIR) & 0x0f, UART_IIR_THRI);
	serial_drained(&p->serial); /* it was not waiting: no interrupt */
	assert_false(p->line);
}

static void input_interrupts_at_trigger_or_timeout(void **state)
{
	struct peer *p = *state;

	uart_set_up(p, UART_IER_RDI);
	assert_int_equal(serial_room(&p->serial), SERIAL_FIFO);
	serial_receive(&p->serial, (const uint8_t *)"abc", 3);
	assert_true(p->line);
	assert_int_equal(uart_in(p, UART_IIR) & 0x0f, UART_IIR_RX_TIMEOUT);
	serial_receive(&p->serial, (const uint8_t *)"defgh", 5);
	assert_int_equal(uart_in(p, UART_IIR) & 0x0f, UART_IIR_RDI);
	for (char c = 'a'; c <= 'h'; c++) {
		assert_true(uart_in(p, UART_LSR) & UART_LSR_DR);
		assert_true(p->line);
		assert_int_equal(uart_in(p, UART_RX), c);
	}
	assert_false(uart_in(p, UART_LSR) & UART_LSR_DR);
	assert_false(p->line);
	assert_int_equal(p->edges, 1);
}

static void input_waits_for_the_driver(void **state)
{
	struct peer *p = *state;

	assert_int_equal(serial_room(&p->serial), 0);
	uart_out(p, UART_IER, 0x0f); /* a probe */
	uart_out(p, UART_MCR, UART_MCR_DTR);
	assert_int_equal(serial_room(&p->serial), 0);
	assert_int_equal(p->ready, 0);
	uart_set_up(p, UART_IER_RDI);
	assert_int_equal(p->ready, 1);
	assert_int_equal(serial_room(&p->serial), SERIAL_FIFO);
}

static void clearing_the_fifo_loses_no_input(void **state)
{
	struct peer *p = *state;

	uart_set_up(p, UART_IER_RDI);
	serial_receive(&p->serial, (const uint8_t *)"ab", 2);
	uart_out(p, UART_FCR, UART_FCR_ENABLE_FIFO | UART_FCR_CLEAR_RCVR);
	uart_out(p, UART_FCR, 0);
	uart_out(p, UART_FCR, UART_FCR_ENABLE_FIFO);
	assert_int_equal(uart_in(p, UART_RX), 'a');
	assert_int_equal(uart_in(p, UART_RX), 'b');
	assert_false(uart_in(p, UART_LSR) & UART_LSR_DR);
}

static void too_much_input_is_an_overrun(void **state)
{
	struct peer *p = *state;
	uint8_t bytes[SERIAL_FIFO + 1] = {0};

	uart_set_up(p, UART_IER_RDI | UART_IER_RLSI);
	serial_receive(&p->serial, bytes, sizeof(bytes));
	assert_int_equal(uart_in(p, UART_IIR) & 0x0f, UART_IIR_RLSI);
	assert_true(uart_in(p, UART_LSR) & UART_LSR_OE);
	assert_false(uart_in(p, UART_LSR) & UART_LSR_OE); /* reading clears */
	assert_int_equal(serial_room(&p->serial), 0);
	for (unsigned int i = 0; i < SERIAL_FIFO; i++)
		uart_in(p, UART_RX);
	assert_int_equal(p->ready, 1);
}

/* Bytes in the FIFO when it is disabled are kept, however many follow. */
static void loopback_without_a_fifo_has_an_end(void **state)
{
	struct peer *p = *state;
	unsigned int left = 0;

	uart_set_up(p, UART_IER_RDI);
	serial_receive(&p->serial, (const uint8_t *)"0123456789", 10);
	uart_out(p, UART_FCR, 0);
	uart_out(p, UART_MCR, UART_MCR_LOOP);
	for (int i = 0; i < 100; i++)
		uart_out(p, UART_TX, 'x');
	assert_true(uart_in(p, UART_LSR) & UART_LSR_OE);
	for (; uart_in(p, UART_LSR) & UART_LSR_DR; left++)
		assert_int_equal(uart_in(p, UART_RX), '0' + left);
	assert_int_equal(left, 10);
}

static void loopback_joins_outputs_and_inputs(void **state)
{
	struct peer *p = *state;

	uart_out(p, UART_MCR, UART_MCR_LOOP | UART_MCR_RTS | UART_MCR_OUT2);
	assert_int_equal(uart_in(p, UART_MSR) & 0xf0,
			 UART_MSR_CTS | UART_MSR_DCD);
	uart_out(p, UART_TX, 0x42);
	assert_int_equal(p->count, 0);
	assert_true(uart_in(p, UART_LSR) & UART_LSR_DR);
	assert_int_equal(uart_in(p, UART_RX), 0x42);
	uart_out(p, UART_TX, 0x43);
	uart_out(p, UART_FCR,
		 UART_FCR_ENABLE_FIFO); /* clears looped-back bytes */
	assert_false(uart_in(p, UART_LSR) & UART_LSR_DR);
	uart_out(p, UART_MCR, 0);
	assert_int_equal(uart_in(p, UART_MSR),
			 UART_MSR_DCD | UART_MSR_DSR | UART_MSR_CTS);
}

static void out2_connects_the_line(void **state)
{
	struct peer *p = *state;

	uart_out(p, UART_IER, UART_IER_THRI);
	assert_false(p->line);
	uart_out(p, UART_MCR, UART_MCR_OUT2);
	assert_true(p->line);
	uart_out(p, UART_MCR, 0);
	assert_false(p->line);
}

static void wide_accesses_are_many_narrow_ones(void **state)
{
	struct peer *p = *state;

	serial_bus_ops.write(&p->serial, UART_LCR, 2, 0x0103);
	assert_int_equal(uart_in(p, UART_LCR), 3);
	assert_int_equal(uart_in(p, UART_MCR), 1);
	assert_int_equal(serial_bus_ops.read(&p->serial, UART_LCR, 4) & 0xffff,
			 0x0103);
}

int main(void)
{
#define TEST(f)                                                                \
	cmocka_unit_test_setup_teardown(f, serial_setup, serial_teardown)
	const struct CMUnitTest tests[] = {
		TEST(divisor_hides_data_registers),
		TEST(fifo_makes_it_a_16550a),
		TEST(sent_bytes_raise_transmitter_empty),
		TEST(a_full_peer_holds_the_guest_up),
		TEST(input_interrupts_at_trigger_or_timeout),
		TEST(input_waits_for_the_driver),
		TEST(clearing_the_fifo_loses_no_input),
		TEST(too_much_input_is_an_overrun),
		TEST(loopback_joins_outputs_and_inputs),
		TEST(loopback_without_a_fifo_has_an_end),
		TEST(out2_connects_the_line),
		TEST(wide_accesses_are_many_narrow_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
