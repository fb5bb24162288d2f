/*
 * flat.h - a JSON object as members in a row: one that stands in an object of it is named by both
 * names with a dot between. An array is one member, whatever it holds.
 */
#ifndef WFM_INGEST_FLAT_H
#define WFM_INGEST_FLAT_H

#include "columns.h"
#include "json_walk.h"

/** A member; its text is wfm_flat_text. */
typedef struct wfm_member_t {
    int path;             /**< its place among the paths */
    wfm_cell_kind_e kind; /**< WFM_CELL_ABSENT: null */
    apr_size_t at, len;   /**< where its text stands */
} wfm_member_t;

/** What is done with arrays. */
typedef enum wfm_lists_e {
    WFM_LISTS_KEPT,
    WFM_LISTS_TRIED, /**< as far as they are not too long: it is not known yet who needs them */
    WFM_LISTS_DROPPED
} wfm_lists_e;

typedef struct wfm_flat_t wfm_flat_t;

wfm_flat_t *wfm_flat_create(apr_pool_t *p);

/** An object begins, whose opening bracket is this event. */
void wfm_flat_begin(wfm_flat_t *f, const wfm_json_event_t *event, wfm_lists_e lists);

/** What stands in it. @return NULL, or a 400: a name twice, too many of them, too long */
wfm_error_t *wfm_flat_event(wfm_flat_t *f, const wfm_json_event_t *event);

/** Has its closing bracket come? */
int wfm_flat_is_whole(const wfm_flat_t *f);

/** The 400 of lists that were too long, if they were kept after all; or NULL. */
wfm_error_t *wfm_flat_check_lists(const wfm_flat_t *f);

/** Does one of the arrays hold an object? */
int wfm_flat_has_objects(const wfm_flat_t *f);

/** The line of its opening bracket. */
apr_int64_t wfm_flat_line(const wfm_flat_t *f);

/** A 400 about it as a whole: it says where the opening bracket stands. */
wfm_error_t *wfm_flat_fault(const wfm_flat_t *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

apr_array_header_t *wfm_flat_members(const wfm_flat_t *f);                  /**< of wfm_member_t */
const char *wfm_flat_text(const wfm_flat_t *f, const wfm_member_t *member); /**< NUL-terminated */
const char *wfm_flat_path(const wfm_flat_t *f, const wfm_member_t *member);

/** Its member of that path, if it is not null; or NULL. */
wfm_member_t *wfm_flat_find(const wfm_flat_t *f, const char *path);

/** One more, unless there is one of that path. @return NULL, or a 400 */
wfm_error_t *wfm_flat_add(wfm_flat_t *f, const char *path, const char *text, apr_size_t len);

/** Call it otherwise, unless there is one of that path. @return as above */
wfm_error_t *wfm_flat_rename(wfm_flat_t *f, wfm_member_t *member, const char *path);

#endif
