/*
 * gunzip.c - zlib, and how much may come out of it.
 */
#include "gunzip.h"
#include <zlib.h>

#define OUT_BYTES 32768

struct wfm_gunzip_t {
    apr_pool_t *p;
    z_stream z;
    wfm_piece_fn piece;
    void *ctx;
    int begun;            /* a member has begun, and has not ended */
    apr_uint64_t in, out; /* bytes, of all members */
    unsigned char buf[OUT_BYTES];
};

static apr_status_t end_stream(void *z)
{
    inflateEnd(z);
    return APR_SUCCESS;
}

wfm_gunzip_t *wfm_gunzip_create(apr_pool_t *p, wfm_piece_fn piece, void *ctx)
{
    wfm_gunzip_t *g = apr_pcalloc(p, sizeof *g);

    g->p = p;
    g->piece = piece;
    g->ctx = ctx;
    if (inflateInit2(&g->z, 16 + MAX_WBITS) != Z_OK) /* 16: gzip's header and check sum */
        return NULL;
    apr_pool_cleanup_register(p, &g->z, end_stream, apr_pool_cleanup_null);
    return g;
}

static wfm_error_t *hand_on(wfm_gunzip_t *g)
{
    apr_size_t len = OUT_BYTES - g->z.avail_out;

    g->out += len;
    if (g->out > WFM_GUNZIP_FREE && g->out / WFM_GUNZIP_TIMES > g->in)
        return wfm_error_make(g->p, WFM_PAYLOAD_TOO_LARGE,
                              "the body inflates to too many times its size");
    return len ? g->piece(g->ctx, (const char *)g->buf, len) : NULL;
}

wfm_error_t *wfm_gunzip_feed(wfm_gunzip_t *g, const char *data, apr_size_t len)
{
    g->in += len;
    g->z.next_in = (unsigned char *)data;
    g->z.avail_in = (unsigned)len;
    do {
        int rv;

        if (!g->begun && !g->z.avail_in)
            return NULL;
        g->begun = 1;
        g->z.next_out = g->buf;
        g->z.avail_out = OUT_BYTES;
        rv = inflate(&g->z, Z_NO_FLUSH);
        if (rv == Z_MEM_ERROR)
            return wfm_error_internal(g->p, "no memory for zlib");
        if (rv != Z_OK && rv != Z_STREAM_END && rv != Z_BUF_ERROR)
            return wfm_error_make(g->p, WFM_BAD_REQUEST, "the body is no gzip, or is damaged");
        WFM_TRY(hand_on(g));
        if (rv == Z_STREAM_END) {
            g->begun = 0;
            inflateReset(&g->z);
        }
    } while (g->z.avail_in || !g->z.avail_out); /* a full buffer: zlib may hold back more */
    return NULL;
}

wfm_error_t *wfm_gunzip_end(wfm_gunzip_t *g)
{
    return g->begun ? wfm_error_make(g->p, WFM_BAD_REQUEST, "the gzip body ends in the middle")
                    : NULL;
}
