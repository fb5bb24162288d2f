/*
 * memo.c - a hash in a pool of its own, which is cleared when its bound is reached.
 */
#include "memo.h"
#include <apr_hash.h>
#include <apr_strings.h>

#define OVERHEAD 96 /* bytes an entry takes beside its key and value */

struct wfm_memo_t {
    apr_pool_t *pool; /* cleared when full */
    apr_hash_t *values;
    apr_size_t size, used;
};

typedef struct value_t {
    apr_size_t len;
    char data[];
} value_t;

wfm_memo_t *wfm_memo_make(apr_pool_t *p, apr_size_t size)
{
    wfm_memo_t *m = apr_pcalloc(p, sizeof *m);

    apr_pool_create(&m->pool, p);
    m->values = apr_hash_make(m->pool);
    m->size = size;
    return m;
}

const char *wfm_memo_get(const wfm_memo_t *m, const char *key, apr_size_t key_len, apr_size_t *len)
{
    const value_t *v = apr_hash_get(m->values, key, (apr_ssize_t)key_len);

    if (!v)
        return NULL;
    *len = v->len;
    return v->data;
}

void wfm_memo_put(wfm_memo_t *m, const char *key, apr_size_t key_len, const char *value,
                  apr_size_t len)
{
    apr_size_t takes = key_len + len + OVERHEAD;
    value_t *v;

    if (takes > m->size)
        return;
    if (takes > m->size - m->used) {
        apr_pool_clear(m->pool);
        m->values = apr_hash_make(m->pool);
        m->used = 0;
    }
    v = apr_palloc(m->pool, sizeof *v + len);
    v->len = len;
    memcpy(v->data, value, len);
    apr_hash_set(m->values, apr_pmemdup(m->pool, key, key_len), (apr_ssize_t)key_len, v);
    m->used += takes;
}
