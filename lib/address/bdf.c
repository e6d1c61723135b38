// SPDX-License-Identifier: MIT
// Addresses of PCI functions as text.

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "lib/address/bdf.h"

static const char form[] = "expected [DOMAIN:]BUS:DEVICE.FUNCTION in "
			   "hexadecimal, such as 0000:02:00.0";

/* Takes 1 to max hexadecimal digits. Returns what follows, or NULL. */
static const char *bdf_take_hex(const char *text, unsigned int max,
				uint32_t *value)
{
	unsigned int digits = 0;

	for (*value = 0; isxdigit((unsigned char)*text); text++, digits++) {
		int c = tolower((unsigned char)*text);

		if (digits == max)
			return NULL;
		*value = *value << 4 |
			 (uint32_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	return digits ? text : NULL;
}

static const char *check_slot(uint32_t device, uint32_t function)
{
	if (device > 0x1f)
		return "the device number is out of range: 0 to 1f";
	if (function > 7)
		return "the function number is out of range: 0 to 7";
	return NULL;
}

const char *bdf_parse(const char *text, struct bdf *bdf)
{
	uint32_t part[4]; /* domain, bus, device, function */
	const char *colon = strchr(text, ':');
	bool has_domain = colon && strchr(colon + 1, ':');
	const char *wrong;

	part[0] = 0;
	if (has_domain) {
		text = bdf_take_hex(text, 8, &part[0]);
		if (!text || *text++ != ':')
			return form;
	}
	text = bdf_take_hex(text, 2, &part[1]);
	if (!text || *text++ != ':')
		return form;
	text = bdf_take_hex(text, 2, &part[2]);
	if (!text || *text++ != '.')
		return form;
	text = bdf_take_hex(text, 1, &part[3]);
	if (!text || *text)
		return form;
	wrong = check_slot(part[2], part[3]);
	if (wrong)
		return wrong;
	bdf->domain = part[0];
	bdf->bus = (uint8_t)part[1];
	bdf->device = (uint8_t)part[2];
	bdf->function = (uint8_t)part[3];
	return NULL;
}

/* As bdf_take_hex(), with or without "0x". */
static const char *bdf_take_number(const char *text, unsigned int max,
				   uint32_t *value)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		text += 2;
	return bdf_take_hex(text, max, value);
}

const char *bdf_parse_slot(const char *text, struct bdf *bdf)
{
	static const char slot_form[] =
		"expected DEVICE[.FUNCTION] in hexadecimal, such as 5 or 1c.4";
	uint32_t device, function = 0;
	const char *wrong;

	text = bdf_take_number(text, 2, &device);
	if (!text)
		return slot_form;
	if (*text == '.')
		text = bdf_take_number(text + 1, 1, &function);
	if (!text || *text)
		return slot_form;
	wrong = check_slot(device, function);
	if (wrong)
		return wrong;
	*bdf = (struct bdf){
		.device = (uint8_t)device,
		.function = (uint8_t)function,
	};
	return NULL;
}

void bdf_print(const struct bdf *bdf, char text[BDF_TEXT])
{
	snprintf(text, BDF_TEXT, "%04x:%02x:%02x.%x", bdf->domain, bdf->bus,
		 bdf->device & 0x1f, bdf->function & 7);
}

unsigned int bdf_difference(const struct bdf *a, const struct bdf *b)
{
	return (a->domain != b->domain) + (a->bus != b->bus) +
	       (a->device != b->device) + (a->function != b->function);
}

bool bdf_is_attempt(const char *text)
{
	return strchr(text, ':') &&
	       text[strspn(text, "0123456789abcdefABCDEF:.")] == '\0';
}

bool bdf_parse_foreign(const char *text, struct bdf *bdf)
{
	static const char marks[] = "::.";
	char copy[32];
	unsigned int n = 0;

	if (strncmp(text, "pci", 3) || !text[3] || !strchr("_@/", text[3]) ||
	    strlen(text + 4) >= sizeof(copy))
		return false;
	strcpy(copy, text + 4);
	if (text[3] != '_')
		return !bdf_parse(copy, bdf);
	for (char *c = copy; *c; c++)
		if (*c == '_' && n < 3)
			*c = marks[n++];
	return n == 3 && !bdf_parse(copy, bdf);
}
