// SPDX-License-Identifier: MIT
// Read by the preprocessor alone, for the system calls of the architecture.
#include <sys/syscall.h>
