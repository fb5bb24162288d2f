/*
 * errors.c - owns what an error looks like. The filter replaces httpd's HTML page.
 */
#include "errors.h"
#include "paths.h"
#include <apr_strings.h>
#include <http_config.h>
#include <http_core.h>
#include <http_protocol.h>
#include <http_request.h>
#include <mod_core.h>
#include <util_filter.h>

#define FILTER "WFMETRICS_ERROR"

static void write_fields(wfm_json_t *j, const apr_array_header_t *fields)
{
    wfm_json_name(j, "errors");
    wfm_json_array(j);
    for (int i = 0; i < fields->nelts; i++) {
        const wfm_field_error_t *f = &APR_ARRAY_IDX(fields, i, wfm_field_error_t);

        wfm_json_object(j);
        wfm_json_name(j, "field");
        wfm_json_string(j, f->field);
        wfm_json_name(j, "message");
        wfm_json_string(j, f->message);
        wfm_json_object_end(j);
    }
    wfm_json_array_end(j);
}

void wfm_error_write(wfm_out_t *out, const wfm_error_t *err)
{
    wfm_json_t j;

    wfm_json_init(&j, out);
    wfm_json_object(&j);
    wfm_json_name(&j, "meta");
    wfm_json_object(&j);
    wfm_json_name(&j, "code");
    wfm_json_int64(&j, wfm_error_code(err->status));
    wfm_json_name(&j, "message");
    wfm_json_string(&j, err->message);
    wfm_json_object_end(&j);
    wfm_json_name(&j, "message"); /* where another generation of clients looks for it */
    wfm_json_string(&j, err->message);
    if (err->reason) {
        wfm_json_name(&j, "reason");
        wfm_json_string(&j, err->reason);
    }
    if (err->fields)
        write_fields(&j, err->fields);
    wfm_json_object_end(&j);
}

static apr_status_t into_brigade(void *bb, const char *data, apr_size_t len, int push)
{
    (void)push;
    return apr_brigade_write(bb, NULL, NULL, data, len);
}

/* httpd's page goes, the API's object comes, once. */
static apr_status_t replace_page(ap_filter_t *f, apr_bucket_brigade *page)
{
    request_rec *r = f->r;
    char *reason = apr_pstrdup(r->pool, ap_get_status_line(r->status)); /* "404 Not Found" */
    wfm_error_t *err;
    apr_bucket_brigade *bb = apr_brigade_create(r->pool, f->c->bucket_alloc);
    char buf[512];
    wfm_out_t out;

    apr_brigade_cleanup(page);
    if (f->ctx)
        return APR_SUCCESS;
    f->ctx = f;
    ap_str_tolower(reason);
    err = wfm_error_make(r->pool, r->status, "%s", strlen(reason) > 4 ? reason + 4 : "error");
    wfm_out_init(&out, buf, sizeof buf, into_brigade, bb);
    wfm_error_write(&out, err);
    wfm_out_flush(&out);
    APR_BRIGADE_INSERT_TAIL(bb, apr_bucket_eos_create(f->c->bucket_alloc));
    ap_set_content_type(r, "application/json");
    apr_table_setn(r->headers_out, "Cache-Control", "no-cache");
    return ap_pass_brigade(f->next, bb);
}

int wfm_error_replaced(const request_rec *r)
{
    return r->prev && ap_is_HTTP_ERROR(r->prev->status) ? r->prev->status : 0;
}

void wfm_errors_register(void)
{
    ap_register_output_filter(FILTER, replace_page, NULL, AP_FTYPE_RESOURCE);
}

void wfm_insert_error_filter(request_rec *r)
{
    if (r->status < 400 || !wfm_is_api(r) ||
        ap_response_code_string(r, ap_index_of_response(r->status)))
        return;
    ap_add_output_filter(FILTER, NULL, r, r->connection);
}
