/* SPDX-License-Identifier: MIT */
/* What the driver of a network card sets for one of its virtual functions. */
#ifndef CLI_VF_SETTINGS_H
#define CLI_VF_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

/* In the order in which they are set. */
enum vf_field {
	VF_MAC,
	VF_VLAN,
	VF_MAX_RATE,
	VF_MIN_RATE,
	VF_SPOOF_CHECK,
	VF_TRUST,
	VF_FIELDS,
};

struct vf_settings {
	unsigned int known;    /* a bit for each field that has a value */
	uint8_t mac[6];        /* zeros: the function may choose */
	unsigned int vlan;     /* 0: none */
	unsigned int priority; /* of 802.1Q, 0 to 7 */
	unsigned int protocol; /* of the tag; 0x8100 is 802.1Q */
	unsigned int max_rate; /* Mbit/s; 0: no limit */
	unsigned int min_rate; /* Mbit/s; 0: no guarantee */
	bool spoof_check, trust;
};

/* A field's value as text, without white space. */
struct vf_text {
	char text[32];
};

/* The name of a field, which is that of its option. */
const char *vf_field_name(enum vf_field field);

static inline bool vf_knows(const struct vf_settings *settings,
			    enum vf_field field)
{
	return settings->known & 1U << field;
}

/* Writes a field's value: "52:54:00:12:34:56", "100", "100:3", "none", "on". */
struct vf_text vf_field_text(const struct vf_settings *settings,
			     enum vf_field field);

/* Reads what vf_field_text() writes, and "100" for "100:0". Returns NULL and
 * sets the field, or what is expected. */
const char *vf_field_read(struct vf_settings *settings, enum vf_field field,
			  const char *text);

#endif
