/*
 * computing.c - owns how long computing may take, and for whom.
 */
#include "computing.h"
#include "../core/clock.h"

/* The client is looked for as often as this: looking takes as long as computing a series. */
#define LOOK_EVERY apr_time_from_msec(10)

void api_computing_begin(api_computing_t *c, wfm_request_t *rq)
{
    *c = (api_computing_t){.rq = rq};
    if (rq->statement_timeout)
        c->deadline = wfm_clock_now() + apr_time_from_msec(rq->statement_timeout);
}

int api_computing_stop(void *ctx)
{
    api_computing_t *c = ctx;
    apr_time_t now = wfm_clock_now();

    if (c->deadline && now >= c->deadline)
        return 1;
    if (now < c->look)
        return 0;
    c->look = now + LOOK_EVERY;
    c->gone = c->rq->db.is_gone && c->rq->db.is_gone(c->rq->db.ctx);
    return c->gone;
}

wfm_error_t *api_computing_stopped(const api_computing_t *c, const char *advice)
{
    if (c->gone)
        return wfm_error_make(c->rq->pool, WFM_CLIENT_GONE, "the client left");
    return wfm_error_make(c->rq->pool, WFM_TIMEOUT, "this took too long to compute: %s", advice);
}
