/*
 * summaries.c - owns the question whether the summaries can be trusted, and the words for the
 * answer.
 */
#include "summaries.h"
#include <string.h>

#define IN_USE        "in use"
#define NONE          "not installed"
#define OTHER_VERSION "another version"
#define TRIGGER_OFF   "a trigger is off"
#define NO_RIGHTS     "no rights"
#define CHILDREN      "the tables have children"
#define ROW_SECURITY  "row security"
#define SUBSCRIBED    "rows come by a subscription"
#define UNLOGGED      "unlogged, on a standby"
#define DOUBT         "in doubt"

/* Where `make install` puts the migrations. */
#define SCHEMA WFM_SHAREDIR "/schema"

static const struct {
    const char *text, *advice;
} states[WFM_SUMMARIES_STATES] = {
    [WFM_SUMMARIES_UNKNOWN] = {"not looked for yet", NULL},
    [WFM_SUMMARIES_IN_USE] = {IN_USE, NULL},
    [WFM_SUMMARIES_NONE] = {NONE, NULL},
    [WFM_SUMMARIES_OTHER_VERSION] = {OTHER_VERSION,
                                     "they are those of another version, or a part of them is "
                                     "missing: run " SCHEMA "/004_summaries_*.sql again"},
    [WFM_SUMMARIES_TRIGGER_OFF] =
        {TRIGGER_OFF, "a trigger that keeps them is off, so they may be wrong: run " SCHEMA
                      "/004_summaries_*.sql again"},
    [WFM_SUMMARIES_NO_RIGHTS] = {NO_RIGHTS, "the role may not read them: run " WFM_SHAREDIR
                                            "/roles/api_role.sql again"},
    [WFM_SUMMARIES_CHILDREN] = {CHILDREN, "rows of child tables pass them by"},
    [WFM_SUMMARIES_ROW_SECURITY] = {ROW_SECURITY,
                                    "row security hides rows from the role that they count"},
    [WFM_SUMMARIES_SUBSCRIBED] = {SUBSCRIBED,
                                  "a subscription writes the tables and passes them by"},
    [WFM_SUMMARIES_UNLOGGED] = {UNLOGGED,
                                "the database is published, so they are not logged, and a standby "
                                "cannot read them"},
    [WFM_SUMMARIES_DOUBT] = {DOUBT,
                             "they may have missed something, so maintenance looks at every day "
                             "again"},
    [WFM_SUMMARIES_FAILED] = {"gone", "a statement found them gone; they are looked for again"},
};

#define METRICS "to_regclass('github_workflow_metrics')"
#define RUNS    "to_regclass('github_workflow_runs')"

/* A schema is no part of the names: the search path finds them all. */
const char wfm_summaries_look[] =
    "WITH kept AS (SELECT count(to_regclass(t)) AS here,"
    " count(*) FILTER (WHERE has_table_privilege(to_regclass(t), 'SELECT')) AS readable,"
    " pg_is_in_recovery() AND bool_or(c.relpersistence = 'u') AS unlogged"
    " FROM unnest('{wfm_state,wfm_doubt,wfm_marks,wfm_metric_days,wfm_metric_totals,"
    "wfm_metric_names,wfm_run_counts}'::text[]) t LEFT JOIN pg_class c ON c.oid = to_regclass(t)), "
    "triggers AS (SELECT count(*) AS here, count(*) FILTER (WHERE tgenabled = 'A'"
    " OR tgenabled = 'R' AND tgname = 'wfm_replicated') AS on"
    " FROM pg_trigger WHERE tgrelid IN (" METRICS ", " RUNS ") AND tgname IN ('wfm_inserted',"
    " 'wfm_deleted', 'wfm_updated_old', 'wfm_updated_new', 'wfm_truncated', 'wfm_replicated')), "
    "tables AS (SELECT bool_or(c.relhassubclass AND c.relkind = 'r') AS parents,"
    " bool_or(row_security_active(c.oid)) AS secured,"
    " bool_or(EXISTS (SELECT FROM pg_subscription_rel WHERE srrelid = c.oid)) AS subscribed"
    " FROM pg_class c WHERE c.oid IN (" METRICS ", " RUNS ")) "
    "SELECT CASE WHEN kept.here = 0 THEN '" NONE "'"
    " WHEN kept.here < 7 OR triggers.here < 12 THEN '" OTHER_VERSION "'"
    " WHEN triggers.on < 12 THEN '" TRIGGER_OFF "'"
    " WHEN kept.readable < 7 THEN '" NO_RIGHTS "'"
    " WHEN tables.parents THEN '" CHILDREN "'"
    " WHEN tables.secured THEN '" ROW_SECURITY "'"
    " WHEN tables.subscribed THEN '" SUBSCRIBED "'"
    " WHEN kept.unlogged THEN '" UNLOGGED "'"
    " ELSE '" IN_USE "' END FROM kept, triggers, tables";

const char wfm_summaries_ask[] =
    "SELECT state, unclean, coalesce(ceil(extract(epoch FROM oldest)), 0)"
    " FROM wfm_summaries_status()";

const char *wfm_summaries_text(wfm_summaries_e state)
{
    return states[state < WFM_SUMMARIES_STATES ? state : WFM_SUMMARIES_UNKNOWN].text;
}

const char *wfm_summaries_advice(wfm_summaries_e state)
{
    return states[state < WFM_SUMMARIES_STATES ? state : WFM_SUMMARIES_UNKNOWN].advice;
}

wfm_summaries_e wfm_summaries_state(const char *text)
{
    for (int i = WFM_SUMMARIES_IN_USE; i < WFM_SUMMARIES_STATES; i++)
        if (!strcmp(states[i].text, text))
            return (wfm_summaries_e)i;
    return WFM_SUMMARIES_UNKNOWN;
}
