/* SPDX-License-Identifier: MIT */
/* VF tokens, shared by the users of a physical function and its virtual
 * functions to show that they trust each other. */
#ifndef LIB_IOMMU_TOKEN_H
#define LIB_IOMMU_TOKEN_H

#include "lib/iommu/iommu.h"

/* A token's text, with its NUL. */
#define TOKEN_TEXT 37

/* Writes a token as the kernel reads it: 8-4-4-4-12 hexadecimal digits. */
void token_format(const uint8_t token[16], char text[TOKEN_TEXT]);

/* Records that a device requires a token, or another one. Returns -EACCES. */
int token_explain(struct lend_ctx *ctx, const struct request *request);

/* Records that a device does not accept a token. Returns -EINVAL. */
int token_explain_unwanted(struct lend_ctx *ctx, const char *device);

#endif
