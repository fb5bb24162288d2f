/*
 * next.c - owns the wait for a connection's next request: for whom, how long, and when not at all.
 *
 * When a request is over, httpd looks for the next one with a read that does not block. A filter of
 * the connection makes that read wait. By then the request has been logged, with the time it took;
 * only mod_status counts the wait as the request's.
 */
#include "next.h"
#include "../core/clock.h"
#include <ap_mpm.h>
#include <apr_atomic.h>
#include <apr_portable.h>
#include <http_config.h>
#include <http_connection.h>
#include <http_core.h>
#include <http_log.h>
#include <poll.h>
#include <util_filter.h>

APLOG_USE_MODULE(wfmetrics);

/* The least that poll can wait for but nothing, and many times what such a client takes. */
#define SOON_MS 1

/** Of a connection. */
typedef struct next_t {
    apr_time_t answered; /* the last answer was out, by core/clock.h */
    int filtered;        /* its reads come through the filter */
    int soon;            /* the next read that does not block may wait */
} next_t;

static ap_filter_rec_t *filter;

/* Of this child, for good: how many threads it has; 0: its MPM has no listener apart from them. */
static apr_uint32_t threads;

/* Of this child, now. */
static volatile apr_uint32_t connections;

static apr_status_t uncount(void *data)
{
    (void)data;
    apr_atomic_dec32(&connections);
    return APR_SUCCESS;
}

static int count(conn_rec *c, void *socket)
{
    (void)socket;
    if (threads && !c->master) {
        apr_atomic_inc32(&connections);
        apr_pool_cleanup_register(c->pool, NULL, uncount, apr_pool_cleanup_null);
    }
    return OK;
}

/*
 * Can each connection of this child have a thread, with a quarter left? Where there are more, they
 * must take turns: httpd accepts no more of them than it has threads for, and closes those that are
 * idle.
 */
static int are_few(void)
{
    return apr_atomic_read32(&connections) <= threads - threads / 4;
}

/* Has something come, if one waits for it? */
static int comes(conn_rec *c)
{
    apr_socket_t *socket = ap_get_conn_socket(c);
    struct pollfd fd = {.events = POLLIN};

    if (!are_few() || !socket || apr_os_sock_get(&fd.fd, socket) != APR_SUCCESS)
        return 0;
    ap_log_cerror(APLOG_MARK, APLOG_TRACE3, 0, c, "wfmetrics: waiting for the next request");
    return poll(&fd, 1, SOON_MS) > 0;
}

static apr_status_t read_next(ap_filter_t *f, apr_bucket_brigade *bb, ap_input_mode_t mode,
                              apr_read_type_e block, apr_off_t bytes)
{
    next_t *next = f->ctx;
    int may_wait = next->soon && mode == AP_MODE_SPECULATIVE && block == APR_NONBLOCK_READ;
    apr_status_t rv = ap_get_brigade(f->next, bb, mode, block, bytes);

    next->soon = 0;
    if (may_wait && (APR_STATUS_IS_EAGAIN(rv) || (rv == APR_SUCCESS && APR_BRIGADE_EMPTY(bb))) &&
        comes(f->c))
        rv = ap_get_brigade(f->next, bb, mode, block, bytes);
    return rv;
}

static void count_threads(apr_pool_t *pchild, server_rec *s)
{
    int async = 0, n = 0;

    (void)pchild;
    (void)s;
    ap_mpm_query(AP_MPMQ_IS_ASYNC, &async);
    ap_mpm_query(AP_MPMQ_MAX_THREADS, &n);
    threads = async && n > 0 ? (apr_uint32_t)n : 0;
}

void wfm_next_register(void)
{
    filter = ap_register_input_filter("WFMETRICS_NEXT", read_next, NULL, AP_FTYPE_CONNECTION);
    ap_hook_pre_connection(count, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(count_threads, NULL, NULL, APR_HOOK_MIDDLE);
}

static next_t *next_of(conn_rec *c)
{
    next_t *next = ap_get_module_config(c->conn_config, &wfmetrics_module);

    if (!next) {
        next = apr_pcalloc(c->pool, sizeof *next);
        ap_set_module_config(c->conn_config, &wfmetrics_module, next);
    }
    return next;
}

void wfm_next_expect(request_rec *r, apr_time_t began)
{
    conn_rec *c = r->connection;
    next_t *next = next_of(c);

    next->soon = threads && began - next->answered < apr_time_from_msec(SOON_MS);
    if (next->soon && !next->filtered) {
        ap_add_input_filter_handle(filter, next, NULL, c);
        next->filtered = 1;
    }
    next->answered = wfm_clock_now();
}
