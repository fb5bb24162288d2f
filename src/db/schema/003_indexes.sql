-- 003_indexes.sql - indexes that the API's statements need beyond keys and unique constraints.
--
-- CONCURRENTLY lets writers go on, must stand outside a transaction, and leaves an invalid index
-- behind when it is interrupted: such a remnant is dropped first and built again.
--
-- Not here: the active schema of a config comes from UNIQUE (config_id, version), read backwards;
-- deployed databases have a GIN index on dimensions under a name of their own.

SET client_min_messages = warning; -- no "already exists, skipping"

SELECT format('DROP INDEX CONCURRENTLY %s', i.indexrelid::regclass)
FROM pg_index i
WHERE NOT i.indisvalid
    AND i.indexrelid IN (
        to_regclass('wfm_runs_config_id'),
        to_regclass('wfm_runs_status_id'),
        to_regclass('wfm_runs_config_status_id'),
        to_regclass('wfm_runs_created_at_id'),
        to_regclass('wfm_metrics_config_timestamp_id'),
        to_regclass('wfm_metrics_run_id'))
\gexec

-- GET /runs, newest first: by config, by status, by both, by date.
CREATE INDEX CONCURRENTLY IF NOT EXISTS wfm_runs_config_id
    ON github_workflow_runs (config_id, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS wfm_runs_status_id
    ON github_workflow_runs (status, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS wfm_runs_config_status_id
    ON github_workflow_runs (config_id, status, id DESC);
CREATE INDEX CONCURRENTLY IF NOT EXISTS wfm_runs_created_at_id
    ON github_workflow_runs (created_at, id);

-- Export and dimension values: a config's rows in a range, in the export's order.
CREATE INDEX CONCURRENTLY IF NOT EXISTS wfm_metrics_config_timestamp_id
    ON github_workflow_metrics (config_id, "timestamp" DESC, id);

-- A run's rows.
CREATE INDEX CONCURRENTLY IF NOT EXISTS wfm_metrics_run_id
    ON github_workflow_metrics (run_id);

RESET client_min_messages;
