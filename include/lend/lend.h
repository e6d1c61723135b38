/* SPDX-License-Identifier: MIT */
/* All of liblend's public interface. */
#ifndef LEND_LEND_H
#define LEND_LEND_H

#include <lend/address.h>
#include <lend/attribute.h>
#include <lend/bind.h>
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
