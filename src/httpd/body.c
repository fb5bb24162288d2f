/*
 * body.c - owns how a request's body is read: media type, coding, size, and that it is JSON. What
 * it must hold is the route's.
 */
#include "body.h"
#include "../core/media.h"
#include <apr_strings.h>
#include <http_protocol.h>
#include <string.h>
#include <sys/mman.h>

/* (mod_http2 adds the Transfer-Encoding to a request whose body has no length) */
static int has_body(request_rec *r)
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
    return wfm_error_make(r->pool, WFM_BAD_REQUEST, "the body could not be read");
}

/* Asked when there is a first piece: what a filter of httpd's could take off is gone by then. */
static wfm_error_t *check_coding(request_rec *r)
{
    const char *codings = apr_table_get(r->headers_in, "Content-Encoding");

    if (!codings || wfm_media_is_identity(codings))
        return NULL;
    apr_table_setn(r->headers_out, "Accept-Encoding", "identity"); /* not the media type's fault */
    return wfm_error_make(r->pool, WFM_UNSUPPORTED_MEDIA_TYPE,
                          "the body must come without a content coding");
}

/*
 * A small body lies in the request's pool. A large one is memory of the system's own: what a pool
 * once had stays with the thread, and every thread would keep some of it.
 */
typedef struct text_t {
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
static int enlarge(apr_pool_t *p, text_t *text, apr_size_t size)
{
    char *larger =
        text->mapped ? mremap(text->data, text->size, size, MREMAP_MAYMOVE)
                     : mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (larger == MAP_FAILED)
        return 0;
    if (!text->mapped) {
        memcpy(larger, text->data, text->len);
        apr_pool_cleanup_register(p, text, unmap, apr_pool_cleanup_null);
    }
    text->data = larger;
    text->size = size;
    text->mapped = 1;
    return 1;
}

static wfm_error_t *append_text(apr_pool_t *p, text_t *text, const char *data, apr_size_t len)
{
    if (len > text->size - text->len && !enlarge(p, text, 2 * (text->size + len)))
        return wfm_error_internal(p, "no memory for a body");
    memcpy(text->data + text->len, data, len);
    text->len += len;
    return NULL;
}

static wfm_error_t *append_bucket(request_rec *r, apr_bucket *b, apr_int64_t max, apr_pool_t *p,
                                  text_t *text)
{
    const char *data;
    apr_size_t len;
    apr_status_t rv = apr_bucket_read(b, &data, &len, APR_BLOCK_READ);

    WFM_TRY(check_coding(r));
    if (rv != APR_SUCCESS)
        return read_failed(r, rv, max, 0);
    if (text->len + len > (apr_size_t)max)
        return too_large(r, max);
    return append_text(p, text, data, len);
}

static wfm_error_t *read_body(request_rec *r, apr_int64_t max, apr_pool_t *p, text_t *text)
{
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    int coded = apr_table_get(r->headers_in, "Content-Encoding") != NULL, end = 0;

    while (!end) {
        apr_status_t rv = ap_get_brigade(r->input_filters, bb, AP_MODE_READBYTES, APR_BLOCK_READ,
                                         HUGE_STRING_LEN);

        if (rv != APR_SUCCESS)
            return read_failed(r, rv, max, coded);
        for (apr_bucket *b = APR_BRIGADE_FIRST(bb); b != APR_BRIGADE_SENTINEL(bb);
             b = APR_BUCKET_NEXT(b)) {
            if (APR_BUCKET_IS_EOS(b)) {
                end = 1;
                break;
            }
            if (!APR_BUCKET_IS_METADATA(b))
                WFM_TRY(append_bucket(r, b, max, p, text));
        }
        apr_brigade_cleanup(bb);
    }
    return NULL;
}

/* A byte order mark says nothing. Blanks in its place keep the positions of what follows. */
static void blank_mark(text_t *text)
{
    if (text->len >= 3 && !memcmp(text->data, "\xef\xbb\xbf", 3))
        memset(text->data, ' ', 3);
}

static wfm_error_t *check_type(request_rec *r, const char *type)
{
    if (!wfm_body_is_json_type(type))
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

    if (type && has_body(r))
        WFM_TRY(check_type(r, type));
    if (length && apr_atoi64(length) > max)
        return too_large(r, max);
    text->data = apr_palloc(p, text->size = SMALL_BODY);
    WFM_TRY(read_body(r, max, p, text));
    blank_mark(text);
    return wfm_body_parse(p, spec, text->data, text->len, json);
}
