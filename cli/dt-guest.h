/* SPDX-License-Identifier: MIT */
/* Where a guest of `lend run` finds its first platform device. */
#ifndef CLI_DT_GUEST_H
#define CLI_DT_GUEST_H

/*
 * Only arm64 machines have platform devices, but `lend dt` prints their nodes
 * on every host. A unit test compares these with the map of that machine.
 */
#define DT_GUEST_ADDRESS 0x10000000u
#define DT_GUEST_SPI     32u

#endif
