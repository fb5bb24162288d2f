/*
 * saved.h - what answers that a client saves as a file have in common: its name, and how CSV
 * begins.
 */
#ifndef WFM_API_SAVED_H
#define WFM_API_SAVED_H

#include "../core/csv.h"
#include "api.h"

/** The answer is a file, "NAME-config-ID-YYYYMMDD.EXTENSION" with the path's id and today's date in
 * UTC, and no part of one: it is made anew each time. */
void api_saved_as(wfm_request_t *rq, const char *name, const char *extension);

/** Begin CSV by the request's bom and delimiter, and WfmetricsCsvFormulaGuard. */
void api_saved_csv(wfm_request_t *rq, wfm_csv_t *csv);

#endif
