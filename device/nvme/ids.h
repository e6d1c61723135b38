/* SPDX-License-Identifier: MIT */
/* The numbers by which a guest knows the controller. */
#ifndef DEVICE_NVME_IDS_H
#define DEVICE_NVME_IDS_H

/* Nobody has given this project a vendor ID. This one is that of emulators,
 * since Bochs. Drivers find the controller by its class. */
#define NVME_VENDOR 0x1234u
#define NVME_DEVICE 0x4c44u
#define NVME_CLASS  0x010802u

#define NVME_MODEL "lend disk"

#define NVME_TEXT_OF(number) #number
#define NVME_TEXT(number)    NVME_TEXT_OF(number)
/* The release, of which a guest keeps 8 characters. */
#define NVME_FIRMWARE                                                          \
	NVME_TEXT(LEND_VERSION_MAJOR)                                          \
	"." NVME_TEXT(LEND_VERSION_MINOR) "." NVME_TEXT(LEND_VERSION_MICRO)

#endif
