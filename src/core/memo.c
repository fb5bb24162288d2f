/*
 * memo.c - a hash in a pool of its own, which is cleared when its bound is reached.
 */
#include "memo.h"
#include <apr_hash.h>
#include <apr_strings.h>
#include <string.h>

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

/* Eight bytes at a time: a look-up is made for every row of an export, with an object's text as its
 * key, and APR's own hash takes them one by one. Only speed depends on how well it spreads. */
static unsigned int hash(const char *key, apr_ssize_t *len)
{
    const char *end = key + *len;
    apr_uint64_t h = (apr_uint64_t)*len, word;

    for (; (apr_size_t)(end - key) >= sizeof word; key += sizeof word) {
        memcpy(&word, key, sizeof word);
        h = (h ^ word) * 0x9E3779B97F4A7C15u;
        h ^= h >> 32;
    }
    word = 0;
    memcpy(&word, key, (apr_size_t)(end - key));
    h = (h ^ word) * 0x9E3779B97F4A7C15u;
    return (unsigned int)(h >> 32);
}

wfm_memo_t *wfm_memo_make(apr_pool_t *p, apr_size_t size)
{
    wfm_memo_t *m = apr_pcalloc(p, sizeof *m);

    apr_pool_create(&m->pool, p);
    m->values = apr_hash_make_custom(m->pool, hash);
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
        m->values = apr_hash_make_custom(m->pool, hash);
        m->used = 0;
    }
    v = apr_palloc(m->pool, sizeof *v + len);
    v->len = len;
    memcpy(v->data, value, len);
    apr_hash_set(m->values, apr_pmemdup(m->pool, key, key_len), (apr_ssize_t)key_len, v);
    m->used += takes;
}
