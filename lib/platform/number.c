// SPDX-License-Identifier: MIT
// Recognizes properties that hold numbers and no phandles, by their names.

#include <stddef.h>
#include <string.h>

#include "lib/platform/number.h"

/*
 * dtc numbers phandles from 1, one for each node that is referred to. So each
 * small number in a board's tree is likely the phandle of some node, and a
 * value does not show whether it is one. The name does: a quantity has a unit
 * or is one of the words below. No property that holds phandles in the bindings
 * and arm64 device trees of Linux 6.12 is named so.
 */

/* Last words of a name. The units are those of dt-schema's property-units.yaml;
 * the quantities those of the Devicetree Specification 0.4 and of the common
 * bindings. */
static const char *const last_words[] = {
	"bits",         "bp",         "bps",        "celsius",   "db",
	"femtofarads",  "hours",      "hz",         "kBps",      "kelvin",
	"kpascal",      "mhz",        "microamp",   "microvolt", "microwatt",
	"millicelsius", "millivolt",  "milliwatt",  "mm",        "ms",
	"nanoamp",      "ns",         "ohms",       "pascal",    "percent",
	"picoamp",      "picofarads", "ps",         "sec",       "us",

	"accuracy",     "count",      "delay",      "depth",     "div",
	"duration",     "frequency",  "index",      "indices",   "interval",
	"lanes",        "latency",    "length",     "level",     "levels",
	"mask",         "mult",       "number",     "offset",    "offsets",
	"rate",         "rates",      "resolution", "shift",     "size",
	"sizes",        "speed",      "step",       "threshold", "time",
	"timeout",      "weight",     "width",      "widths",
};

/* Words anywhere in a name. */
static const char *const words[] = {
	"max", "maximum", "min", "minimum", "nr", "num",
};

/* Words of references, whatever the last word is. */
static const char *const reference_words[] = {
	"handle",
	"phandle",
	"syscfg",
	"syscon",
};

/* Standard properties named otherwise. */
static const char *const names[] = {
	"arm,primecell-periphid",
	"bus-num",
	"bus-range",
	"color",
	"dma-channels",
	"dma-requests",
	"drive-strength",
	"fixed-link",
	"linux,code",
	"linux,pci-domain",
	"ngpios",
	"numa-node-id",
	"pagesize",
	"slew-rate",
};

static bool number_has_word(const char *const *list, size_t count,
			    const char *word, size_t length)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(list[i]) == length && !memcmp(list[i], word, length))
			return true;
	return false;
}

#define HAS_WORD(list, word, length)                                           \
	number_has_word(list, sizeof(list) / sizeof((list)[0]), word, length)

bool number_is_named(const char *name)
{
	bool is_number = false;
	size_t length;

	/* "#clock-cells", also "#vendor,..." */
	if (name[0] == '#' || HAS_WORD(names, name, strlen(name)))
		return true;
	for (const char *word = name;; word += length + 1) {
		length = strcspn(word, "-_,");
		if (HAS_WORD(reference_words, word, length))
			return false;
		is_number |= HAS_WORD(words, word, length);
		if (!word[length])
			return is_number || HAS_WORD(last_words, word, length);
	}
}
