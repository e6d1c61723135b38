// SPDX-License-Identifier: MIT
// What the driver of a network card sets for one of its virtual functions, as
// text.

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/if_ether.h>

#include "cli/vf-settings.h"

enum { VLAN_MAX = 4094, PRIORITY_MAX = 7 };

static bool vf_has_no_mac(const struct vf_settings *settings)
{
	static const uint8_t none[6];

	return !memcmp(settings->mac, none, sizeof(none));
}

static void vf_print_mac(const struct vf_settings *s, struct vf_text *text)
{
	if (vf_has_no_mac(s))
		strcpy(text->text, "none");
	else
		snprintf(text->text, sizeof(text->text),
			 "%02x:%02x:%02x:%02x:%02x:%02x", s->mac[0], s->mac[1],
			 s->mac[2], s->mac[3], s->mac[4], s->mac[5]);
}

static void vf_print_vlan(const struct vf_settings *s, struct vf_text *text)
{
	int length;

	if (!s->vlan && !s->priority) {
		strcpy(text->text, "none");
		return;
	}
	length = snprintf(text->text, sizeof(text->text), "%u", s->vlan);
	if (s->priority)
		length += snprintf(text->text + length,
				   sizeof(text->text) - (size_t)length, ":%u",
				   s->priority);
	if (s->protocol == ETH_P_8021AD)
		snprintf(text->text + length,
			 sizeof(text->text) - (size_t)length, "/802.1ad");
}

static void vf_print_rate(unsigned int rate, struct vf_text *text)
{
	if (rate)
		snprintf(text->text, sizeof(text->text), "%u", rate);
	else
		strcpy(text->text, "none");
}

static void vf_print_max_rate(const struct vf_settings *s, struct vf_text *text)
{
	vf_print_rate(s->max_rate, text);
}

static void vf_print_min_rate(const struct vf_settings *s, struct vf_text *text)
{
	vf_print_rate(s->min_rate, text);
}

static void vf_print_spoof_check(const struct vf_settings *s,
				 struct vf_text *text)
{
	strcpy(text->text, s->spoof_check ? "on" : "off");
}

static void vf_print_trust(const struct vf_settings *s, struct vf_text *text)
{
	strcpy(text->text, s->trust ? "on" : "off");
}

/* Takes a decimal number, up to @most, off the front of *at. */
static bool vf_take_number(const char **at, unsigned int most,
			   unsigned int *number)
{
	char *end;
	unsigned long value;

	if (**at < '0' || **at > '9')
		return false;
	errno = 0;
	value = strtoul(*at, &end, 10);
	if (errno || value > most)
		return false;
	*number = (unsigned int)value;
	*at = end;
	return true;
}

static bool vf_read_mac(struct vf_settings *settings, const char *text)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	uint8_t mac[6] = {0};

	if (!strcmp(text, "none")) {
		memset(settings->mac, 0, sizeof(settings->mac));
		return true;
	}
	for (unsigned int i = 0; i < 6; i++, text += 3) {
		if (strspn(text, digits) != 2 || text[2] != (i < 5 ? ':' : 0))
			return false;
		mac[i] = (uint8_t)strtoul(text, NULL, 16);
	}
	memcpy(settings->mac, mac, sizeof(mac));
	/* The lowest bit of the first byte is set in those of groups. */
	return !(mac[0] & 1) && !vf_has_no_mac(settings);
}

static bool vf_read_vlan(struct vf_settings *settings, const char *text)
{
	unsigned int vlan = 0, priority = 0;

	settings->protocol = ETH_P_8021Q;
	if (strcmp(text, "none") != 0) {
		if (!vf_take_number(&text, VLAN_MAX, &vlan))
			return false;
		if (*text == ':' &&
		    (text++, !vf_take_number(&text, PRIORITY_MAX, &priority)))
			return false;
		if (!strcmp(text, "/802.1ad"))
			settings->protocol = ETH_P_8021AD;
		else if (*text || (!vlan && !priority))
			return false;
	}
	settings->vlan = vlan;
	settings->priority = priority;
	return true;
}

static bool vf_read_rate(unsigned int *rate, const char *text)
{
	*rate = 0;
	return !strcmp(text, "none") ||
	       (vf_take_number(&text, INT32_MAX, rate) && !*text && *rate);
}

static bool vf_read_max_rate(struct vf_settings *settings, const char *text)
{
	return vf_read_rate(&settings->max_rate, text);
}

static bool vf_read_min_rate(struct vf_settings *settings, const char *text)
{
	return vf_read_rate(&settings->min_rate, text);
}

static bool vf_read_switch(bool *is_on, const char *text)
{
	*is_on = !strcmp(text, "on");
	return *is_on || !strcmp(text, "off");
}

static bool vf_read_spoof_check(struct vf_settings *settings, const char *text)
{
	return vf_read_switch(&settings->spoof_check, text);
}

static bool vf_read_trust(struct vf_settings *settings, const char *text)
{
	return vf_read_switch(&settings->trust, text);
}

static const struct {
	const char *name;
	const char *expected;
	void (*print)(const struct vf_settings *settings, struct vf_text *text);
	bool (*read)(struct vf_settings *settings, const char *text);
} fields[VF_FIELDS] = {
	[VF_MAC] = {"mac", "the MAC address of one station, or none",
		    vf_print_mac, vf_read_mac},
	[VF_VLAN] = {"vlan",
		     "a VLAN from 1 to 4094, or with a priority as in 100:3, "
		     "or none",
		     vf_print_vlan, vf_read_vlan},
	[VF_MAX_RATE] = {"max-rate", "a number of Mbit/s, or none",
			 vf_print_max_rate, vf_read_max_rate},
	[VF_MIN_RATE] = {"min-rate", "a number of Mbit/s, or none",
			 vf_print_min_rate, vf_read_min_rate},
	[VF_SPOOF_CHECK] = {"spoof-check", "on or off", vf_print_spoof_check,
			    vf_read_spoof_check},
	[VF_TRUST] = {"trust", "on or off", vf_print_trust, vf_read_trust},
};

const char *vf_field_name(enum vf_field field)
{
	return fields[field].name;
}

struct vf_text vf_field_text(const struct vf_settings *settings,
			     enum vf_field field)
{
	struct vf_text text = {""};

	fields[field].print(settings, &text);
	return text;
}

const char *vf_field_read(struct vf_settings *settings, enum vf_field field,
			  const char *text)
{
	struct vf_settings read = *settings;

	if (!fields[field].read(&read, text))
		return fields[field].expected;
	read.known |= 1U << field;
	*settings = read;
	return NULL;
}
