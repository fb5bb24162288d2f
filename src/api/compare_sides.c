/*
 * compare_sides.c - owns by what the runs of a comparison's sides are chosen, and the SQL that
 * chooses them; compare_found.c runs it.
 */
#include "../core/text.h"
#include "compare.h"
#include <apr_strings.h>
#include <string.h>

/* A branch with more runs than this has many of them looked at by their time, not each by itself.
 */
#define FEW_RUNS 500

/* One too many tells that there are more. */
#define MOST_RUNS_AND_ONE " LIMIT " WFM_STRINGIFY(COMPARE_MOST_RUNS) " + 1"

/* ---- what the client chose ---- */

/* The ways to choose a side's runs, and what each is asked with; the first is what it needs. */
static const struct {
    const char *names[2];
} ways[] = {{{"run"}}, {{"sha"}}, {{"branch", "last"}}, {{"start", "end"}}};

#define WAYS (sizeof ways / sizeof *ways)

enum { BY_RUN, BY_SHA, BY_BRANCH, BY_TIME };

static int is_given(const wfm_arg_t *arg)
{
    return arg->set && (arg->names || arg->len);
}

/* Which way? -1: none, -2: several */
static int way_of(const compare_side_t *side)
{
    int way = -1;

    for (int i = 0; i < (int)WAYS; i++) {
        int given = is_given(wfm_args_get(&side->args, ways[i].names[0])) ||
                    (i == BY_TIME && is_given(wfm_args_get(&side->args, ways[i].names[1])));

        if (given)
            way = way == -1 ? i : -2;
    }
    return way;
}

/* The side's inputs under names without the side's. */
static void take_args(compare_side_t *side, const wfm_args_t *params, apr_pool_t *p)
{
    apr_size_t len = strlen(side->name);

    side->args = (wfm_args_t){apr_pcalloc(p, (apr_size_t)params->n * sizeof(wfm_arg_t)), 0};
    for (int i = 0; i < params->n; i++) {
        const wfm_arg_t *arg = &params->args[i];

        if (strncmp(arg->name, side->name, len) || arg->name[len] != '_')
            continue;
        side->args.args[side->args.n] = *arg;
        side->args.args[side->args.n++].name = arg->name + len + 1;
    }
}

static void check_side(compare_side_t *side, apr_pool_t *p, wfm_error_t **err)
{
    int way = way_of(side);

    if (way < 0)
        wfm_error_field(
            err, p, side->name,
            "must be chosen in %s: by %s_run, by %s_sha, by %s_branch (and %s_last), or by "
            "%s_start and %s_end",
            way == -1 ? "one way" : "one way, not in several", side->name, side->name, side->name,
            side->name, side->name, side->name);
    else if (way != BY_BRANCH && wfm_args_is_set(&side->args, "last"))
        wfm_error_field(err, p, apr_pstrcat(p, side->name, "_last", NULL), "is for %s_branch only",
                        side->name);
}

/* In place of what the side was chosen by: the same runs. */
static void choose_ids(compare_side_t *side, apr_pool_t *p, const char *ids, apr_size_t len)
{
    char *rest = apr_pstrmemdup(p, ids, len), *id;
    wfm_arg_t *run;

    for (int i = 0; i < side->args.n; i++)
        side->args.args[i].set = 0;
    run = (wfm_arg_t *)wfm_args_get(&side->args, "run");
    run->set = 1;
    run->names = apr_array_make(p, 8, sizeof(const char *));
    while ((id = apr_strtok(rest, ",", &rest)))
        APR_ARRAY_PUSH(run->names, const char *) = id;
}

wfm_error_t *api_compare_choose(compare_t *c, const char *after)
{
    wfm_request_t *rq = c->chart.rq;
    const char *slash = after ? strchr(after, '/') : NULL;
    wfm_error_t *err = NULL;

    c->is_paged = after != NULL;
    for (int i = 0; i < COMPARE_SIDES; i++) {
        compare_side_t *side = &c->sides[i];
        const wfm_args_t *const inputs[] = {&side->args, &rq->params};

        take_args(side, &rq->params, rq->pool);
        check_side(side, rq->pool, &err);
        if (err)
            continue;
        if (slash && i == COMPARE_BASE)
            choose_ids(side, rq->pool, after, (apr_size_t)(slash - after));
        else if (slash)
            choose_ids(side, rq->pool, slash + 1, strcspn(slash + 1, " "));
        WFM_TRY(api_selection_make(&side->selection, rq->pool, API_OF_CONFIG,
                                   api_bind_int(rq, "id"), inputs, 2));
    }
    return err;
}

/* ---- the runs' statement; $1 is the config ---- */

/* The instant of the first of run r's rows of the config. The subquery keeps PostgreSQL from
 * looking for it among all of the config's rows, in their order. */
#define FIRST_ROW                                                                                  \
    " CROSS JOIN LATERAL (SELECT min(t) AS at FROM (SELECT m.\"timestamp\" AS t FROM"              \
    " github_workflow_metrics m WHERE m.run_id = r.id AND m.config_id = $1::bigint"                \
    " AND m." WFM_SQL_TIME_SAYABLE " OFFSET 0) m) f"
#define COMPLETED " r.status = 'completed' AND f.at IS NOT NULL"

/* Newer databases have runs without a config, whose rows know theirs. */
#define OF_CONFIG "(r.config_id = $1::bigint OR r.config_id IS NULL OR r.config_id = 0)"

static const char *text_of(const compare_side_t *side, const char *name)
{
    return wfm_args_get(&side->args, name)->s;
}

static void add_by_run(const compare_side_t *side, wfm_sql_t *q)
{
    wfm_sql_add(q, "SELECT r.id, f.at FROM github_workflow_runs r" FIRST_ROW " WHERE r.id = ANY (");
    wfm_sql_bind(q, wfm_sql_array(q->pool, wfm_args_get(&side->args, "run")->names), "bigint[]");
    wfm_sql_add(q, ") AND" COMPLETED);
}

static void add_by_sha(const compare_side_t *side, wfm_sql_t *q)
{
    wfm_sql_add(q, "SELECT r.id, f.at FROM github_workflow_runs r" FIRST_ROW " WHERE " OF_CONFIG);
    wfm_sql_and(q, "r.head_sha =", text_of(side, "sha"), "text");
    wfm_sql_add(q, " AND" COMPLETED MOST_RUNS_AND_ONE);
}

/* Runs of which a row lies in the range, and so perhaps the first one. */
static void add_by_time(const compare_side_t *side, wfm_sql_t *q)
{
    const api_range_t *range = &side->selection.range;

    wfm_sql_add(q, "SELECT r.id, f.at FROM (SELECT DISTINCT m.run_id FROM github_workflow_metrics m"
                   " WHERE m.config_id = $1::bigint");
    api_where_time(&side->selection, q);
    wfm_sql_add(q,
                ") m JOIN github_workflow_runs r ON r.id = m.run_id" FIRST_ROW " WHERE" COMPLETED);
    if (range->start)
        wfm_sql_and(q, "f.at >=", wfm_time_bind(q->pool, *range->start), "timestamptz");
    if (range->end)
        wfm_sql_and(q, "f.at <=", wfm_time_bind(q->pool, *range->end), "timestamptz");
    wfm_sql_add(q, MOST_RUNS_AND_ONE);
}

/*
 * The newest runs by the time of their first row, which no index has. Of a branch with few runs
 * each one is looked at. Else the newest ones by when they were run are a guess, with the time of
 * the last of those wanted; and every run that is newer has rows from then on: their instants are
 * walked through from the newest one, by the index, and the runs that they are of looked at.
 */
static void add_by_branch(const compare_side_t *side, wfm_sql_t *q)
{
    apr_int64_t last = wfm_args_int(&side->args, "last");
    const char *s = side->name;

    wfm_sql_texts(q, "SELECT id, at FROM (SELECT id, at FROM ", s, "_guess UNION SELECT r.id, f.at",
                  " FROM (SELECT DISTINCT m.run_id FROM ", s, "_walk w CROSS JOIN LATERAL",
                  " (SELECT m.run_id FROM github_workflow_metrics m WHERE m.config_id = $1::bigint",
                  " AND m.\"timestamp\" = w.at OFFSET 0) m) m JOIN ", s,
                  "_all r ON r.id = m.run_id", FIRST_ROW,
                  " WHERE f.at IS NOT NULL) r ORDER BY at DESC, id DESC LIMIT ");
    wfm_sql_int(q, last);
}

/* WITH items for it, each with a comma behind it. */
static void add_branch_items(const compare_side_t *side, wfm_sql_t *q)
{
    apr_int64_t last = wfm_args_int(&side->args, "last");
    const char *s = side->name;

    wfm_sql_texts(
        q, s,
        "_all AS MATERIALIZED (SELECT r.id, coalesce(r.workload_completed_at,"
        " r.workload_started_at, r.created_at) AS about FROM github_workflow_runs r WHERE ",
        OF_CONFIG, " AND r.status = 'completed'");
    wfm_sql_and(q, "r.head_branch =", text_of(side, "branch"), "text");
    wfm_sql_texts(q, "), ", s, "_guess AS MATERIALIZED (SELECT r.id, f.at FROM (SELECT id FROM ", s,
                  "_all ORDER BY about DESC, id DESC LIMIT CASE WHEN (SELECT count(*) FROM ", s,
                  "_all) > " WFM_STRINGIFY(FEW_RUNS) " THEN ");
    wfm_sql_int(q, last);
    wfm_sql_texts(q, " END) r" FIRST_ROW " WHERE f.at IS NOT NULL), ", s,
                  "_since AS MATERIALIZED (SELECT coalesce((SELECT at FROM ", s,
                  "_guess ORDER BY at DESC OFFSET ");
    wfm_sql_int(q, last - 1);
    wfm_sql_texts(
        q, " LIMIT 1), '-infinity') AS at), ", s,
        "_walk AS (SELECT max(m.\"timestamp\") AS at FROM github_workflow_metrics m"
        " WHERE m.config_id = $1::bigint AND m." WFM_SQL_TIME_SAYABLE " AND (SELECT count(*) FROM ",
        s, "_all) > " WFM_STRINGIFY(FEW_RUNS) " UNION ALL SELECT (SELECT max(m.\"timestamp\")",
        " FROM github_workflow_metrics m WHERE m.config_id = $1::bigint AND",
        " m.\"timestamp\" < w.at AND m." WFM_SQL_TIME_SAYABLE ") FROM ", s,
        "_walk w WHERE w.at >= (SELECT at FROM ", s, "_since)), ");
}

void api_compare_add_side(const compare_side_t *side, wfm_sql_t *q)
{
    static void (*const adds[])(const compare_side_t *, wfm_sql_t *) = {[BY_RUN] = add_by_run,
                                                                        [BY_SHA] = add_by_sha,
                                                                        [BY_BRANCH] = add_by_branch,
                                                                        [BY_TIME] = add_by_time};
    int way = way_of(side);

    if (way == BY_BRANCH)
        add_branch_items(side, q);
    wfm_sql_texts(q, side->name, " AS MATERIALIZED (");
    adds[way](side, q);
    wfm_sql_add(q, "), ");
}

int api_compare_is_by_run(const compare_side_t *side)
{
    return way_of(side) == BY_RUN;
}

const char *api_compare_chosen_by(const compare_side_t *side, apr_pool_t *p)
{
    static const char *const words[] = {
        [BY_RUN] = "run", [BY_SHA] = "sha", [BY_BRANCH] = "branch", [BY_TIME] = "start"};
    const char *name = words[way_of(side)];

    if (!wfm_args_is_set(&side->args, name))
        name = "end";
    return apr_pstrcat(p, side->name, "_", name, NULL);
}
