/*
 * db_pgsql_result.c - owns results: their values, their digest, and who holds them.
 */
#include "db_pgsql_private.h"
#include <apr_atomic.h>
#include <apr_siphash.h>

/* Lies in libpq's result, which several threads may read at once; the last one clears it. */
struct wfm_result_t {
    PGresult *pg;
    apr_uint32_t holders;
};

int wfm_result_rows(const wfm_result_t *r)
{
    return PQntuples(r->pg);
}

int wfm_result_columns(const wfm_result_t *r)
{
    return PQnfields(r->pg);
}

const char *wfm_result_get(const wfm_result_t *r, int row, int column)
{
    const char *value = PQgetvalue(r->pg, row, column); /* of NULL, too, it is "" */

    return *value || !PQgetisnull(r->pg, row, column) ? value : NULL;
}

apr_size_t wfm_result_length(const wfm_result_t *r, int row, int column)
{
    return (apr_size_t)PQgetlength(r->pg, row, column);
}

/* The values as one stream of bytes, hashed block by block: most are short, and a hash of its own
 * for each would cost several times their bytes. */
typedef struct digest_t {
    apr_uint64_t key[2]; /* a chain: the key of a block's hash is the hash of all before it */
    apr_size_t used;
    char block[512];
} digest_t;

static void digest_block(digest_t *d, const void *data, apr_size_t len)
{
    d->key[0] = apr_siphash24(data, len, (const unsigned char *)d->key);
}

static void digest_add(digest_t *d, const void *data, apr_size_t len)
{
    if (len > sizeof d->block - d->used) {
        digest_block(d, d->block, d->used);
        d->used = 0;
    }
    if (len > sizeof d->block) {
        digest_block(d, data, len);
        return;
    }
    memcpy(d->block + d->used, data, len);
    d->used += len;
}

apr_uint64_t wfm_result_digest(const wfm_result_t *r)
{
    int rows = PQntuples(r->pg), columns = PQnfields(r->pg);
    digest_t d = {.used = 0};

    for (int row = 0; row < rows; row++) {
        for (int c = 0; c < columns; c++) {
            int len = PQgetlength(r->pg, row, c);

            if (!len && PQgetisnull(r->pg, row, c))
                len = -1;
            digest_add(&d, &len, sizeof len); /* so that no two rows are the same bytes */
            if (len > 0)
                digest_add(&d, PQgetvalue(r->pg, row, c), (apr_size_t)len);
        }
    }
    digest_block(&d, d.block, d.used);
    return d.key[0];
}

static apr_status_t let_go(void *result)
{
    wfm_result_t *r = result;

    if (!apr_atomic_dec32(&r->holders))
        PQclear(r->pg);
    return APR_SUCCESS;
}

wfm_result_t *wfm_result_hold(wfm_result_t *r, apr_pool_t *p)
{
    apr_atomic_inc32(&r->holders);
    apr_pool_cleanup_register(p, r, let_go, apr_pool_cleanup_null);
    return r;
}

wfm_error_t *wfm_result_make(apr_pool_t *p, PGresult *pg, wfm_result_t **result)
{
    wfm_result_t *r = PQresultAlloc(pg, sizeof *r);

    if (!r) {
        PQclear(pg);
        return wfm_error_internal(p, "no memory for a result");
    }
    r->pg = pg;
    r->holders = 0;
    *result = wfm_result_hold(r, p);
    return NULL;
}
