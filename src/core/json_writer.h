/*
 * json_writer.h - a streaming JSON writer (RFC 8259) on wfm_out_t.
 *
 * Knows nesting and commas, so a caller only says what comes next. Text is escaped and is expected
 * to be valid UTF-8 (PostgreSQL's, or validated input); control characters and the other ends of
 * lines (U+0085, U+2028, U+2029) become \uXXXX, everything else passes as it is. wfm_json_raw
 * splices JSON that exists already (a jsonb column's text).
 *
 * At most WFM_JSON_SCOPES are open; wrong use (a key outside an object, an end without a begin) is
 * a programming error and trips an assert.
 */
#ifndef WFM_CORE_JSON_WRITER_H
#define WFM_CORE_JSON_WRITER_H

#include "out.h"

#define WFM_JSON_SCOPES 32 /**< objects and arrays inside each other */

typedef struct wfm_json_t {
    wfm_out_t *out;
    unsigned depth;         /**< open scopes */
    apr_uint64_t in_object; /**< bit n: scope n is an object (scope 0 is the top level) */
    apr_uint64_t has_items; /**< bit n: scope n has an item already */
    int after_key;          /**< a key was written and waits for its value */
} wfm_json_t;

void wfm_json_init(wfm_json_t *j, wfm_out_t *out);

void wfm_json_object(wfm_json_t *j);     /**< opens { */
void wfm_json_object_end(wfm_json_t *j); /**< closes } */
void wfm_json_array(wfm_json_t *j);      /**< opens [ */
void wfm_json_array_end(wfm_json_t *j);  /**< closes ] */

void wfm_json_key(wfm_json_t *j, const char *name);                   /**< escaped */
void wfm_json_key_n(wfm_json_t *j, const char *name, apr_size_t len); /**< escaped */
void wfm_json_name(wfm_json_t *j, const char *name); /**< a key of the code's: nothing to escape */
void wfm_json_string(wfm_json_t *j, const char *s);  /**< NULL: null */
void wfm_json_string_n(wfm_json_t *j, const char *s, apr_size_t len); /**< NULL: null */
/** A string in pieces, for one that would have to be put together first: text, add…, end. */
void wfm_json_text(wfm_json_t *j);
void wfm_json_text_add(wfm_json_t *j, const char *s, apr_size_t len); /**< escaped */
void wfm_json_text_end(wfm_json_t *j);
void wfm_json_int64(wfm_json_t *j, apr_int64_t v);
void wfm_json_bool(wfm_json_t *j, int v);
void wfm_json_null(wfm_json_t *j);
/** A value that is JSON already; text NULL writes null. Not checked. */
void wfm_json_raw(wfm_json_t *j, const char *text, apr_size_t len);

/**
 * A value follows that the caller writes to `out` himself. Where many objects have the same keys,
 * that saves escaping them anew for each.
 */
void wfm_json_foreign(wfm_json_t *j);
/** Text between quotes, escaped: what such a caller needs beside what he has ready. */
void wfm_json_quote(wfm_out_t *o, const char *s, apr_size_t len);
/** A value that is JSON already, in one line for every reader of lines: U+0085, U+2028 and U+2029,
 * which can only stand in its strings, are escaped. */
void wfm_json_splice(wfm_out_t *o, const char *text, apr_size_t len);

#endif
