-- 003_indexes.sql - takes away the indexes that ../schema/003_indexes.sql made.

\set ON_ERROR_STOP on
SET client_min_messages = warning; -- no "does not exist, skipping"

-- The tables' schema comes first: that to which the search path leads, else the only one.
SELECT concat_ws(', ', 'SET search_path = ' || string_agg(c.relnamespace::regnamespace::text, ''),
    nullif(current_setting('search_path'), ''))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND c.oid = coalesce(to_regclass('github_workflow_configs'), c.oid)
    AND c.relnamespace IS DISTINCT FROM to_regnamespace(quote_ident(current_schema()))
HAVING count(*) = 1
\gexec

DROP INDEX CONCURRENTLY IF EXISTS wfm_runs_config_id;
DROP INDEX CONCURRENTLY IF EXISTS wfm_runs_status_id;
DROP INDEX CONCURRENTLY IF EXISTS wfm_runs_config_status_id;
DROP INDEX CONCURRENTLY IF EXISTS wfm_runs_created_at_id;
DROP INDEX CONCURRENTLY IF EXISTS wfm_runs_config_github_run_id;
DROP INDEX CONCURRENTLY IF EXISTS wfm_runs_config_workload;
DROP INDEX CONCURRENTLY IF EXISTS wfm_metrics_config_timestamp_id;
DROP INDEX CONCURRENTLY IF EXISTS wfm_metrics_run_id;

RESET client_min_messages;
