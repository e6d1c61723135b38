/* SPDX-License-Identifier: MIT */
/* Adds the devices that depend on a device's driver, and their uses. */
#ifndef LIB_CHECK_DEPENDENT_H
#define LIB_CHECK_DEPENDENT_H

#include "lib/check/uses.h"

/* Adds @uses->dependents, the devices that would be gone without the device's
 * driver; and of those that are not below it in sysfs, the uses that @own_uses
 * finds. Adds the commands that remove them to the record. */
void dependent_add_uses(struct uses *uses, void (*own_uses)(struct uses *uses));

#endif
