/*
 * runners.h - finished runners, which Lens' table of workloads has.
 */
#ifndef WFM_API_RUNNERS_H
#define WFM_API_RUNNERS_H

#include "api.h"

/** What is said where there is no such table. */
#define API_NO_WORKLOADS                                                                           \
    "this database has no table gpu_workload, in which Lens lists the runners: none are known"

#endif
