/*
 * json_walk.h - JSON read by pieces: however it is cut, the same events come.
 *
 * It holds a token that is cut, and which brackets are open, nothing else. What a token may be the
 * checker of core/json_check.h says, so an error says the first byte that cannot stand where it
 * stands. Beyond RFC 8259: a byte order mark is passed by; numbers that are none are taken as
 * programs write them: NaN and Infinity, nan and inf, with a sign before it or not.
 */
#ifndef WFM_INGEST_JSON_WALK_H
#define WFM_INGEST_JSON_WALK_H

#include "../core/error.h"
#include <apr_tables.h>

typedef enum wfm_json_event_e {
    WFM_JSON_OBJECT, /**< opens */
    WFM_JSON_ARRAY,
    WFM_JSON_END, /**< of either */
    WFM_JSON_KEY,
    WFM_JSON_STRING,
    WFM_JSON_NUMBER,
    WFM_JSON_NO_NUMBER, /**< NaN, Infinity … */
    WFM_JSON_BOOL,
    WFM_JSON_NULL
} wfm_json_event_e;

typedef struct wfm_json_event_t {
    wfm_json_event_e kind;
    const char *text; /**< as it stands in the file, quotes included; valid during the call */
    apr_size_t len;
    int depth;              /**< how many brackets are open around it */
    apr_int64_t line, byte; /**< where it begins, both from 1 */
} wfm_json_event_t;

/** Takes an event. An error ends the reading. */
typedef wfm_error_t *(*wfm_json_event_fn)(void *ctx, const wfm_json_event_t *event);

typedef struct wfm_json_walk_t wfm_json_walk_t;

/** @param many any number of values may follow each other */
wfm_json_walk_t *wfm_json_walk_create(apr_pool_t *p, int many, wfm_json_event_fn event, void *ctx);

/** Read on. @return NULL, a 400, or what `event` returned; then there is no more to be read */
wfm_error_t *wfm_json_walk_feed(wfm_json_walk_t *w, const char *data, apr_size_t len);

/** That was all. @return as above */
wfm_error_t *wfm_json_walk_end(wfm_json_walk_t *w);

/** "line 3, byte 17: …" */
wfm_error_t *wfm_json_fault(apr_pool_t *p, apr_int64_t line, apr_int64_t byte, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

#endif
