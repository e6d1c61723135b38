/* SPDX-License-Identifier: MIT */
/* Checks the values of `-device` properties. */
#ifndef LIB_ADDRESS_VALUE_H
#define LIB_ADDRESS_VALUE_H

#include <stdbool.h>

/* Each returns NULL if the value is valid, else what is expected. */
const char *value_check_pci_host(const char *value);
const char *value_check_platform_host(const char *value);
const char *value_check_path(const char *value);
const char *value_check_unix(const char *value);  /* "unix" alone */
const char *value_check_names(const char *value); /* separated by ':' */
const char *value_check_uuid(const char *value);
const char *value_check_id(const char *value);
const char *value_check_slot(const char *value);
const char *value_check_switch(const char *value);
const char *value_check_auto(const char *value);       /* on, off or auto */
const char *value_check_number(const char *value);     /* 0 to INT_MAX */
const char *value_check_index(const char *value);      /* the same, or -1 */
const char *value_check_size(const char *value);       /* 0x for hex */
const char *value_check_bytes(const char *value);      /* with K, M, G, T */
const char *value_check_speed(const char *value);      /* of a link */
const char *value_check_width(const char *value);      /* of a link */
const char *value_check_pci_id(const char *value);     /* 16 bits, 0x for hex */
const char *value_check_pci_class(const char *value);  /* 24 bits */
const char *value_check_clique(const char *value);     /* 0 to 15 */
const char *value_check_relocation(const char *value); /* of an MSI-X table */
const char *value_check_rombar(const char *value);     /* 0, 1, and the like */
const char *value_check_file(const char *value);       /* a path, or nothing */
const char *value_check_bars(const char *value); /* 0 to 5, separated by ':' */
const char *value_check_byte(const char *value); /* 8 bits, 0x for hex */

/* Reads a switch's value. Returns false if it is neither on nor off. */
bool value_read_switch(const char *value, bool *is_on);

#endif
