/* SPDX-License-Identifier: MIT */
/* All of liblend's public interface. */
/*
 * What later releases may change. As long as the library is liblend.so.0, a
 * program that was built with the headers of one release runs with the library
 * of every later one:
 *
 * - Functions keep their names, arguments and meaning. Functions, constants of
 *   enumerations and bits of flags are added. A program must expect a constant
 *   or a bit that it does not know.
 * - Structures that a program fills in begin with `size_t size`, which is to be
 *   sizeof the structure; all members that the program does not use, and
 *   members called reserved, are 0. New members are appended, in reserved bytes
 *   or behind the last member, and are optional: 0 is their default. The
 *   library reads as many bytes as @size says. It fails with -EINVAL where that
 *   is smaller than in release 0.1, and with -E2BIG where a byte that it does
 *   not know is not 0. So a program that was built with newer headers runs with
 *   an older library while it leaves the newer members alone.
 * - Structures that the library makes, and that a program gets a pointer to,
 *   may grow at their end. A program makes none itself, and no array of them.
 * - Structures that do neither never change: struct lend_area, struct
 *   lend_iova_range, struct lend_pci_ids and struct lend_reset_target. Programs
 *   have arrays of them, or have them within others. Further facts get
 *   functions or options of their own.
 * - LEND_PCI_BARS and LEND_PCI_WINDOWS, which size programs' arrays, never
 *   change.
 */
#ifndef LEND_LEND_H
#define LEND_LEND_H

#include <lend/address.h>
#include <lend/attribute.h>
#include <lend/bind.h>
#include <lend/capability.h>
#include <lend/check.h>
#include <lend/context.h>
#include <lend/device.h>
#include <lend/error.h>
#include <lend/fault.h>
#include <lend/host.h>
#include <lend/iommu.h>
#include <lend/irq.h>
#include <lend/mdev.h>
#include <lend/pci.h>
#include <lend/platform.h>
#include <lend/quirk.h>
#include <lend/region.h>
#include <lend/reset.h>
#include <lend/spec.h>
#include <lend/sriov.h>
#include <lend/text.h>

#endif
