/*
 * sink.c - owns how bytes reach the client: brigades, commitment, and the visible end of a failure.
 */
#include "sink.h"
#include "../core/clock.h"
#include "../core/etag.h"
#include "errors.h"
#include "notmodified.h"
#include <apr_portable.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <poll.h>
#include <sys/socket.h>
#include <util_filter.h>

int wfm_sink_is_permitted(const wfm_sink_t *sink)
{
    const wfm_request_t *rq = sink->rq;

    return sink->committed || !rq->route || rq->route->access != WFM_ACCESS_READ ||
           wfm_etag_permits(rq->if_match, apr_table_get(rq->headers, "ETag"));
}

static void commit(wfm_sink_t *sink)
{
    request_rec *r = sink->r;
    const wfm_request_t *rq = sink->rq;
    apr_table_t *headers; /* the log may ask for them when the request's memory is gone */

    if (sink->committed)
        return;
    sink->committed = 1;
    headers = apr_table_clone(r->pool, rq->headers);
    sink->status = wfm_error_replaced(r) ? wfm_error_replaced(r) : rq->status;
    r->status = sink->status;
    if (rq->status != WFM_NOT_MODIFIED)
        ap_set_content_type(r, apr_pstrdup(r->pool, rq->content_type));
    r->content_encoding = NULL; /* mod_mime may have read one out of the path */
    r->content_languages = NULL;
    apr_table_setn(r->headers_out, "Cache-Control", "no-cache");
    apr_table_overlap(r->headers_out, headers, APR_OVERLAP_TABLES_SET);
    if (rq->status == WFM_NOT_MODIFIED)
        wfm_notmodified(r, apr_table_get(headers, "ETag"));
    if (apr_table_get(headers, "ETag")) /* of what a filter may encode, and then tags anew */
        apr_table_mergen(r->headers_out, "Vary", "Accept-Encoding");
}

/* Put bytes into the brigade without copying them; the filters copy what they keep. */
static void append(wfm_sink_t *sink, const char *data, apr_size_t len)
{
    if (len)
        APR_BRIGADE_INSERT_TAIL(sink->bb,
                                apr_bucket_transient_create(data, len, sink->bb->bucket_alloc));
}

static void append_end(wfm_sink_t *sink)
{
    APR_BRIGADE_INSERT_TAIL(sink->bb, apr_bucket_eos_create(sink->bb->bucket_alloc));
}

/* @param end it is the answer's: a stream of HTTP/2 may be over, and its connection said to be
 * gone, before this looks */
static apr_status_t pass(wfm_sink_t *sink, int end)
{
    const conn_rec *c = sink->r->connection;
    apr_status_t rv = ap_pass_brigade(sink->r->output_filters, sink->bb);

    apr_brigade_cleanup(sink->bb);
    if (rv == APR_SUCCESS && c->aborted && !(end && c->master))
        rv = APR_ECONNABORTED;
    return rv;
}

/*
 * HEAD of a stream: the headers are out, made of as much as GET's are; the rest would be for
 * nobody. Other answers are made to their end, so that a filter that knows the length of what it
 * makes of them (mod_deflate) knows the same one.
 */
#define NO_MORE APR_EOF

static int is_heads_stream(const wfm_sink_t *sink)
{
    const wfm_route_t *route = sink->rq->route;

    return sink->r->header_only && route && route->answer->flags & API_STREAM;
}

static apr_status_t flush(void *ctx, const char *data, apr_size_t len, int push)
{
    wfm_sink_t *sink = ctx;
    apr_status_t rv;

    if (!wfm_sink_is_permitted(sink)) /* the handler may stop; request.c says why */
        return APR_EGENERAL;
    commit(sink);
    append(sink, data, len);
    if (push || is_heads_stream(sink)) /* who sees an end that is none would count to it */
        APR_BRIGADE_INSERT_TAIL(sink->bb, apr_bucket_flush_create(sink->bb->bucket_alloc));
    rv = pass(sink, 0);
    return rv == APR_SUCCESS && is_heads_stream(sink) ? NO_MORE : rv;
}

void wfm_sink_init(wfm_sink_t *sink, request_rec *r, wfm_request_t *rq)
{
    sink->r = r;
    sink->rq = rq;
    sink->committed = 0;
    sink->began = wfm_clock_now();
    sink->bb = apr_brigade_create(r->pool, r->connection->bucket_alloc);
    wfm_out_init(&sink->out, apr_palloc(r->pool, WFM_SINK_BUFFER), WFM_SINK_BUFFER, flush, sink);
    rq->out = &sink->out;
}

int wfm_sink_rewind(wfm_sink_t *sink)
{
    if (sink->committed)
        return 0;
    sink->out.len = 0;
    sink->out.status = APR_SUCCESS;
    return 1;
}

/*
 * Less than this (its THRESHOLD_MIN_WRITE) httpd keeps until it has looked for the connection's
 * next request, which a client that does not pipeline sends when it has the answer: that look is a
 * system call for nothing, and what the client could do meanwhile waits for it. A flush would wait
 * for a client that does not read, so there must be room: what is writable has a third of its
 * buffer, which is some KB at least. A stream of HTTP/2 has its own way out.
 */
#define KEPT_BACK 4096

static int is_writable(conn_rec *c)
{
    struct pollfd fd = {.events = POLLOUT};
    apr_socket_t *socket = ap_get_conn_socket(c);

    return socket && apr_os_sock_get(&fd.fd, socket) == APR_SUCCESS && poll(&fd, 1, 0) > 0;
}

static apr_status_t write_now(wfm_sink_t *sink)
{
    conn_rec *c = sink->r->connection;

    if (c->master || sink->r->main || !is_writable(c))
        return APR_SUCCESS;
    APR_BRIGADE_INSERT_TAIL(sink->bb, apr_bucket_flush_create(c->bucket_alloc));
    return ap_pass_brigade(c->output_filters, sink->bb);
}

apr_status_t wfm_sink_finish(wfm_sink_t *sink)
{
    int small = !sink->committed && sink->out.len < KEPT_BACK &&
                !sink->r->connection->data_in_output_filters;
    apr_status_t rv;

    if (sink->out.status != APR_SUCCESS && sink->out.status != NO_MORE)
        return sink->out.status; /* the client is gone: there is nobody to tell the end */
    if (sink->out.status == NO_MORE)
        sink->out.len = 0;
    commit(sink);
    append(sink, sink->out.buf, sink->out.len);
    append_end(sink);
    rv = pass(sink, 1);
    return rv == APR_SUCCESS && small ? write_now(sink) : rv;
}

/* HTTP/1.0 ends a body by closing the connection, as a complete one does. Only a reset differs. */
static void reset_connection(conn_rec *c)
{
    struct linger discard = {.l_onoff = 1, .l_linger = 0};
    apr_socket_t *socket = ap_get_conn_socket(c);
    apr_os_sock_t fd;

    if (socket && apr_os_sock_get(&fd, socket) == APR_SUCCESS)
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &discard, sizeof discard);
    c->aborted = 1; /* no lingering close */
}

void wfm_sink_abort(wfm_sink_t *sink)
{
    /* 502 is the one status for which httpd's chunk filter leaves out the final chunk; anything
     * else would look complete. */
    sink->r->connection->keepalive = AP_CONN_CLOSE;
    APR_BRIGADE_INSERT_TAIL(sink->bb, ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, sink->r->pool,
                                                             sink->bb->bucket_alloc));
    append_end(sink);
    pass(sink, 1);
    if (sink->r->proto_num < HTTP_VERSION(1, 1) && !sink->r->connection->master)
        reset_connection(sink->r->connection);
}
