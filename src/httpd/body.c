/*
 * body.c - owns how a request's body is read: coding, size and time, and of JSON its media type and
 * that it is JSON. What it must hold is the route's.
 */
#include "body.h"
#include "../core/media.h"
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <string.h>
#include <sys/mman.h>

/* (mod_http2 adds the Transfer-Encoding to a request whose body has no length) */
int wfm_has_body(request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    return apr_table_get(r->headers_in, "Transfer-Encoding") ||
           (length && strspn(length, "0") != strlen(length));
}

static wfm_error_t *too_large(request_rec *r, apr_int64_t max)
{
    r->connection->keepalive = AP_CONN_CLOSE; /* rather than read what nobody wants */
    return wfm_error_make(r->pool, WFM_PAYLOAD_TOO_LARGE,
                          "the body is larger than %" APR_INT64_T_FMT " bytes", max);
}

/* @param coded the body came in a content coding */
static wfm_error_t *read_failed(request_rec *r, apr_status_t rv, apr_int64_t max, int coded)
{
    int status = ap_map_http_request_error(rv, HTTP_BAD_REQUEST);

    r->connection->keepalive = AP_CONN_CLOSE;
    if (status == HTTP_REQUEST_ENTITY_TOO_LARGE) /* httpd's LimitRequestBody is below ours */
        return too_large(r, max);
    if (rv == APR_EINVAL &&
        coded) /* what mod_deflate says of a small body that becomes a huge one */
        return wfm_error_make(r->pool, WFM_PAYLOAD_TOO_LARGE,
                              "the body inflates to too many times its size");
    if (status == HTTP_REQUEST_TIME_OUT || APR_STATUS_IS_TIMEUP(rv))
        return wfm_error_make(r->pool, WFM_REQUEST_TIMEOUT, "the body did not arrive in time");
    if (APR_STATUS_IS_EOF(rv) || rv == APR_INCOMPLETE)
        return wfm_error_make(r->pool, WFM_BAD_REQUEST, "the body ended before it was complete");
    return wfm_error_make(r->pool, WFM_BAD_REQUEST, "the body could not be read");
}

/* ---- pieces ---- */

/* A body that is read. */
typedef struct reading_t {
    request_rec *r;
    apr_int64_t max;  /* bytes, as they come and inflated */
    apr_int64_t came; /* so many did */
    apr_int64_t n;    /* and were handed on */
    int may_be_gzip;
    int begun; /* there was a first piece */
    wfm_gunzip_t *gunzip;
    wfm_piece_fn piece;
    void *ctx;
} reading_t;

static wfm_error_t *hand_on(void *ctx, const char *data, apr_size_t len)
{
    reading_t *reading = ctx;

    reading->n += (apr_int64_t)len;
    if (reading->n > reading->max)
        return too_large(reading->r, reading->max);
    return reading->piece(reading->ctx, data, len);
}

/* Asked when there is a first piece: what a filter of httpd's could take off is gone by then. */
static wfm_error_t *begin(reading_t *reading)
{
    request_rec *r = reading->r;
    const char *codings = apr_table_get(r->headers_in, "Content-Encoding");

    reading->begun = 1;
    if (!codings || wfm_media_is_identity(codings))
        return NULL;
    if (reading->may_be_gzip && wfm_media_is_gzip(codings)) {
        reading->gunzip = wfm_gunzip_create(r->pool, hand_on, reading);
        return reading->gunzip ? NULL : wfm_error_internal(r->pool, "no memory for zlib");
    }
    apr_table_setn(r->headers_out, "Accept-Encoding", /* not the media type's fault */
                   reading->may_be_gzip ? "gzip, identity" : "identity");
    return wfm_error_make(r->pool, WFM_UNSUPPORTED_MEDIA_TYPE,
                          "the body must come without a content coding%s",
                          reading->may_be_gzip ? ", or in gzip" : "");
}

static wfm_error_t *take_bucket(reading_t *reading, apr_bucket *b)
{
    const char *data;
    apr_size_t len;
    apr_status_t rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);

    if (!reading->begun)
        WFM_TRY(begin(reading));
    if (rv != APR_SUCCESS)
        return read_failed(reading->r, rv, reading->max, 0);
    reading->came += (apr_int64_t)len;
    if (reading->came > reading->max) /* of gzip that inflates to nothing there may be any amount */
        return too_large(reading->r, reading->max);
    return reading->gunzip ? wfm_gunzip_feed(reading->gunzip, data, len)
                           : hand_on(reading, data, len);
}

/* @param end set when the body is over */
static wfm_error_t *take_brigade(reading_t *reading, apr_bucket_brigade *bb, int *end)
{
    for (apr_bucket *b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
         b = APR_BUCKET_NEXT(b)) {
        if ((*end = APR_BUCKET_IS_EOS(b)))
            return NULL;
        if (!APR_BUCKET_IS_METADATA(b))
            WFM_TRY(take_bucket(reading, b));
    }
    return NULL;
}

static wfm_error_t *read_pieces(reading_t *reading)
{
    request_rec *r = reading->r;
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int coded = apr_table_get(r->headers_in, "Content-Encoding") != NULL, end = 0;

    while (!end) {
        apr_status_t rv = ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES, APR_BLOCK_READ,
                                         HUGE_STRING_LEN);

        if (rv != APR_SUCCESS)
            return read_failed(r, rv, reading->max, coded && !reading->gunzip);
        WFM_TRY(take_brigade(reading, bb, &end));
        apr_brigade_cleanup(bb);
    }
    return reading->gunzip ? wfm_gunzip_end(reading->gunzip) : NULL;
}

/* ---- JSON ---- */

/*
 * A small body lies in the request's pool. A large one is memory of the system's own: what a pool
 * once had stays with the thread, and every thread would keep some of it.
 */
typedef struct text_t {
    apr_pool_t *p;
    char *data;
    apr_size_t len, size;
    int mapped;
} text_t;

#define SMALL_BODY 8192

static apr_status_t unmap(void *data)
{
    text_t *text = data;

    munmap(text->data, text->size);
    return APR_SUCCESS;
}

/* Make it so large; pages that nothing is written to cost nothing. 0: there is no memory. */
static int enlarge(text_t *text, apr_size_t size)
{
    char *larger =
        text->mapped ? mremap(text->data, text->size, size, MREMAP_MAYMOVE)
                     : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (larger == MAP_FAILED)
        return 0;
    if (!text->mapped) {
        memcpy(larger, text->data, text->len);
        apr_pool_cleanup_register(text->p, text, unmap, apr_pool_cleanup_null);
    }
    text->data = larger;
    text->size = size;
    text->mapped = 1;
    return 1;
}

static wfm_error_t *append_text(void *ctx, const char *data, apr_size_t len)
{
    text_t *text = ctx;

    if (len > text->size - text->len && !enlarge(text, 2 * (text->size + len)))
        return wfm_error_internal(text->p, "no memory for a body");
    memcpy(text->data + text->len, data, len);
    text->len += len;
    return NULL;
}

/* A byte order mark says nothing. Blanks in its place keep the positions of what follows. */
static void blank_mark(text_t *text)
{
    if (text->len >= 3 && !memcmp(text->data, "\xef\xbb\xbf", 3))
        memset(text->data, ' ', 3);
}

static wfm_error_t *check_json_type(request_rec *r, const char *type)
{
    if (!wfm_media_is_json(type))
        return wfm_error_make(r->pool, WFM_UNSUPPORTED_MEDIA_TYPE,
                              "the body must be of media type application/json");
    if (!wfm_media_is_utf8(type))
        return wfm_error_make(r->pool, WFM_UNSUPPORTED_MEDIA_TYPE, "the body must be in UTF-8");
    return NULL;
}

wfm_error_t *wfm_take_body(request_rec *r, apr_int64_t max, const wfm_body_spec_t *spec,
                           apr_pool_t *p, json_object **json)
{
    const char *type = apr_table_get(r->headers_in, "Content-Type");
    const char *length = apr_table_get(r->headers_in, "Content-Length");
    text_t *text = apr_pcalloc(p, sizeof *text);

    if (type && wfm_has_body(r))
        WFM_TRY(check_json_type(r, type));
    if (length && apr_atoi64(length) > max)
        return too_large(r, max);
    text->p = p;
    text->data = apr_palloc(p, text->size = SMALL_BODY);
    WFM_TRY(read_pieces(&(reading_t){r, max, .piece = append_text, .ctx = text}));
    blank_mark(text);
    return wfm_body_parse(p, spec, text->data, text->len, json);
}

/* ---- files ---- */

/* How long a client may keep us waiting for the next byte. */
#define MOST_WAIT apr_time_from_sec(10)

/* httpd's own limit (Timeout) is mostly longer. An HTTP/2 stream has no socket of its own: there
 * H2StreamTimeout says it. @return the limit that there was; -1: it has not been changed */
static apr_interval_time_t wait_at_most(request_rec *r, apr_interval_time_t most)
{
    apr_socket_t *socket = r->connection->master ? NULL : ap_get_conn_socket(r->connection);
    apr_interval_time_t before;

    if (!socket || apr_socket_timeout_get(socket, &before) != APR_SUCCESS ||
        (before >= 0 && before <= most))
        return -1;
    apr_socket_timeout_set(socket, most);
    return before;
}

wfm_error_t *wfm_receive_file(request_rec *r, apr_int64_t max, wfm_piece_fn piece, void *ctx)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");
    apr_interval_time_t before;
    wfm_error_t *err;

    if (length && apr_atoi64(length) > max)
        return too_large(r, max);
    before = wait_at_most(r, MOST_WAIT);
    err = read_pieces(&(reading_t){r, max, .may_be_gzip = 1, .piece = piece, .ctx = ctx});
    if (before >= 0)
        apr_socket_timeout_set(ap_get_conn_socket(r->connection), before);
    if (err) /* what else there is of it, nobody wants */
        r->connection->keepalive = AP_CONN_CLOSE;
    return err;
}
