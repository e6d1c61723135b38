/* SPDX-License-Identifier: MIT */
/* Recognizes properties that hold numbers and no phandles, by their names. */
#ifndef LIB_PLATFORM_NUMBER_H
#define LIB_PLATFORM_NUMBER_H

#include <stdbool.h>

/* Whether a property's name says that its cells are numbers. */
bool number_is_named(const char *name);

#endif
