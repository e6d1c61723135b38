// SPDX-License-Identifier: MIT
// The version of the library.

#include <lend/version.h>

unsigned int lend_version(void)
{
	return LEND_VERSION_NUMBER(LEND_VERSION_MAJOR, LEND_VERSION_MINOR,
				   LEND_VERSION_MICRO);
}
