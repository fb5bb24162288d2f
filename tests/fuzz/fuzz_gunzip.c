/*
 * fuzz_gunzip.c - gzip that is none, or damaged, is refused without harm, and however it is cut it
 * is the same; and what zlib made of any input comes back.
 */
#include "core/gunzip.h"
#include "fuzz.h"
#include <string.h>
#include <zlib.h>

static wfm_error_t *keep(void *ctx, const char *data, apr_size_t len)
{
    fuzz_sink_t *sink = ctx;

    wfm_out_mem(&sink->out, data, len);
    return NULL;
}

/* @return NULL, or what is wrong with it */
static const char *read_all(apr_pool_t *p, const char *data, apr_size_t len, apr_size_t piece,
                            fuzz_sink_t *sink)
{
    wfm_gunzip_t *g = wfm_gunzip_create(p, keep, sink);
    wfm_error_t *err = NULL;

    for (apr_size_t at = 0; at < len && !err; at += piece)
        err = wfm_gunzip_feed(g, data + at, len - at < piece ? len - at : piece);
    if (!err)
        err = wfm_gunzip_end(g);
    must(!err || err->status == WFM_BAD_REQUEST || err->status == WFM_PAYLOAD_TOO_LARGE);
    return err ? err->message : NULL;
}

static void check_back(apr_pool_t *p, const char *data, apr_size_t len)
{
    fuzz_sink_t *sink = fuzz_sink(p);
    z_stream z = {0};
    apr_size_t room = len + 1000;
    char *zipped = apr_palloc(p, room);

    must(deflateInit2(&z, 1, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    z.next_in = (unsigned char *)data;
    z.avail_in = (unsigned)len;
    z.next_out = (unsigned char *)zipped;
    z.avail_out = (unsigned)room;
    must(deflate(&z, Z_FINISH) == Z_STREAM_END);
    must(!read_all(p, zipped, z.total_out, len % 7 + 1, sink));
    fuzz_written(sink);
    must(sink->len == len && !memcmp(sink->text, data, len));
    deflateEnd(&z);
}

void fuzz_one(apr_pool_t *p, const char *data, apr_size_t len)
{
    fuzz_sink_t *whole = fuzz_sink(p), *cut = fuzz_sink(p);
    const char *fault = read_all(p, data, len, len + 1, whole),
               *other = read_all(p, data, len, 3, cut);

    must(!fault == !other);
    if (!fault) {
        fuzz_written(whole);
        fuzz_written(cut);
        must(whole->len == cut->len && !memcmp(whole->text, cut->text, cut->len));
    }
    check_back(p, data, len);
}
