/* SPDX-License-Identifier: MIT */
/* Prints what lent devices do as OpenMetrics. */
#ifndef CLI_STAT_METRICS_H
#define CLI_STAT_METRICS_H

#include "cli/json.h"

/* Prints what stat_read() returned. */
void stat_metrics_print(const struct json_object *devices);

#endif
