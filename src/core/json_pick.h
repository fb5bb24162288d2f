/*
 * json_pick.h - picks members out of the text of a JSON object, without building a tree.
 *
 * Made for what PostgreSQL prints of a jsonb: it is well-formed, and no key occurs twice. Nothing
 * is checked beyond what keeps the scan inside the text; what a client sent goes through
 * json_check and json-c.
 */
#ifndef WFM_CORE_JSON_PICK_H
#define WFM_CORE_JSON_PICK_H

#include <apr_tables.h>

/** A value as it stands in the text, white space around it left out; data NULL: absent. */
typedef struct wfm_json_slice_t {
    const char *data;
    apr_size_t len;
} wfm_json_slice_t;

typedef struct wfm_pick_t wfm_pick_t;

/** @param names of const char *, each once; the picker keeps the pointers */
wfm_pick_t *wfm_pick_make(apr_pool_t *p, const apr_array_header_t *names);

/**
 * Find the members with those names. All are absent when the text is no object.
 * @param values one a name, in the order of names; they point into text
 */
void wfm_pick_members(wfm_pick_t *k, const char *text, apr_size_t len, wfm_json_slice_t *values);

/**
 * A value as PostgreSQL's ->> gives it: a string without quotes and escapes, anything else as it
 * stands, null as absent. The result points into the value, or into the picker's scratch: there it
 * lasts until the next call.
 */
wfm_json_slice_t wfm_pick_text(wfm_pick_t *k, wfm_json_slice_t value);

#endif
