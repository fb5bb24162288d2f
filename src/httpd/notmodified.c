/*
 * notmodified.c - owns that a 304 has the tag that the client named, which is how a cache finds
 * what it has stored (RFC 9110, section 15.4.5).
 *
 * Filters that compress add a suffix to the tag of what they compress. To that of a 304, which has
 * nothing to compress, mod_brotli adds it too, mod_deflate does not: so the tag is set again behind
 * them, unless somebody has taken it off.
 */
#include "notmodified.h"
#include <util_filter.h>

#define FILTER "WFMETRICS_NOT_MODIFIED"

static apr_status_t set_tag(ap_filter_t *f, apr_bucket_brigade *bb)
{
    if (apr_table_get(f->r->headers_out, "ETag"))
        apr_table_setn(f->r->headers_out, "ETag", f->ctx);
    ap_remove_output_filter(f);
    return ap_pass_brigade(f->next, bb);
}

void wfm_notmodified_register(void)
{
    /* before the headers are written */
    ap_register_output_filter(FILTER, set_tag, NULL, (ap_filter_type)(AP_FTYPE_PROTOCOL - 1));
}

void wfm_notmodified(request_rec *r, const char *etag)
{
    ap_add_output_filter(FILTER, (void *)etag, r, r->connection);
}
