/*
 * request.c - owns the course of a request: checking what comes in, in the order path, method,
 * access, cluster, body, inputs; and turning an error into its answer. Every request is counted
 * here. Which requests are the API's is paths.c's, how a body is read body.c's, what the logs say
 * log.c's.
 */
#include "request.h"
#include "../api/api.h"
#include "../api/openapi.h"
#include "../core/clock.h"
#include "../core/pages.h"
#include "../core/text.h"
#include "body.h"
#include "config.h"
#include "errors.h"
#include "log.h"
#include "paths.h"
#include "sink.h"
#include <ap_expr.h>
#include <apr_portable.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>
#include <poll.h>

APLOG_USE_MODULE(wfmetrics);

/* ---- what comes in ---- */

int wfm_request_post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp, server_rec *s)
{
    const wfm_router_t *router = wfm_router_create(pconf, wfm_routes, wfm_routes_count);
    const api_document_t *description = api_openapi_make(pconf, wfm_routes, wfm_routes_count);

    (void)plog;
    (void)ptemp;
    for (; s; s = s->next) {
        wfm_server_config(s)->router = router;
        wfm_server_config(s)->description = description;
    }
    return OK;
}

static wfm_error_t *find_route(request_rec *r, const char *base_path, wfm_match_t *m)
{
    const char *encoded = wfm_path_encoded(r);
    const char *path = wfm_path_below(encoded ? encoded : r->uri, base_path);
    wfm_error_t *err;

    if (!path) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                      "wfmetrics: '%s' is not below '%s': write WfmetricsBasePath in this location",
                      r->uri, base_path);
        return wfm_error_make(r->pool, WFM_NOT_FOUND, "no such endpoint");
    }
    wfm_route_match(wfm_server_config(r->server)->router, r->pool, path, encoded != NULL,
                    wfm_route_method(r->method), m);
    if (!m->methods)
        return wfm_error_make(r->pool, WFM_NOT_FOUND, "no such endpoint");
    if (m->route || r->method_number == M_OPTIONS)
        return NULL;
    err = wfm_error_make(r->pool, WFM_METHOD_NOT_ALLOWED, "method not allowed");
    err->allow = wfm_route_allow(r->pool, m->methods);
    return err;
}

/* A visitor's browser sends his cookie along with what a foreign page makes it send. */
static wfm_error_t *check_origin(request_rec *r, const wfm_origins_t *allowed)
{
    wfm_provenance_t from = {apr_table_get(r->headers_in, "Sec-Fetch-Site"),
                             apr_table_get(r->headers_in, "Origin"),
                             apr_table_get(r->headers_in, "Host")};
    wfm_error_t *err;

    if (wfm_origin_is_trusted(r->pool, &from, allowed))
        return NULL;
    err = wfm_error_make(r->pool, WFM_FORBIDDEN,
                         "requests from pages of another origin may not change anything here");
    err->detail = apr_psprintf(r->pool,
                               "Origin '%.200s', Sec-Fetch-Site '%.20s', Host '%.200s'; "
                               "WfmetricsAllowOrigin lets an origin's pages write",
                               from.origin ? from.origin : "",
                               from.fetch_site ? from.fetch_site : "", from.host ? from.host : "");
    return err;
}

static wfm_error_t *check_access(request_rec *r, const wfm_route_t *route,
                                 const wfm_dir_config_t *conf)
{
    if (route->access == WFM_ACCESS_READ)
        return NULL;
    if ((route->access == WFM_ACCESS_WRITE && !conf->read_only) ||
        (route->access == WFM_ACCESS_INGEST && conf->ingest))
        return check_origin(r, &conf->origins);
    return wfm_error_make(r->pool, WFM_FORBIDDEN,
                          route->access == WFM_ACCESS_INGEST
                              ? "results are not taken here: WfmetricsIngest On would allow it"
                              : "this API is read-only here");
}

/*
 * Has the client closed its connection? A client that only half-closes it counts as gone, as it
 * does for other gateways. An HTTP/2 stream has no socket of its own: there httpd's flag is all
 * there is.
 */
static int is_gone(void *ctx)
{
    conn_rec *c = ((request_rec *)ctx)->connection;
    apr_socket_t *socket = c->master ? NULL : ap_get_conn_socket(c);
    struct pollfd fd = {.events = POLLRDHUP};

    if (c->aborted || !socket || apr_os_sock_get(&fd.fd, socket) != APR_SUCCESS)
        return c->aborted;
    return poll(&fd, 1, 0) > 0;
}

/* For a handler that asks: few do. */
static const apr_array_header_t *served(const wfm_request_t *rq)
{
    request_rec *r = rq->ctx;
    const apr_array_header_t *hosts = wfm_clusters_served(r->pool, r->server);
    apr_array_header_t *clusters = apr_array_make(r->pool, hosts->nelts, sizeof(api_cluster_t));
    wfm_dir_config_t conf;

    wfm_dir_config(r, &conf);
    for (int i = 0; i < hosts->nelts; i++) {
        server_rec *s = APR_ARRAY_IDX(hosts, i, server_rec *);

        APR_ARRAY_PUSH(clusters, api_cluster_t) = (api_cluster_t){
            wfm_cluster(s), s == r->server, conf.read_only, conf.ingest, wfm_meter(s)->counters};
    }
    return clusters;
}

/* A request as the counters see it. */
typedef struct counted_t {
    const wfm_meter_t *meter; /* of the cluster that it is for; NULL: the host has none */
    int in_flight;
    wfm_count_t count;
} counted_t;

/*
 * ?cluster= is every endpoint's, so it is not in the routes' rows. One that does not parse is a
 * fault like any other input's; one that does selects the database.
 */
static wfm_error_t *select_cluster(request_rec *r, wfm_request_t *rq, counted_t *counted,
                                   wfm_error_t **faults)
{
    wfm_error_t *err = NULL;
    const char *name;
    wfm_args_t args;
    server_rec *s;

    wfm_params_parse(r->pool, api_cluster_param, NULL, r->args, rq->limits, &args, faults);
    if (*faults)
        return NULL;
    name = wfm_args_text(&args, "cluster");
    s = wfm_cluster_server(r, name, &err);
    if (err)
        return err;
    counted->meter = wfm_meter(s);
    rq->db = (wfm_db_caller_t){wfm_server_config(s)->source, r->pool, is_gone, r,
                               &counted->count.waited};
    rq->statement_timeout = wfm_server_config(s)->db.statement_timeout;
    rq->cluster = wfm_cluster(s);
    rq->cluster_query =
        name && *name ? apr_pstrcat(r->pool, "?cluster=", ap_escape_urlencoded(r->pool, name), NULL)
                      : "";
    return rq->db.src ? NULL
                      : wfm_error_internal(r->pool, "the cluster has no source in this child");
}

static void begin(counted_t *counted)
{
    if ((counted->in_flight = counted->meter != NULL))
        wfm_meter_gauge(counted->meter, WFM_GAUGE_IN_FLIGHT, 1);
}

/* @param error the error's status, 0: none */
static void end(counted_t *counted, const wfm_sink_t *sink, int error)
{
    const wfm_request_t *rq = sink->rq;
    wfm_count_t *count = &counted->count;

    if (!counted->meter)
        return;
    count->route = rq->route ? (int)(rq->route - wfm_routes) : wfm_routes_count;
    count->status = error ? error : sink->status;
    count->failed = error != 0;
    count->rows = sink->r->header_only ? 0 : rq->exported;
    count->ingested = rq->ingested;
    count->took = wfm_clock_now() - sink->began;
    wfm_meter_count(counted->meter, count);
    if (counted->in_flight) /* what is in flight no more has been counted */
        wfm_meter_gauge(counted->meter, WFM_GAUGE_IN_FLIGHT, -1);
}

/* What a request with much in its body takes, the worker's pools are not to keep. */
static int may_be_large(request_rec *r)
{
    const char *length = apr_table_get(r->headers_in, "Content-Length");

    return !length || strlen(length) > 5;
}

static wfm_error_t *receive(const wfm_request_t *rq, wfm_piece_fn piece, void *ctx)
{
    return wfm_receive_file(rq->ctx, rq->limits->max_upload, piece, ctx);
}

/* The route's body is a file, which its handler reads when all else is right. A client that asked
 * (Expect: 100-continue) has not sent it before. */
static wfm_error_t *take_file_inputs(request_rec *r, const wfm_match_t *m, wfm_request_t *rq,
                                     wfm_error_t *faults)
{
    const wfm_body_spec_t *spec = rq->route->body;
    const char *header = apr_table_get(r->headers_in, spec->header);
    wfm_args_t params, fields;

    apr_pool_create(&rq->inputs, r->pool);
    rq->pool = rq->db.pool = wfm_pages_pool(r->pool);
    wfm_params_parse(r->pool, rq->route->params, m->vars, r->args, rq->limits, &params, &faults);
    wfm_body_header(rq->inputs, spec, header, rq->limits, &fields, &faults);
    rq->params = wfm_args_join(
        r->pool, &params, &fields,
        apr_pstrcat(r->pool, "must not be given here and in the header ", spec->header, NULL),
        &faults);
    rq->has_body = wfm_has_body(r);
    rq->body_type = apr_table_get(r->headers_in, "Content-Type");
    rq->receive = receive;
    return faults;
}

static wfm_error_t *take_inputs(request_rec *r, const wfm_match_t *m, wfm_request_t *rq,
                                wfm_error_t *faults)
{
    json_object *json = NULL;

    if (rq->route->body && rq->route->body->header)
        return take_file_inputs(r, m, rq, faults);
    if (rq->route->body) {
        apr_pool_create(&rq->inputs, r->pool);
        if (may_be_large(r))
            rq->pool = rq->db.pool = wfm_pages_pool(r->pool);
        WFM_TRY(wfm_take_body(r, rq->limits->max_body, rq->route->body, rq->inputs, &json));
    }
    wfm_params_parse(r->pool, rq->route->params, m->vars, r->args, rq->limits, &rq->params,
                     &faults);
    if (rq->route->body)
        WFM_TRY(wfm_body_validate(rq->pool, rq->route->body, json, rq->limits, &rq->body, &faults));
    return faults;
}

/* ---- what goes out ---- */

static wfm_error_t *options(request_rec *r, wfm_request_t *rq, const wfm_match_t *m)
{
    apr_table_setn(rq->headers, "Allow", wfm_route_allow(r->pool, m->methods));
    if (m->methods & WFM_PATCH)
        apr_table_setn(rq->headers, "Accept-Patch", "application/json");
    rq->content_type = NULL;
    return NULL;
}

static wfm_error_t *process(request_rec *r, const wfm_dir_config_t *conf, wfm_request_t *rq,
                            counted_t *counted)
{
    wfm_error_t *faults = NULL;
    wfm_match_t m = {0};

    WFM_TRY(find_route(r, conf->base_path, &m));
    if (r->method_number == M_OPTIONS)
        return options(r, rq, &m);
    rq->route = m.route;
    WFM_TRY(check_access(r, rq->route, conf));
    WFM_TRY(select_cluster(r, rq, counted, &faults));
    begin(counted);
    WFM_TRY(take_inputs(r, &m, rq, faults));
    if (rq->route->access != WFM_ACCESS_READ)
        WFM_TRY(api_check_write(rq));
    return rq->route->handler(rq);
}

static void answer_error(request_rec *r, wfm_request_t *rq, const wfm_error_t *err)
{
    apr_table_clear(rq->headers);
    rq->status = err->status;
    rq->content_type = "application/json";
    if (err->allow)
        apr_table_setn(rq->headers, "Allow", err->allow);
    if (err->status == WFM_UNSUPPORTED_MEDIA_TYPE && r->method_number == M_PATCH)
        apr_table_setn(rq->headers, "Accept-Patch", "application/json");
    if (err->retry_after)
        apr_table_setn(rq->headers, "Retry-After", apr_itoa(r->pool, err->retry_after));
    wfm_error_write(rq->out, err);
}

/* Send what has been written, or the error. Returns the error's status as it is counted, 0: none.
 */
static int finish(request_rec *r, wfm_request_t *rq, wfm_sink_t *sink, const wfm_error_t *err,
                  int *broken)
{
    if (err && err->status == WFM_CLIENT_GONE) { /* there is nobody to tell */
        r->connection->aborted = 1;
        return err->status;
    }
    if (!err && !wfm_sink_is_permitted(sink))
        err = api_unmatched(rq);
    if (err && !wfm_sink_rewind(sink)) {
        wfm_sink_abort(sink);
        *broken = 1;
        return err->status;
    }
    if (err)
        answer_error(r, rq, err);
    if (wfm_sink_finish(sink) != APR_SUCCESS && !err) {
        err =
            wfm_error_make(r->pool, WFM_CLIENT_GONE, "the client left in the middle of the answer");
        wfm_log_error(sink, err);
    }
    return err ? err->status : 0;
}

/*
 * httpd would cut any 200 to the range that is asked for: also the answer of a write that has been
 * made, or one of two exports, which are not one file. Only this request's copy is taken off.
 */
static void ignore_ranges(request_rec *r)
{
    apr_table_unset(r->headers_in, "Range");
    apr_table_unset(r->headers_in, "Request-Range"); /* another name that httpd takes for it */
    apr_table_unset(r->headers_in, "If-Range");
}

int wfm_handler(request_rec *r)
{
    wfm_dir_config_t conf;
    wfm_request_t rq = {.pool = r->pool, .status = WFM_OK};
    counted_t counted = {.meter = wfm_meter(r->server)};
    wfm_sink_t sink;
    wfm_error_t *err;

    if (!r->handler || strcmp(r->handler, WFM_HANDLER))
        return DECLINED;
    ignore_ranges(r);
    wfm_dir_config(r, &conf);
    rq.routes = wfm_routes;
    rq.nroutes = wfm_routes_count;
    rq.limits = &conf.limits;
    rq.description = wfm_server_config(r->server)->description;
    rq.cluster = wfm_cluster(r->server); /* until another one is selected */
    rq.csv_guard = conf.csv_guard;
    rq.base_path = conf.base_path;
    rq.accept = apr_table_get(r->headers_in, "Accept");
    if (r->user && wfm_text_is_utf8(r->user, strlen(r->user)))
        rq.user = r->user;
    if (!wfm_error_replaced(r)) { /* the conditions were about the path that failed */
        rq.if_match = apr_table_get(r->headers_in, "If-Match");
        rq.if_none_match = apr_table_get(r->headers_in, "If-None-Match");
    }
    rq.served = served;
    rq.ctx = r;
    rq.content_type = "application/json";
    rq.headers = apr_table_make(r->pool, 4);
    wfm_sink_init(&sink, r, &rq);

    err = process(r, &conf, &rq, &counted);
    if (err)
        wfm_log_error(&sink, err);
    if (err && rq.receive && may_be_large(r)) /* what is left of a file, nobody wants */
        r->connection->keepalive = AP_CONN_CLOSE;
    wfm_log_notes(r, &rq);
    end(&counted, &sink, finish(r, &rq, &sink, err, &counted.count.broken));
    /* the request's own pool may outlive the answer, until the client's next one */
    if (rq.inputs)
        apr_pool_destroy(rq.inputs);
    if (rq.pool != r->pool)
        apr_pool_destroy(rq.pool);
    return OK; /* what can be said has been said in the answer */
}
