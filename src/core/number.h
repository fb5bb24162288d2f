/*
 * number.h - JSON numbers that clients send, on their way to PostgreSQL's numeric.
 */
#ifndef WFM_CORE_NUMBER_H
#define WFM_CORE_NUMBER_H

#include <apr_pools.h>
#include <json-c/json.h>

/**
 * The number's text, with the digits that the client wrote.
 * @return NULL, or what is wrong: it is no number, or numeric might refuse it (beyond the range of
 * a double)
 */
const char *wfm_number_text(apr_pool_t *p, json_object *v, const char **text);

/**
 * The text that jsonb makes of the number: without an exponent, with the decimal places that the
 * client wrote (1e2 is 100, 1.50e1 is 15.0, -0.0 is 0.0). @return as wfm_number_text
 */
const char *wfm_number_jsonb(apr_pool_t *p, json_object *v, const char **text);

/**
 * The shortest text without an exponent of a number that wfm_number_text took: one for all that
 * numeric finds equal (100, 1e2 and 100.0 are 100).
 */
const char *wfm_number_shortest(apr_pool_t *p, const char *text);

#endif
