/*
 * verdict.h - owns which way of a metric is better, and so what a change of it is.
 */
#ifndef WFM_API_VERDICT_H
#define WFM_API_VERDICT_H

#include "../ingest/units.h"
#include "api.h"

/** The words for directions, verdicts of change points; NULL-terminated. */
extern const char *const api_directions[], *const api_change_verdicts[];

/**
 * Which way is better for each of the names: what the schema's field of that name says in
 * `direction`, else what is better in the unit that it, or the name's end, says.
 * @param fields the schema's (jsonb text), NULL: none
 */
const wfm_direction_e *api_directions_of(apr_pool_t *p, const apr_array_header_t *names,
                                         const char *fields, apr_size_t len);

/** What a schema's field, an object, says of it by itself, in `direction`. */
wfm_direction_e api_direction_of(json_object *field);

/** "higher", "lower", or NULL. */
const char *api_direction_word(wfm_direction_e direction);

/** "regression", "improvement", or without a direction "changed": of a change that is one. */
const char *api_change_verdict(wfm_direction_e direction, double before, double after);

/** By how much, in percent of what was before; NaN: of 0. Its sign is the way that it went. */
double api_change_percent(double before, double after);

#endif
