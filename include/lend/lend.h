/* SPDX-License-Identifier: MIT */
/* All of liblend's public interface. */
/*
 * What later releases may change. While the library is liblend.so.0, a program
 * that was built with the headers of one release runs with the library of every
 * later release:
 *
 * - Functions keep their names, arguments and meaning. Later releases add
 *   functions, constants of enumerations, and bits of flags. A program must
 *   ignore, or report as unknown, a constant or bit that it does not know.
 * - A structure that a program fills in begins with `size_t size`, which must
 *   be the structure's sizeof. Members that the program does not use, and
 *   members named reserved, must be 0. Later releases append members, in the
 *   reserved bytes or at the end; all are optional, operations too, and 0 is
 *   their default. The library reads no more than @size bytes. It fails with
 *   -EINVAL if @size is less than in release 0.1, and with -E2BIG if a byte
 *   that it does not know is not 0. A program that was built with newer headers
 *   can thus run with an older library if it leaves the newer members 0.
 * - A structure that the library makes, and to which a program gets a pointer,
 *   may grow at its end. A program must not make one itself, nor have an array
 *   of it. Before it reads a member that is newer than release 0.1, a program
 *   that may run with an older library compares lend_version().
 * - These structures never change, since programs have arrays of them, or
 *   structures that contain them: struct lend_area, struct lend_function_bar,
 *   struct lend_iova_range, struct lend_pci_capability, struct lend_pci_ids,
 *   struct lend_reset_target, struct lend_server_irq, struct
 *   lend_server_region.
 *   Further facts get functions or options of their own.
 * - LEND_FUNCTION_BARS, LEND_FUNCTION_IRQS, LEND_FUNCTION_REGIONS,
 *   LEND_PCI_BARS, LEND_PCI_WINDOWS, LEND_PCI_LIST_*_MAX and LEND_SERVER_POLL,
 *   which programs use as sizes of arrays, never change.
 */
#ifndef LEND_LEND_H
#define LEND_LEND_H

#include <lend/address.h>
#include <lend/attribute.h>
#include <lend/bind.h>
#include <lend/capability.h>
#include <lend/check.h>
#include <lend/client.h>
#include <lend/context.h>
#include <lend/device.h>
#include <lend/dma.h>
#include <lend/error.h>
#include <lend/export.h>
#include <lend/fault.h>
#include <lend/function.h>
#include <lend/host.h>
#include <lend/iommu.h>
#include <lend/irq.h>
#include <lend/json.h>
#include <lend/kvm.h>
#include <lend/mdev.h>
#include <lend/pci.h>
#include <lend/pci_irq.h>
#include <lend/pci_ops.h>
#include <lend/platform.h>
#include <lend/preview.h>
#include <lend/quirk.h>
#include <lend/region.h>
#include <lend/registers.h>
#include <lend/reset.h>
#include <lend/server.h>
#include <lend/spec.h>
#include <lend/sriov.h>
#include <lend/text.h>
#include <lend/vectors.h>
#include <lend/version.h>

#endif
