/*
 * runners.c - owns the endpoint of a config's finished runners, which are rows of Lens' table of
 * workloads. A database without it has none, and the answer says why.
 */
#include "runners.h"
#include "../core/etag.h"
#include <string.h>

static void write_runners(wfm_request_t *rq, wfm_json_t *j, const wfm_result_t *runners)
{
    wfm_json_name(j, "runners");
    wfm_json_array(j);
    for (int i = 0; i < wfm_result_rows(runners) && wfm_result_get(runners, i, 1); i++) {
        wfm_json_object(j);
        api_columns(j, runners, i, 1, rq->route->answer->row->columns->of->columns);
        wfm_json_object_end(j);
    }
    wfm_json_array_end(j);
}

/* @param runners NULL: there is no table of them */
static void answer(wfm_request_t *rq, const wfm_result_t *runners)
{
    const char *total = runners ? wfm_result_get(runners, 0, 0) : "0";
    wfm_json_t j;

    api_begin(rq, &j);
    if (runners) {
        write_runners(rq, &j, runners);
    } else {
        wfm_json_name(&j, "runners");
        wfm_json_array(&j);
        wfm_json_array_end(&j);
    }
    wfm_json_name(&j, "total");
    api_value(&j, API_INT, total, strlen(total));
    wfm_json_name(&j, "limit");
    wfm_json_int64(&j, api_find(rq, "limit")->i);
    if (!runners) {
        wfm_json_name(&j, "message");
        wfm_json_string(&j, API_NO_WORKLOADS);
    }
    api_end(&j);
}

/* Is the table there? 404 unless the config is. */
static wfm_error_t *find_workloads(wfm_request_t *rq, int *there)
{
    wfm_result_t *result;

    WFM_TRY(api_query(rq, WFM_STMT_WORKLOADS_THERE, &result, api_bind_int(rq, "id")));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    *there = *wfm_result_get(result, 0, 0) == 't';
    return NULL;
}

wfm_error_t *api_configs_runners(wfm_request_t *rq)
{
    const char *params[] = {api_bind_int(rq, "id"), api_bind_time(rq, "since"),
                            api_bind_int(rq, "limit")};
    wfm_stmt_t stmt = *wfm_stmt(WFM_STMT_RUNNERS);
    wfm_result_t *result;
    wfm_error_t *err;
    int there = 0;

    stmt.plan_anew = 1; /* a day of millions of workloads, or years of them */
    err = wfm_db_query(&rq->db, &stmt, 3, params, &result);
    if (err && !strcmp(err->sqlstate, "42P01")) {
        WFM_TRY(find_workloads(rq, &there));
        if (there)
            return err;
        if (!api_digest_not_modified(
                rq, wfm_etag_digest(API_NO_WORKLOADS, sizeof API_NO_WORKLOADS - 1)))
            answer(rq, NULL);
        return NULL;
    }
    WFM_TRY(err);
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "config not found");
    if (!api_not_modified(rq, result))
        answer(rq, result);
    return NULL;
}
