/*
 * statements.c - owns the fixed SQL. Every statement is one command, so it is atomic by itself.
 */
#include "statements.h"

/* The schema in force: of several active ones the highest version. Joined by its config `c`. */
#define ACTIVE_SCHEMA(columns)                                                                     \
    "LEFT JOIN LATERAL (SELECT " columns " FROM github_workflow_metric_schemas "                   \
    "  WHERE config_id = c.id AND is_active ORDER BY version DESC, id DESC LIMIT 1) s ON true "

static const wfm_stmt_t statements[WFM_STMT_COUNT] = {
    /* COALESCE reads the row as it is when the lock is got, so concurrent patches of different
     * fields both survive. */
    [WFM_STMT_CONFIG_PATCH] = {"config_patch",
                               "UPDATE github_workflow_configs SET"
                               " name = COALESCE($2::text, name),"
                               " enabled = COALESCE($3::boolean, enabled),"
                               " description = COALESCE($4::text, description),"
                               " file_patterns = COALESCE($5::jsonb, file_patterns),"
                               " updated_at = now() "
                               "WHERE id = $1::bigint "
                               "RETURNING id, name, enabled, updated_at",
                               WFM_WRITES},
    [WFM_STMT_CONFIG_BRIEF] =
        {"config_brief",
         "SELECT id, name, enabled, updated_at FROM github_workflow_configs WHERE id = $1::bigint",
         WFM_READS},
    [WFM_STMT_SCHEMA_ACTIVE] =
        {"schema_active",
         "SELECT s.* FROM github_workflow_configs c " ACTIVE_SCHEMA(
             "id, config_id, name, version, fields, dimension_fields, metric_fields,"
             " is_active, generated_by, created_at") "WHERE c.id = $1::bigint",
         WFM_READS},
    /* The UPDATE's condition decides among concurrent retries: the second one waits for the first
     * one's commit, looks at the row again, and finds it pending. The outer SELECT sees the row as
     * it was. */
    [WFM_STMT_RUN_RETRY] =
        {"run_retry",
         "WITH retried AS ("
         " UPDATE github_workflow_runs SET status = 'pending', error_message = NULL, retry_count = "
         "0,"
         " collection_started_at = NULL, collection_completed_at = NULL, updated_at = now()"
         " WHERE id = $1::bigint AND status = 'failed' RETURNING id) "
         "SELECT retried.id IS NOT NULL, r.id, r.status FROM github_workflow_runs r "
         "LEFT JOIN retried ON retried.id = r.id WHERE r.id = $1::bigint",
         WFM_WRITES},
    [WFM_STMT_EXPORT_SCHEMA] =
        {"export_schema",
         "SELECT s.dimension_fields, s.metric_fields FROM github_workflow_configs c " ACTIVE_SCHEMA(
             "dimension_fields, metric_fields") "WHERE c.id = $1::bigint",
         WFM_READS},
    [WFM_STMT_METRICS_UNKNOWN] =
        {"metrics_unknown",
         "SELECT name FROM unnest($2::text[]) WITH ORDINALITY AS names(name, n) "
         "WHERE NOT EXISTS (SELECT FROM github_workflow_metrics m"
         " WHERE m.config_id = $1::bigint AND m.metrics ? name) ORDER BY n",
         WFM_READS},
};

const wfm_stmt_t *wfm_stmt(wfm_stmt_id_e id)
{
    return &statements[id];
}
