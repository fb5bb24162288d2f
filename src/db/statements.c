/*
 * statements.c - owns the fixed SQL. Every statement is one command, so it is atomic by itself; the
 * two that need a lock first are run as a batch.
 */
#include "statements.h"

/* A statement that does not say how much its rows may be leaves that to the port. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* The schema in force: of several active ones the highest version. Joined by its config `c`. */
#define ACTIVE_SCHEMA(columns)                                                                     \
    "LEFT JOIN LATERAL (SELECT " columns " FROM github_workflow_metric_schemas "                   \
    "  WHERE config_id = c.id AND is_active ORDER BY version DESC LIMIT 1) s ON true "

/* The fields of config $1's active schema, each once: a list holds names, or objects that have one.
 * A collector's may be long: what an export cannot have need not leave the database. */
#define SCHEMA_LISTS                                                                               \
    ACTIVE_SCHEMA("dimension_fields::jsonb AS dimensions, metric_fields::jsonb AS metrics")
#define SCHEMA_NAMES                                                                               \
    "SELECT l.kind, f.name, min(f.place) AS place FROM github_workflow_configs c " SCHEMA_LISTS    \
    "CROSS JOIN LATERAL (VALUES ('d', s.dimensions), ('m', s.metrics)) l (kind, list)"             \
    " CROSS JOIN LATERAL (SELECT e.place, CASE WHEN jsonb_typeof(e.field) = 'string'"              \
    " THEN e.field #>> '{}' WHEN jsonb_typeof(e.field -> 'name') = 'string'"                       \
    " THEN e.field ->> 'name' END AS name FROM jsonb_array_elements("                              \
    "CASE jsonb_typeof(l.list) WHEN 'array' THEN l.list ELSE '[]' END)"                            \
    " WITH ORDINALITY e (field, place)) f"                                                         \
    " WHERE c.id = $1::bigint AND octet_length(f.name) <= 1000 GROUP BY l.kind, f.name"

/* Whole up to 4 MiB: what somebody looks for in it may stand at its end. */
#define WHOLE_MESSAGE                                                                              \
    "(SELECT " WFM_FIELD_UP_TO(                                                                    \
        "4194304",                                                                                 \
        "x.t") " FROM (SELECT to_json(nullif(r.error_message, ''))::text AS t OFFSET 0) x)"

/*
 * The row's version, behind its columns: the transaction that wrote it last, whoever that was. A
 * lock alone changes no version. One that was asked for is compared in the statement that writes:
 * of two at once, the second one waits for the first, and finds another version.
 */
#define VERSION(alias) ", " alias ".xmin "
#define IS_VERSION(alias, asked)                                                                   \
    "(" asked "::text[] IS NULL OR " alias ".xmin::text = ANY (" asked "::text[]))"

#define CONFIG_ROW        WFM_CONFIG_COLUMNS VERSION("c")
#define CONFIG_IS_VERSION IS_VERSION("c", "$2")

/* A failed run as new: the collector skips a pending one whose retries are used up. */
#define RESET_RUN                                                                                  \
    "UPDATE github_workflow_runs SET status = 'pending', error_message = NULL, retry_count = 0,"   \
    " collection_started_at = NULL, collection_completed_at = NULL, updated_at = now() "

/* Before a statement that may wait for a lock while it holds others: who then waits for it in turn
 * must not be the one that PostgreSQL finds in a deadlock, which it looks for after
 * deadlock_timeout. */
#define BRIEFLY                                                                                    \
    "set_config('lock_timeout', greatest(1, least(200, extract(epoch FROM"                         \
    " current_setting('deadlock_timeout')::interval) * 300)::int)::text, true)"

/*
 * A config with its schemas and runs. A collector writes a run, then its config: whoever held the
 * one and waited for the other might have PostgreSQL end the collector. So all that is held is
 * taken at once, or nothing is.
 */
#define HELD(name, table, column)                                                                  \
    name " AS MATERIALIZED (SELECT id FROM " table " WHERE " column                                \
         " = $1::bigint FOR UPDATE NOWAIT)"
#define DELETE_HELD(table, held)                                                                   \
    "DELETE FROM " table " WHERE id IN (SELECT id FROM " held ") AND EXISTS (SELECT FROM config)"
#define DELETE_CONFIG                                                                              \
    HELD("held_runs", "github_workflow_runs", "config_id")                                         \
    ", " HELD("held_schemas", "github_workflow_metric_schemas", "config_id") ", " HELD(            \
        "held", "github_workflow_configs",                                                         \
        "id") ", "                                                                                 \
              "config AS (DELETE FROM github_workflow_configs c WHERE id IN (SELECT id FROM "      \
              "held) AND " CONFIG_IS_VERSION " RETURNING id), "                                    \
              "schemas AS (" DELETE_HELD(                                                          \
                  "github_workflow_metric_schemas",                                                \
                  "held_schemas") "), "                                                            \
                                  "runs AS (" DELETE_HELD("github_workflow_runs", "held_runs") ")"

/* What the API reads of each table: what 001_tables.sql makes. */
#define CONFIG_WANTED                                                                              \
    "id,name,description,runner_set_namespace,runner_set_name,runner_set_uid,github_owner,"        \
    "github_repo,workflow_filter,branch_filter,file_patterns,metric_schema_id,enabled,"            \
    "last_processed_workload_uid,last_checked_at,cluster_name,created_at,updated_at"
#define RUN_WANTED                                                                                 \
    "id,config_id,workload_uid,workload_name,workload_namespace,github_run_id,github_run_number,"  \
    "github_job_id,head_sha,head_branch,workflow_name,status,trigger_source,files_found,"          \
    "files_processed,metrics_count,workload_started_at,workload_completed_at,"                     \
    "collection_started_at,collection_completed_at,error_message,retry_count,created_at,"          \
    "updated_at"
#define SCHEMA_WANTED                                                                              \
    "id,config_id,name,version,fields,dimension_fields,metric_fields,is_active,generated_by,"      \
    "generation_sample_file,created_at,updated_at"
#define METRIC_WANTED                                                                              \
    "id,config_id,run_id,schema_id,timestamp,source_file,dimensions,metrics,raw_data,created_at"

#define CONFIG_OF(id) "SELECT FROM github_workflow_configs WHERE id = " id "::bigint"

static const wfm_stmt_t statements[WFM_STMT_COUNT] = {
    /* A config without a cluster's name counts as this cluster's; the unique constraint, which does
     * not know that, decides between two creations at once. */
    [WFM_STMT_CONFIG_CREATE] =
        {"config_create",
         "INSERT INTO github_workflow_configs AS c (cluster_name, name, description,"
         " runner_set_namespace, runner_set_name, runner_set_uid, github_owner, github_repo,"
         " workflow_filter, branch_filter, file_patterns, enabled) "
         "SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text,"
         " $9::text, $10::text, $11::jsonb, COALESCE($12::boolean, true) "
         "WHERE NOT EXISTS (SELECT FROM github_workflow_configs WHERE runner_set_namespace = "
         "$4::text"
         " AND runner_set_name = $5::text AND cluster_name = '') "
         "ON CONFLICT (runner_set_namespace, runner_set_name, cluster_name) DO NOTHING "
         "RETURNING " CONFIG_ROW,
         WFM_WRITES},
    [WFM_STMT_CONFIG_HOLDER] =
        {"config_holder",
         "SELECT id, name FROM github_workflow_configs WHERE runner_set_namespace = $1::text"
         " AND runner_set_name = $2::text AND cluster_name IN ('', $3::text)"
         " ORDER BY id LIMIT 1",
         WFM_READS},
    [WFM_STMT_CONFIG_GET] = {"config_get",
                             "SELECT " CONFIG_ROW
                             "FROM github_workflow_configs c WHERE c.id = $1::bigint",
                             WFM_READS},
    [WFM_STMT_CONFIG_PUT] =
        {"config_put",
         "UPDATE github_workflow_configs c SET name = $3::text, description = $4::text,"
         " runner_set_namespace = $5::text, runner_set_name = $6::text, runner_set_uid = $7::text,"
         " github_owner = $8::text, github_repo = $9::text, workflow_filter = $10::text,"
         " branch_filter = $11::text, file_patterns = $12::jsonb,"
         " enabled = COALESCE($13::boolean, enabled), updated_at = now() "
         "WHERE c.id = $1::bigint AND " CONFIG_IS_VERSION
         " AND NOT EXISTS (SELECT FROM github_workflow_configs o"
         " WHERE (c.runner_set_namespace, c.runner_set_name) <> ($5::text, $6::text)"
         " AND o.id <> $1::bigint AND o.runner_set_namespace = $5::text"
         " AND o.runner_set_name = $6::text AND o.cluster_name IN ('', $14::text)) "
         "RETURNING " CONFIG_ROW,
         WFM_WRITES},
    [WFM_STMT_CONFIG_PUT_WHY] =
        {"config_put_why",
         "SELECT " CONFIG_IS_VERSION ", o.id, o.name FROM github_workflow_configs c"
         " LEFT JOIN LATERAL (SELECT id, name FROM github_workflow_configs"
         " WHERE runner_set_namespace = $3::text AND runner_set_name = $4::text"
         " AND cluster_name IN ('', $5::text) AND id <> c.id ORDER BY id LIMIT 1) o ON true "
         "WHERE c.id = $1::bigint",
         WFM_READS},
    /* COALESCE reads the row as it is when the lock is got, so concurrent patches of different
     * fields both survive. */
    [WFM_STMT_CONFIG_PATCH] = {"config_patch",
                               "UPDATE github_workflow_configs c SET"
                               " name = COALESCE($3::text, name),"
                               " enabled = COALESCE($4::boolean, enabled),"
                               " description = COALESCE($5::text, description),"
                               " file_patterns = COALESCE($6::jsonb, file_patterns),"
                               " updated_at = now() "
                               "WHERE c.id = $1::bigint AND " CONFIG_IS_VERSION
                               " RETURNING " CONFIG_ROW,
                               WFM_WRITES},
    [WFM_STMT_CONFIG_BRIEF] =
        {"config_brief",
         "SELECT id, name, enabled, updated_at FROM github_workflow_configs WHERE id = $1::bigint",
         WFM_READS},
    [WFM_STMT_LOCK_BRIEFLY] = {"lock_briefly", "SELECT " BRIEFLY, WFM_READS},
    [WFM_STMT_CONFIG_DELETE] = {"config_delete",
                                "WITH " DELETE_CONFIG
                                ", metrics AS (DELETE FROM github_workflow_metrics"
                                " WHERE config_id = $1::bigint AND EXISTS (SELECT FROM config)) "
                                "SELECT id FROM config",
                                WFM_WRITES},
    [WFM_STMT_CONFIG_DELETE_LATER] =
        {"config_delete_later",
         "WITH " DELETE_CONFIG ", later AS (INSERT INTO wfm_deleted_configs (config_id)"
         " SELECT id FROM config ON CONFLICT (config_id) DO UPDATE SET deleted_at = now())"
         " SELECT id FROM config",
         WFM_WRITES},
    [WFM_STMT_CONFIG_STATS] =
        {"config_stats",
         "SELECT c.id, c.name, c.enabled, r.pending, r.completed, r.failed,"
         " (SELECT count(*) FROM github_workflow_metrics WHERE config_id = $1::bigint),"
         " COALESCE(s.id, 0), c.last_checked_at "
         "FROM github_workflow_configs c CROSS JOIN ("
         " SELECT count(*) FILTER (WHERE status = 'pending') AS pending,"
         " count(*) FILTER (WHERE status = 'completed') AS completed,"
         " count(*) FILTER (WHERE status = 'failed') AS failed"
         " FROM github_workflow_runs WHERE config_id = $1::bigint) r " ACTIVE_SCHEMA(
             "id") "WHERE c.id = $1::bigint",
         WFM_READS},
    [WFM_STMT_CONFIG_STATS_SUMMED] =
        {"config_stats_summed",
         "WITH changed AS MATERIALIZED (SELECT day FROM wfm_unclean('m', $1::bigint)),"
         " runs AS MATERIALIZED (SELECT day FROM wfm_unclean('r', $1::bigint)) SELECT c.id, "
         "c.name, c.enabled, r.pending, r.completed, "
         "r.failed,"
         " (SELECT coalesce(sum(n), 0) FROM wfm_metric_days d WHERE d.config_id = $1::bigint"
         " AND d.day NOT IN (SELECT day FROM changed)) + (SELECT count(*) FROM changed d CROSS JOIN"
         " LATERAL (SELECT FROM github_workflow_metrics m WHERE m.config_id = $1::bigint AND"
         " m.\"timestamp\" >= d.day AND m.\"timestamp\" <= wfm_day_end(d.day) OFFSET 0) m),"
         " COALESCE(s.id, 0), c.last_checked_at "
         "FROM github_workflow_configs c CROSS JOIN ("
         " SELECT coalesce(sum(n) FILTER (WHERE status = 'pending'), 0) AS pending,"
         " coalesce(sum(n) FILTER (WHERE status = 'completed'), 0) AS completed,"
         " coalesce(sum(n) FILTER (WHERE status = 'failed'), 0) AS failed"
         " FROM (SELECT status, n FROM wfm_run_counts WHERE level = 2 AND config_id = $1::bigint"
         " UNION ALL SELECT status, -n FROM wfm_run_counts WHERE level = 0 AND config_id = "
         "$1::bigint"
         " AND day IN (SELECT day FROM runs) UNION ALL SELECT m.status, 1 FROM runs CROSS JOIN "
         "LATERAL"
         " (SELECT m.status FROM github_workflow_runs m WHERE m.config_id = $1::bigint AND"
         " m.created_at >= runs.day AND m.created_at <= wfm_day_end(runs.day) OFFSET 0) m) n"
         ") r " ACTIVE_SCHEMA("id") "WHERE c.id = $1::bigint",
         WFM_READS},
    [WFM_STMT_SCHEMA_GET] =
        {"schema_get",
         "SELECT " WFM_SCHEMA_COLUMNS VERSION(
             "s") "FROM github_workflow_metric_schemas s WHERE s.id = $1::bigint",
         WFM_READS},
    [WFM_STMT_SCHEMA_ACTIVE] =
        {"schema_active",
         "SELECT s.id, s.config_id, s.name, s.version, " WFM_SCHEMA_LISTS ", s.is_active,"
         " s.generated_by, s.created_at, s.xmin FROM github_workflow_configs c " ACTIVE_SCHEMA(
             "id, config_id, name, version, fields, dimension_fields, metric_fields,"
             " is_active, generated_by, created_at, xmin") "WHERE c.id = "
                                                           "$1::bigint",
         WFM_READS},
    /* The next version is one more than the highest that is committed: so the highest must not
     * change between looking and writing. The lock is a statement of its own, because a statement
     * sees what was committed when it began, not when it got its lock. It is waited for with
     * nothing else held, so as long as may be; what comes after it is not. */
    [WFM_STMT_SCHEMA_LOCK] = {"schema_lock",
                              "SELECT id, " BRIEFLY " FROM (SELECT id FROM github_workflow_configs"
                              " WHERE id = $1::bigint FOR NO KEY UPDATE) held",
                              WFM_READS},
    [WFM_STMT_SCHEMA_CREATE] =
        {"schema_create",
         "WITH created AS (INSERT INTO github_workflow_metric_schemas (config_id, name, fields,"
         " dimension_fields, metric_fields, is_active, generated_by, version) "
         "SELECT c.id, $2::text, $3::jsonb, COALESCE($4::jsonb, '[]'), COALESCE($5::jsonb, '[]'),"
         " COALESCE($6::boolean, true), 'user', (SELECT COALESCE(max(version), 0) + 1"
         " FROM github_workflow_metric_schemas WHERE config_id = c.id) "
         "FROM github_workflow_configs c WHERE c.id = $1::bigint RETURNING id, version, "
         "is_active), "
         "others AS (UPDATE github_workflow_metric_schemas SET is_active = false, updated_at = "
         "now()"
         " WHERE config_id = $1::bigint AND is_active AND EXISTS (SELECT FROM created WHERE "
         "is_active)), "
         "config AS (UPDATE github_workflow_configs c SET metric_schema_id = created.id,"
         " updated_at = now()"
         " FROM created WHERE c.id = $1::bigint AND created.is_active) "
         "SELECT id, version FROM created",
         WFM_WRITES},
    [WFM_STMT_SCHEMA_LOCK_OWN] =
        {"schema_lock_own",
         "SELECT id, " BRIEFLY " FROM (SELECT id FROM github_workflow_configs"
         " WHERE id = (SELECT config_id FROM github_workflow_metric_schemas"
         " WHERE id = $1::bigint) FOR NO KEY UPDATE) held",
         WFM_READS},
    [WFM_STMT_SCHEMA_ACTIVATE] =
        {"schema_activate",
         "WITH chosen AS (SELECT id, config_id FROM github_workflow_metric_schemas"
         " WHERE id = $1::bigint), "
         "schemas AS (UPDATE github_workflow_metric_schemas s SET is_active = (s.id = chosen.id),"
         " updated_at = now() FROM chosen WHERE s.config_id = chosen.config_id"
         " AND s.is_active <> (s.id = chosen.id)), "
         "config AS (UPDATE github_workflow_configs c SET metric_schema_id = chosen.id,"
         " updated_at = now() FROM chosen"
         " WHERE c.id = chosen.config_id) "
         "SELECT id FROM chosen",
         WFM_WRITES},
    [WFM_STMT_RUN_GET] = {"run_get",
                          "SELECT " WFM_RUN_COLUMNS(WHOLE_MESSAGE)
                              VERSION("r") "FROM github_workflow_runs r " WFM_RUN_CONFIG
                                           "WHERE r.id = $1::bigint",
                          WFM_READS},
    /* The one that is asked for comes first: nobody reads more than a screen of the others. */
    [WFM_STMT_RUN_STATUSES] =
        {"run_statuses",
         "SELECT DISTINCT status, status = $1::text AS wanted FROM github_workflow_runs"
         " ORDER BY wanted DESC, status LIMIT 50",
         WFM_READS},
    [WFM_STMT_RUN_SOURCES] =
        {"run_sources",
         "SELECT DISTINCT trigger_source, trigger_source = $1::text AS wanted"
         " FROM github_workflow_runs ORDER BY wanted DESC, trigger_source LIMIT 50",
         WFM_READS},
    /* The UPDATE's condition decides among concurrent retries: the second one waits for the first
     * one's commit, looks at the row again, and finds it pending. */
    [WFM_STMT_RUN_RETRY] = {"run_retry",
                            "WITH retried AS (" RESET_RUN
                            "WHERE id = $1::bigint AND status = 'failed' RETURNING id) "
                            "SELECT retried.id IS NOT NULL, r.id FROM github_workflow_runs r "
                            "LEFT JOIN retried ON retried.id = r.id WHERE r.id = $1::bigint",
                            WFM_WRITES},
    /* Waits for nobody, so nobody waits for it in vain. What is failed by one snapshot and not
     * retried is somebody else's, or was until now. */
    [WFM_STMT_RUN_BATCH_RETRY] =
        {"run_batch_retry",
         "WITH free AS MATERIALIZED (SELECT id FROM github_workflow_runs"
         " WHERE config_id = $1::bigint AND status = 'failed' FOR NO KEY UPDATE SKIP LOCKED), "
         "retried AS (" RESET_RUN "WHERE id IN (SELECT id FROM free) RETURNING id), "
         "counts AS (SELECT (SELECT count(*) FROM retried) AS retried, (SELECT count(*)"
         " FROM github_workflow_runs WHERE config_id = $1::bigint AND status = 'failed') AS total) "
         "SELECT retried, total - retried, total FROM counts"
         " WHERE EXISTS (SELECT FROM github_workflow_configs WHERE id = $1::bigint)",
         WFM_WRITES},
    [WFM_STMT_SNAPSHOT_BEGIN] = {"snapshot_begin",
                                 "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", WFM_READS},
    /* A stream's rows are to come in an index's order, from the first on and in constant memory.
     * The planner does not know that a dimension's value is a large share of the rows: it would
     * rather read the whole table with several workers, sort, and then begin. What it makes of a
     * row's dimensions it should remember (from PostgreSQL 14 on it can).
     *
     * Where most rows are visited only to be left out, a worker may take half of them, if the
     * server lets queries have any. Then costs are those of rows in memory: with pages, which it
     * takes to come from the disk one after the other, the planner sees nothing to share. Two were
     * slower than one. */
    [WFM_STMT_SNAPSHOT_SETTINGS] =
        {"snapshot_settings",
         "SELECT set_config('statement_timeout', $1::text, true),"
         " set_config('enable_sort', 'off', true),"
         " CASE WHEN current_setting('server_version_num')::int >= 140000"
         " THEN set_config('enable_memoize', 'on', true) END,"
         " set_config('max_parallel_workers_per_gather', CASE WHEN $2::boolean"
         " THEN least(current_setting('max_parallel_workers_per_gather')::int, 1) ELSE 0 END::text,"
         " true),"
         " CASE WHEN $2::boolean THEN set_config('seq_page_cost', '0', true)"
         " || set_config('random_page_cost', '0', true)"
         " || set_config('parallel_tuple_cost', '0.002', true) END",
         WFM_READS},
    [WFM_STMT_EXPORT_SCHEMA] = {"export_schema",
                                "WITH n AS MATERIALIZED (" SCHEMA_NAMES ") SELECT 'c' AS kind,"
                                " (SELECT count(*) FROM n WHERE kind = 'm')::text AS name,"
                                " (SELECT count(*) FROM n WHERE kind = 'd') AS place"
                                " FROM github_workflow_configs WHERE id = $1::bigint"
                                " UNION ALL (SELECT * FROM n WHERE kind = 'd'"
                                " ORDER BY place LIMIT 1601)"
                                " UNION ALL (SELECT * FROM n WHERE kind = 'm'"
                                " AND ($2::text[] IS NULL OR name = ANY ($2::text[]))"
                                " ORDER BY place LIMIT 1601) ORDER BY kind, place",
                                WFM_READS},
    [WFM_STMT_MAINTAIN_FIRST] = {"maintain_first", "SELECT wfm_maintain()", WFM_READS},
    [WFM_STMT_MAINTAIN_CONFIGS] = {"maintain_configs",
                                   "SELECT DISTINCT config_id FROM wfm_marks WHERE \"of\" = 'm'"
                                   " AND config_id > $1::bigint ORDER BY 1",
                                   WFM_READS},
    [WFM_STMT_MAINTAIN_SETTINGS] = {"maintain_settings",
                                    "SELECT set_config('statement_timeout', $1::text, true)",
                                    WFM_READS},
    /* It writes, but nothing that a client sees: it may be sent twice, and be broken off. */
    [WFM_STMT_MAINTAIN] = {"maintain", "SELECT wfm_maintain($1::bigint)", WFM_READS},
    [WFM_STMT_DELETED_CONFIGS] =
        {"deleted_configs",
         "SELECT config_id FROM wfm_deleted_configs WHERE config_id > $1::bigint ORDER BY 1",
         WFM_READS, 0},
    /* Not more than a thousand rows: the summaries' trigger sums nothing up for so few. One at a
     * time does it, of all httpds. A config that is there again (a backup) keeps its rows. */
    [WFM_STMT_DELETED_METRICS] =
        {"deleted_metrics",
         "WITH mine AS MATERIALIZED (SELECT pg_try_advisory_xact_lock(hashtextextended("
         "'wfm_deleted_configs', $1::bigint)) AND NOT EXISTS (" CONFIG_OF(
             "$1") ") AS yes), "
                   "few AS MATERIALIZED (SELECT id FROM github_workflow_metrics WHERE (SELECT yes "
                   "FROM mine)"
                   " AND config_id = $1::bigint AND \"timestamp\" <= $2::timestamptz"
                   " ORDER BY \"timestamp\" DESC, id LIMIT 1000), "
                   "gone AS (DELETE FROM github_workflow_metrics WHERE id IN (SELECT id FROM few)"
                   " AND config_id = $1::bigint RETURNING \"timestamp\") "
                   "SELECT count(*), min(\"timestamp\") FROM gone",
         WFM_WRITES, 0},
    [WFM_STMT_DELETED_REST] =
        {"deleted_rest",
         "WITH runs AS (DELETE FROM github_workflow_runs WHERE id IN (SELECT id"
         " FROM github_workflow_runs WHERE config_id = $1::bigint"
         " AND NOT EXISTS (" CONFIG_OF(
             "$1") ") LIMIT 1000 FOR UPDATE SKIP LOCKED) RETURNING 1), "
                   "schemas AS (DELETE FROM github_workflow_metric_schemas WHERE id IN (SELECT id"
                   " FROM github_workflow_metric_schemas WHERE config_id = $1::bigint"
                   " AND NOT EXISTS (" CONFIG_OF(
                       "$1") ") FOR UPDATE SKIP LOCKED) RETURNING 1) "
                             "SELECT (SELECT count(*) FROM runs) + (SELECT count(*) FROM schemas)",
         WFM_WRITES, 0},
    /* Whoever did not know of the deletion, and writes on, has known it for long by then. But what
     * is left may be old, too, and another httpd be at it: to this one it looks like nothing. */
    [WFM_STMT_DELETED_FORGET] =
        {"deleted_forget",
         "WITH gone AS (DELETE FROM wfm_deleted_configs WHERE config_id = $1::bigint"
         " AND (EXISTS (" CONFIG_OF(
             "$1") ") OR deleted_at < now() - interval '1 day'"
                   " AND NOT EXISTS (SELECT FROM github_workflow_metrics WHERE config_id = "
                   "$1::bigint)"
                   " AND NOT EXISTS (SELECT FROM github_workflow_runs WHERE config_id = $1::bigint)"
                   " AND NOT EXISTS (SELECT FROM github_workflow_metric_schemas WHERE config_id = "
                   "$1::bigint))"
                   " RETURNING 1) SELECT count(*) FROM gone",
         WFM_WRITES, 0},
    /* A standby that has replayed all it has got is as new as it can know. */
    [WFM_STMT_PROBE] =
        {"probe",
         "SELECT pg_is_in_recovery(), CASE WHEN pg_is_in_recovery() THEN CASE"
         " WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0"
         " ELSE floor(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())"
         " * 1000)::bigint END END",
         WFM_READS, 0},
    /* A table that is there, but in a schema that the role may not enter, is not missing. */
    [WFM_STMT_PROBE_TABLES] =
        {"probe_tables",
         "WITH wanted AS (SELECT t, to_regclass(t) AS oid, unnest(names) AS name FROM (VALUES"
         " ('github_workflow_configs', '{" CONFIG_WANTED "}'::text[]),"
         " ('github_workflow_runs', '{" RUN_WANTED "}'),"
         " ('github_workflow_metric_schemas', '{" SCHEMA_WANTED "}'),"
         " ('github_workflow_metrics', '{" METRIC_WANTED "}')) w (t, names)), "
         "states AS (SELECT t || '.' || name AS name, CASE WHEN oid IS NULL THEN EXISTS (SELECT"
         " FROM pg_class WHERE relname = t AND NOT has_schema_privilege(relnamespace, 'USAGE'))"
         " ELSE a.attnum IS NOT NULL END AS here, coalesce(has_column_privilege(oid, a.attnum,"
         " 'SELECT'), false) AS readable FROM wanted LEFT JOIN pg_attribute a"
         " ON a.attrelid = oid AND a.attname = name AND NOT a.attisdropped) "
         "SELECT string_agg(name, ', ' ORDER BY name) FILTER (WHERE NOT here),"
         " string_agg(name, ', ' ORDER BY name) FILTER (WHERE here AND NOT readable) FROM states",
         WFM_READS, 0},
    [WFM_STMT_METRICS_UNKNOWN] =
        {"metrics_unknown",
         "SELECT name FROM unnest($2::text[]) WITH ORDINALITY AS names(name, n) "
         "WHERE name NOT IN (SELECT key FROM github_workflow_metrics m, LATERAL jsonb_object_keys("
         "CASE jsonb_typeof(m.metrics) WHEN 'object' THEN m.metrics ELSE '{}' END) key"
         " WHERE m.config_id = $1::bigint AND key = ANY ($2::text[])) ORDER BY n",
         WFM_READS},
};

const wfm_stmt_t *wfm_stmt(wfm_stmt_id_e id)
{
    return &statements[id];
}
