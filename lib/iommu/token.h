/* SPDX-License-Identifier: MIT */
/* VF tokens: what the users of a physical function and of its virtual functions
 * show that they trust each other by. */
#ifndef LIB_IOMMU_TOKEN_H
#define LIB_IOMMU_TOKEN_H

#include "lib/iommu/iommu.h"

/* A token's text, with its NUL. */
#define TOKEN_TEXT 37

/* Writes a token as the kernel reads it: 8-4-4-4-12 hexadecimal digits. */
void token_format(const uint8_t token[16], char text[TOKEN_TEXT]);

/* Records that a device is not to be had without another token, or without one
 * at all. Returns -EACCES. */
int token_explain(struct lend_ctx *ctx, const struct request *request);

/* Records that a device takes no token. Returns -EINVAL. */
int token_explain_unwanted(struct lend_ctx *ctx, const char *device);

#endif
