/*
 * cursor.h - where a page of a list ended, as a text that the client brings back for the next one.
 *
 * The text says it all, so the server remembers nothing: the last row's place in the order, and a
 * digest of that and of the list that it is a place in (path, cluster, filters, order). It is no
 * secret and no signature: who forges one learns and changes nothing that he could not ask for. The
 * digest tells a cursor of another list, and one that lost a part on its way.
 */
#ifndef WFM_CORE_CURSOR_H
#define WFM_CORE_CURSOR_H

#include "args.h"
#include <apr_pools.h>

#define WFM_CURSOR_IDS 100

/** What of a row the order compares, before its id. */
typedef enum wfm_cursor_key_e {
    WFM_CURSOR_ID,     /**< nothing */
    WFM_CURSOR_TIME,   /**< a timestamptz, in PostgreSQL's text form in UTC */
    WFM_CURSOR_NUMBER, /**< a numeric or an integer, or NULL */
    WFM_CURSOR_SERIES  /**< of a comparison: which runs it is of, and how much a series changed:
                          "7,8/9 3ff0000000000000", two lists of at most WFM_CURSOR_IDS ids, and the
                          bits of a double */
} wfm_cursor_key_e;

typedef struct wfm_cursor_t {
    apr_int64_t id;    /**< the last row's */
    apr_int64_t floor; /**< no row with a lower id belongs to the list; 0: not known */
    const char *key;   /**< NULL: SQL NULL, or there is none */
} wfm_cursor_t;

/**
 * What a list is, as a number: all that selects and orders its rows. Which part of it is asked for
 * (offset, limit, cursor) and which of a row's fields are (raw_data) is not. Filters that select
 * the same are the same, however they are written: in whatever order, with 32 or "32", > or gt.
 * @param path   the route's template
 * @param params its path variables and query
 * @param body   its body, or no args
 */
apr_uint64_t wfm_cursor_list(apr_pool_t *p, const char *cluster, const char *path,
                             const wfm_args_t *params, const wfm_args_t *body);

/** The cursor's text: unpadded base64 with '-' and '_'. */
const char *wfm_cursor_write(apr_pool_t *p, apr_uint64_t list, const wfm_cursor_t *c);

/**
 * Read such a text.
 * @return 0: it is none, or one of another list, or its key is not of that kind
 */
int wfm_cursor_read(apr_pool_t *p, const char *text, apr_uint64_t list, wfm_cursor_key_e kind,
                    wfm_cursor_t *c);

#endif
