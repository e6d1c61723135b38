/* SPDX-License-Identifier: MIT */
/* The version of the headers and of the library. */
#ifndef LEND_VERSION_H
#define LEND_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/** Version of the headers that a program is compiled with. Since: 0.1 */
#define LEND_VERSION_MAJOR 0
#define LEND_VERSION_MINOR 1
#define LEND_VERSION_MICRO 0

/** A version as a number that is larger for a later one; @minor and @micro are
 * at most 255. Since: 0.1 */
#define LEND_VERSION_NUMBER(major, minor, micro)                               \
	(0u | (major) << 16 | (minor) << 8 | (micro))

/**
 * lend_version() - get the version of the library that a program runs with
 *
 * It may differ from the version of the headers that the program was compiled
 * with: LEND_VERSION_MAJOR, LEND_VERSION_MINOR and LEND_VERSION_MICRO. A
 * program that also runs with older libraries compares it before it relies on
 * something newer that is not a function, such as a member of a structure that
 * the library makes: `lend_version() >= LEND_VERSION_NUMBER(0, 2, 0)`.
 *
 * Returns: the version, as LEND_VERSION_NUMBER() makes it. Cannot fail.
 *
 * Since: 0.1
 */
unsigned int lend_version(void);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif
