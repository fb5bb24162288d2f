/*
 * out.c - the slow paths of the byte sink: full buffers, and integers.
 */
#include "out.h"

void wfm_out_init(wfm_out_t *o, char *buf, apr_size_t size, wfm_out_flush_fn flush, void *ctx)
{
    o->buf = buf;
    o->size = size;
    o->len = 0;
    o->flushed = 0;
    o->status = APR_SUCCESS;
    o->flush = flush;
    o->ctx = ctx;
}

/** Hand bytes on unless an earlier flush failed; a failure sticks. Never more than the buffer
 * holds: whoever is behind it may have to keep them. */
static void pass_on(wfm_out_t *o, const char *data, apr_size_t len, int push)
{
    while (o->status == APR_SUCCESS && len) {
        apr_size_t piece = len < o->size ? len : o->size;

        o->status = o->flush(o->ctx, data, piece, push);
        if (o->status == APR_SUCCESS)
            o->flushed += (apr_off_t)piece;
        data += piece;
        len -= piece;
    }
}

static apr_status_t empty(wfm_out_t *o, int push)
{
    pass_on(o, o->buf, o->len, push);
    o->len = 0;
    return o->status;
}

apr_status_t wfm_out_flush(wfm_out_t *o)
{
    return empty(o, 0);
}

apr_status_t wfm_out_push(wfm_out_t *o)
{
    return empty(o, 1);
}

void wfm_out_mem_slow(wfm_out_t *o, const char *data, apr_size_t len)
{
    apr_size_t room = o->size - o->len; /* less than len */

    /* Fill the buffer first, so that what is handed on comes in whole buffers. */
    memcpy(o->buf + o->len, data, room);
    o->len += room;
    wfm_out_flush(o);
    data += room;
    len -= room;
    if (len >= o->size) {
        pass_on(o, data, len, 0);
    } else {
        memcpy(o->buf, data, len);
        o->len = len;
    }
}

void wfm_out_int64(wfm_out_t *o, apr_int64_t v)
{
    char text[20]; /* "-9223372036854775808" */
    char *s = text + sizeof(text);
    /* Negated as unsigned: -INT64_MIN has no signed form. */
    apr_uint64_t n = v < 0 ? 0 - (apr_uint64_t)v : (apr_uint64_t)v;

    do {
        *--s = (char)('0' + n % 10);
        n /= 10;
    } while (n);
    if (v < 0)
        *--s = '-';
    wfm_out_mem(o, s, (apr_size_t)(text + sizeof(text) - s));
}
