// SPDX-License-Identifier: MIT
// The power key: one input of a PL061, for which guests have a driver.
#include "vmm/arm64/gpio.h"

#define KEY        0x01  /* the key's input */
#define DATA_END   0x400 /* below, the address is the input mask */
#define DATA_SHIFT 2
#define DIR        0x400
#define SENSE      0x404 /* 1: level-triggered, 0: edge */
#define BOTH       0x408
#define EVENT      0x40c /* 1: rising or high, 0: falling or low */
#define ENABLE     0x410
#define RAW        0x414
#define MASKED     0x418
#define CLEAR      0x41c
#define ALTERNATE  0x420
#define ID         0xfe0

void gpio_init(struct gpio *gpio, void (*line)(void *opaque, bool level),
	       void *opaque)
{
	*gpio = (struct gpio){.line = line, .opaque = opaque};
	pthread_mutex_init(&gpio->lock, NULL);
}

void gpio_destroy(struct gpio *gpio)
{
	pthread_mutex_destroy(&gpio->lock);
}

/* Pending: latched edges, and inputs at their trigger level. */
static uint8_t gpio_pending(const struct gpio *gpio)
{
	uint8_t inputs = gpio->pressed ? KEY : 0;

	return (uint8_t)((gpio->raw & ~gpio->sense) |
			 (gpio->sense & ~(inputs ^ gpio->event)));
}

static void gpio_update_line(struct gpio *gpio)
{
	bool level = gpio_pending(gpio) & gpio->enable;

	if (level != gpio->raised)
		gpio->line(gpio->opaque, level);
	gpio->raised = level;
}

static void move_key(struct gpio *gpio, bool pressed)
{
	if (gpio->pressed == pressed)
		return;
	gpio->pressed = pressed;
	if ((gpio->both & KEY) || !(gpio->event & KEY) == !pressed)
		gpio->raw |= KEY;
	gpio_update_line(gpio);
}

void gpio_press(struct gpio *gpio)
{
	pthread_mutex_lock(&gpio->lock);
	move_key(gpio, true);
	pthread_mutex_unlock(&gpio->lock);
}

static uint64_t read_data(struct gpio *gpio, uint64_t offset)
{
	uint8_t wanted = (uint8_t)(offset >> DATA_SHIFT);
	bool pressed = gpio->pressed;

	if (!(wanted & KEY))
		return 0;
	move_key(gpio, false);
	return pressed ? KEY : 0;
}

static uint64_t gpio_read_register(struct gpio *gpio, uint64_t offset)
{
	/* Peripheral and cell IDs, a byte in each word. */
	static const uint8_t ids[] = {0x61, 0x10, 0x04, 0x00,
				      0x0d, 0xf0, 0x05, 0xb1};

	if (offset < DATA_END)
		return read_data(gpio, offset);
	if (offset >= ID && (offset - ID) / 4 < sizeof(ids))
		return ids[(offset - ID) / 4];
	switch (offset) {
	case DIR:
		return gpio->dir;
	case SENSE:
		return gpio->sense;
	case BOTH:
		return gpio->both;
	case EVENT:
		return gpio->event;
	case ENABLE:
		return gpio->enable;
	case RAW:
		return gpio_pending(gpio);
	case MASKED:
		return gpio_pending(gpio) & gpio->enable;
	case ALTERNATE:
		return gpio->alternate;
	default:
		return 0;
	}
}

static uint64_t gpio_read(void *opaque, uint64_t offset, unsigned int size)
{
	struct gpio *gpio = opaque;
	uint64_t value;

	(void)size;
	pthread_mutex_lock(&gpio->lock);
	value = gpio_read_register(gpio, offset);
	pthread_mutex_unlock(&gpio->lock);
	return value;
}

/* The outputs are not connected. */
static void gpio_write(void *opaque, uint64_t offset, unsigned int size,
		       uint64_t value)
{
	struct gpio *gpio = opaque;
	uint8_t *const registers[] = {&gpio->dir, &gpio->sense, &gpio->both,
				      &gpio->event, &gpio->enable};

	(void)size;
	pthread_mutex_lock(&gpio->lock);
	if (offset >= DIR && offset <= ENABLE && !(offset % 4))
		*registers[(offset - DIR) / 4] = (uint8_t)value;
	else if (offset == CLEAR)
		gpio->raw &= (uint8_t)~value;
	else if (offset == ALTERNATE)
		gpio->alternate = (uint8_t)value;
	gpio_update_line(gpio);
	pthread_mutex_unlock(&gpio->lock);
}

const struct bus_ops gpio_bus_ops = {gpio_read, gpio_write};
