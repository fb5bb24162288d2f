/*
 * memo.h - a bounded memory from bytes to bytes: what was written for a value, to be written again.
 *
 * When it is full it forgets everything and starts anew: values that come again soon are soon known
 * again, and values that never do cost no bookkeeping.
 */
#ifndef WFM_CORE_MEMO_H
#define WFM_CORE_MEMO_H

#include <apr_pools.h>

typedef struct wfm_memo_t wfm_memo_t;

/** @param size bytes that keys and values may take together */
wfm_memo_t *wfm_memo_make(apr_pool_t *p, apr_size_t size);

/** What was put for the key, with its length; NULL: unknown. Lasts until the next put. */
const char *wfm_memo_get(const wfm_memo_t *m, const char *key, apr_size_t key_len, apr_size_t *len);

/** Remember a copy of both, for a key that is not known. Too large for the whole: not remembered.
 */
void wfm_memo_put(wfm_memo_t *m, const char *key, apr_size_t key_len, const char *value,
                  apr_size_t len);

#endif
