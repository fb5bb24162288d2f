/*
 * changes_asked.h - what a list of changes is about: the active schema's series, since when they
 * are looked at, and the border from which on their points are read.
 *
 * Change points depend on where a series begins. The border is a month's start, so that those of
 * yesterday are found again today.
 */
#ifndef WFM_API_CHANGES_ASKED_H
#define WFM_API_CHANGES_ASKED_H

#include "change_points.h"

typedef struct api_asked_t {
    const wfm_result_t *r;
    wfm_time_t since, border;
} api_asked_t;

/** Columns of its one row. */
enum { ASKED_SCHEMA, ASKED_DIMENSIONS, ASKED_METRICS, ASKED_SINCE, ASKED_BORDER, ASKED_KNOWN };

/**
 * Ask for it, from the request's inputs id, since, head_branch: sets the chart and the options of
 * c, and what a client does who asks for too much. 404 for a config that there is not, 400 for a
 * schema of too many names.
 * @param of_run where since was not given, it is no later than this run; NULL: none
 */
wfm_error_t *api_changes_ask(wfm_request_t *rq, const char *of_run, api_change_points_t *c,
                             api_asked_t *asked);

#endif
