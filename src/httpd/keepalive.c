/*
 * keepalive.c - owns how an answer of 400 keeps its connection.
 *
 * httpd decides by the status alone, when it writes the header and again when the request is over,
 * and no hook has a say. So the status is another one, as near as there is, for just that while:
 * from the filter before httpd's header to the log, which is told the true one. The filter behind
 * the header puts the true one into the status line. Filters that look at a status come before it,
 * modules that log come after; what sees the other one is httpd's own trace of the header.
 */
#include "keepalive.h"
#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <util_filter.h>

APLOG_USE_MODULE(wfmetrics);

#define STAND_IN HTTP_UNPROCESSABLE_ENTITY
#define NOTE     "wfmetrics-keepalive"

static ap_filter_rec_t *before_header, *behind_header;

static apr_status_t put_stand_in(ap_filter_t *f, apr_bucket_brigade *bb)
{
    request_rec *r = f->r;

    if (r->status == HTTP_BAD_REQUEST) { /* a filter may have made something else of it */
        r->status = STAND_IN;
        apr_table_setn(r->notes, NOTE, "");
        ap_add_output_filter_handle(behind_header, NULL, r, f->c);
    }
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

/* NULL: there is none. */
static apr_bucket *first_data(apr_bucket_brigade *bb)
{
    apr_bucket *b = APR_BRIGADE_FIRST(bb);

    while (b != APR_BRIGADE_SENTINEL(bb) && APR_BUCKET_IS_METADATA(b))
        b = APR_BUCKET_NEXT(b);
    return b == APR_BRIGADE_SENTINEL(bb) ? NULL : b;
}

/* The bytes of the status, "422 Unprocessable Entity", behind the protocol's version, make the true
 * one. @return 0: they are not there */
static int mend_line(apr_bucket *b)
{
    const char *line, *truth = ap_get_status_line(HTTP_BAD_REQUEST);
    const char *stand_in = ap_get_status_line(STAND_IN);
    apr_size_t version = strlen(AP_SERVER_PROTOCOL " "), size = strlen(stand_in), len;

    if (apr_bucket_read(b, &line, &len, APR_BLOCK_READ) != APR_SUCCESS || len < version + size ||
        memcmp(line + version, stand_in, size))
        return 0;
    apr_bucket_split(b, version);
    b = APR_BUCKET_NEXT(b);
    apr_bucket_split(b, size);
    APR_BUCKET_INSERT_BEFORE(b, apr_bucket_immortal_create(truth, strlen(truth), b->list));
    apr_bucket_delete(b);
    return 1;
}

static apr_status_t tell_client(ap_filter_t *f, apr_bucket_brigade *bb)
{
    apr_bucket *header = first_data(bb);

    if (header) {
        ap_remove_output_filter(f);
        if (!mend_line(header))
            ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, f->r,
                          "wfmetrics: a filter has changed the header: the status line of this 400 "
                          "may say %d",
                          STAND_IN);
    }
    return ap_pass_brigade(f->next, bb);
}

static int tell_log(request_rec *r)
{
    while (r->next) /* redirected within httpd: the log asks the last one, which was answered */
        r = r->next;
    if (r->status == STAND_IN && apr_table_get(r->notes, NOTE)) {
        r->status = HTTP_BAD_REQUEST;
        r->status_line = ap_get_status_line(HTTP_BAD_REQUEST);
    }
    return DECLINED;
}

void wfm_keepalive_register(void)
{
    before_header = ap_register_output_filter("WFMETRICS_BEFORE_HEADER", put_stand_in, NULL,
                                              (ap_filter_type)(AP_FTYPE_PROTOCOL - 1));
    behind_header = ap_register_output_filter("WFMETRICS_BEHIND_HEADER", tell_client, NULL,
                                              (ap_filter_type)(AP_FTYPE_PROTOCOL + 1));
    ap_hook_log_transaction(tell_log, NULL, NULL, APR_HOOK_REALLY_FIRST);
}

void wfm_keepalive(request_rec *r)
{
    if (!r->connection->master && !r->main && !r->assbackwards) /* HTTP/0.9 has no header */
        ap_add_output_filter_handle(before_header, NULL, r, r->connection);
}
