/* SPDX-License-Identifier: MIT */
/* The options of QEMU that `lend run` does not have. */
#ifndef CLI_RUN_FOREIGN_TABLE_H
#define CLI_RUN_FOREIGN_TABLE_H

#include <stdbool.h>

struct foreign {
	const char *name;
	bool has_value;
	/* Values that ask for what happens anyway, as run_keys_is_listed()
	 * takes them; "" for an option without value that does. NULL: none. */
	const char *same;
	const char *why;    /* others are refused or ignored */
	const char *remedy; /* NULL: they are ignored with a note */
};

/* Returns NULL if QEMU has no such option, or if lend run has it too. */
const struct foreign *foreign_find(const char *name);

#endif
