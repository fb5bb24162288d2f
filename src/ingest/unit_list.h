/*
 * unit_list.h - a unit by how it is spelled.
 */
#ifndef WFM_INGEST_UNIT_LIST_H
#define WFM_INGEST_UNIT_LIST_H

#include "units.h"

#define WFM_UNIT_SPACED                                                                            \
    4 /**< in a cell only behind a blank: 7B is a model, 8x a number of things */
#define WFM_UNIT_NO_NAME 8 /**< ends no column's name: latency_min is a minimum */

/** @param flags receives those of the spelling. @return NULL: there is none */
const wfm_unit_t *wfm_unit_find(const char *s, apr_size_t len, unsigned *flags);

#endif
