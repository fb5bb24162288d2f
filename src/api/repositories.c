/*
 * repositories.c - owns the endpoints of repositories: what the cluster's configs of one owner and
 * repository have together.
 *
 * There is no table of them. Their names are compared exactly, as GET /configs does; a config whose
 * owner or repository is empty is of none. When the newest run was created its id says, as in lists
 * of runs.
 */
#include "../core/text.h"
#include "api.h"
#include <apr_strings.h>

static wfm_error_t *build_list(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    const char *part = api_bind_filled(rq, "q");

    wfm_sql_fixed(q, wfm_stmt(summed ? WFM_STMT_REPOSITORIES_SUMMED : WFM_STMT_REPOSITORIES));
    wfm_sql_param(q, rq->cluster);
    wfm_sql_param(q, api_bind_filled(rq, "github_owner"));
    wfm_sql_param(q, part ? wfm_text_like(rq->pool, part) : NULL);
    wfm_sql_param(q, api_bind_int(rq, "offset"));
    wfm_sql_param(q, api_bind_int(rq, "limit"));
    return NULL;
}

wfm_error_t *api_repositories_list(wfm_request_t *rq)
{
    static const api_page_t page = {.alias = "p"}; /* the statement has cut it */
    wfm_result_t *result;

    WFM_TRY(api_run_summed(rq, build_list, &result));
    return api_answer_page(rq, &page, result);
}

static wfm_error_t *build_one(wfm_request_t *rq, wfm_sql_t *q, int summed)
{
    wfm_sql_fixed(q, wfm_stmt(summed ? WFM_STMT_REPOSITORY_SUMMED : WFM_STMT_REPOSITORY));
    wfm_sql_param(q, rq->cluster);
    wfm_sql_param(q, api_find(rq, "owner")->s);
    wfm_sql_param(q, api_find(rq, "repo")->s);
    return NULL;
}

/* The rows of a kind, which are the result's next, as an array; returns the row behind them. */
static int write_rows(wfm_json_t *j, const char *key, const wfm_result_t *r, int row, char kind,
                      const api_shape_t *shape)
{
    wfm_json_key(j, key);
    wfm_json_array(j);
    for (; row < wfm_result_rows(r) && *wfm_result_get(r, row, 0) == kind; row++) {
        wfm_json_object(j);
        api_columns(j, r, row, 1, shape->columns);
        wfm_json_object_end(j);
    }
    wfm_json_array_end(j);
    return row;
}

wfm_error_t *api_repositories_get(wfm_request_t *rq)
{
    wfm_result_t *result;
    wfm_json_t j;
    int row;

    WFM_TRY(api_run_summed(rq, build_one, &result));
    if (!wfm_result_rows(result))
        return wfm_error_make(rq->pool, WFM_NOT_FOUND, "repository not found");
    if (api_not_modified(rq, result))
        return NULL;
    api_begin(rq, &j);
    api_columns(&j, result, 0, 1, rq->route->answer->row->columns);
    row = write_rows(&j, "config_list", result, 1, 'c', &shape_repository_config);
    write_rows(&j, "github_runs", result, row, 'g', &shape_github_run);
    api_end(&j);
    return NULL;
}
