# SPDX-License-Identifier: MIT
# Prints the names of system calls by number, from the macros of calls.c.
BEGIN { print "static const char *const call_names[] = {" }
/^#define SYS_[a-z0-9_]+ / {
	printf "\t[%s] = \"%s\",\n", $2, substr($2, length("SYS_") + 1)
}
END { print "};" }
