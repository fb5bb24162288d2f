/*
 * result.c - owns results: the memory that their rows lie in, their digest, and who holds them.
 *
 * A small result lies in its pool's first piece of memory, which the next one takes again. What is
 * larger lies in blocks that are the system's own: memory of malloc's would stay with the process,
 * between what others hold.
 */
#include "result.h"
#include "../core/pages.h"
#include <apr_atomic.h>
#include <apr_siphash.h>
#include <apr_tables.h>
#include <string.h>

#define FIRST_BYTES    4096         /* of a result, with its pool in 8 KB */
#define BLOCK_BYTES    (256 * 1024) /* of the next ones; a row that is larger has one of its own */
#define ROWS_PER_CHUNK 64

typedef struct cell_t {
    const char *text; /* NULL: SQL NULL */
    apr_size_t len;
} cell_t;

struct wfm_result_t {
    apr_pool_t *pool;
    apr_uint32_t holders;
    int columns, rows, cut;
    apr_size_t bytes, max_bytes;
    char *free; /* what is left of the current block */
    apr_size_t left;
    apr_array_header_t *chunks; /* of cell_t **: ROWS_PER_CHUNK rows each */
};

/* ---- memory ---- */

/* Memory for as long as the result lives; NULL: there is none. */
static void *take(wfm_result_t *r, apr_size_t size)
{
    char *at;

    size = APR_ALIGN_DEFAULT(size);
    if (size > BLOCK_BYTES)
        return wfm_pages(r->pool, size);
    if (size > r->left) {
        if (!(at = wfm_pages(r->pool, BLOCK_BYTES)))
            return NULL;
        r->free = at;
        r->left = BLOCK_BYTES;
    }
    at = r->free;
    r->free += size;
    r->left -= size;
    return at;
}

wfm_result_t *wfm_result_create(apr_pool_t *p, int columns, apr_size_t max_bytes)
{
    wfm_result_t *r;
    apr_pool_t *pool;

    /* A child of APR's first pool: its allocator is there for all threads. To map memory for each
     * result and unmap it would interrupt every processor that the process runs on. */
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS)
        return NULL;
    r = apr_pcalloc(pool, sizeof *r);
    r->pool = pool;
    r->columns = columns;
    r->max_bytes = max_bytes;
    r->left = FIRST_BYTES;
    r->free = apr_palloc(pool, FIRST_BYTES);
    r->chunks = apr_array_make(pool, 4, sizeof(cell_t **));
    return wfm_result_hold(r, p);
}

/* ---- rows ---- */

/* Where the next row's cells are to be found; NULL: no memory. */
static cell_t **next_place(wfm_result_t *r)
{
    if (r->rows % ROWS_PER_CHUNK == 0) {
        cell_t **chunk = take(r, ROWS_PER_CHUNK * sizeof *chunk);

        if (!chunk)
            return NULL;
        APR_ARRAY_PUSH(r->chunks, cell_t **) = chunk;
    }
    return &APR_ARRAY_IDX(r->chunks, r->rows / ROWS_PER_CHUNK, cell_t **)[r->rows % ROWS_PER_CHUNK];
}

static apr_size_t row_size(const wfm_result_t *r, const wfm_value_t *values)
{
    apr_size_t size = sizeof(cell_t *) + (apr_size_t)r->columns * sizeof(cell_t);

    for (int c = 0; c < r->columns; c++)
        size += values[c].data ? values[c].len + 1 : 0;
    return size;
}

wfm_result_add_e wfm_result_add(wfm_result_t *r, const wfm_value_t *values)
{
    apr_size_t size = row_size(r, values);
    cell_t **place, *cells;
    char *text;

    if (r->cut || size > r->max_bytes - r->bytes) {
        r->cut = 1;
        return WFM_RESULT_FULL;
    }
    if (!(place = next_place(r)) || !(cells = take(r, size)))
        return WFM_RESULT_NO_MEMORY;
    text = (char *)(cells + r->columns);
    for (int c = 0; c < r->columns; c++) {
        cells[c] = (cell_t){NULL, 0};
        if (!values[c].data)
            continue;
        cells[c] = (cell_t){text, values[c].len};
        memcpy(text, values[c].data, values[c].len);
        text[values[c].len] = '\0';
        text += values[c].len + 1;
    }
    *place = cells;
    r->rows++;
    r->bytes += size;
    return WFM_RESULT_ADDED;
}

static const cell_t *cells_of(const wfm_result_t *r, int row)
{
    return APR_ARRAY_IDX(r->chunks, row / ROWS_PER_CHUNK, cell_t **)[row % ROWS_PER_CHUNK];
}

int wfm_result_rows(const wfm_result_t *r)
{
    return r->rows;
}

int wfm_result_columns(const wfm_result_t *r)
{
    return r->columns;
}

int wfm_result_is_cut(const wfm_result_t *r)
{
    return r->cut;
}

const char *wfm_result_get(const wfm_result_t *r, int row, int column)
{
    return cells_of(r, row)[column].text;
}

apr_size_t wfm_result_length(const wfm_result_t *r, int row, int column)
{
    return cells_of(r, row)[column].len;
}

/* ---- the digest ---- */

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
    digest_t d = {.used = 0};

    for (int row = 0; row < r->rows; row++) {
        const cell_t *cells = cells_of(r, row);

        for (int c = 0; c < r->columns; c++) {
            int len = cells[c].text ? (int)cells[c].len : -1;

            digest_add(&d, &len, sizeof len); /* so that no two rows are the same bytes */
            if (len > 0)
                digest_add(&d, cells[c].text, cells[c].len);
        }
    }
    digest_add(&d, &r->cut, sizeof r->cut);
    digest_block(&d, d.block, d.used);
    return d.key[0];
}

/* ---- who holds it ---- */

static apr_status_t let_go(void *result)
{
    wfm_result_t *r = result;

    if (!apr_atomic_dec32(&r->holders))
        apr_pool_destroy(r->pool);
    return APR_SUCCESS;
}

wfm_result_t *wfm_result_hold(wfm_result_t *r, apr_pool_t *p)
{
    apr_atomic_inc32(&r->holders);
    apr_pool_cleanup_register(p, r, let_go, apr_pool_cleanup_null);
    return r;
}

void wfm_result_release(wfm_result_t *r, apr_pool_t *p)
{
    apr_pool_cleanup_run(p, r, let_go);
}
