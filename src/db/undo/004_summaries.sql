-- 004_summaries.sql - takes away what ../schema/004_summaries.sql made; the API then answers from the
-- rows alone. Run that one again to make the summaries anew.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
-- Shorter than deadlock_timeout: rather this fails than a collector. Then run it again.
SET lock_timeout = '500ms';

-- The tables' schema, where the search path does not lead to it.
SELECT format('SET search_path = %s', string_agg(c.relnamespace::regnamespace::text, ', '))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND to_regclass('github_workflow_configs') IS NULL
HAVING count(*) = 1
\gexec

BEGIN;
DROP TRIGGER IF EXISTS wfm_runs_inserted ON github_workflow_runs;
DROP TRIGGER IF EXISTS wfm_runs_updated ON github_workflow_runs;
DROP TRIGGER IF EXISTS wfm_runs_deleted ON github_workflow_runs;
DROP TRIGGER IF EXISTS wfm_runs_truncated ON github_workflow_runs;
DROP TRIGGER IF EXISTS wfm_metrics_inserted ON github_workflow_metrics;
DROP TRIGGER IF EXISTS wfm_metrics_deleted ON github_workflow_metrics;
DROP TRIGGER IF EXISTS wfm_metrics_updated_old ON github_workflow_metrics;
DROP TRIGGER IF EXISTS wfm_metrics_updated_new ON github_workflow_metrics;
DROP TRIGGER IF EXISTS wfm_metrics_truncated ON github_workflow_metrics;
DROP FUNCTION IF EXISTS wfm_metrics_inserted(), wfm_metrics_deleted(), wfm_metrics_truncated(),
    wfm_runs_changed(), wfm_runs_truncated(), wfm_runs_fold(), wfm_metrics_maintain(BIGINT),
    wfm_metrics_written(BIGINT, BIGINT), wfm_metrics_fold(BIGINT, TIMESTAMPTZ, BIGINT, BIGINT, BIGINT),
    wfm_metrics_fold_days(BIGINT, TIMESTAMPTZ[]), wfm_metrics_try_lock(BIGINT),
    wfm_metrics_folded(BIGINT, TIMESTAMPTZ), wfm_metrics_overlong(BIGINT, TIMESTAMPTZ),
    wfm_metrics_describe(BIGINT, TIMESTAMPTZ[]), wfm_metrics_list(BIGINT, TIMESTAMPTZ[]), wfm_overlong(TEXT, TEXT),
    wfm_names(JSONB, JSONB), wfm_dimension_names(JSONB), wfm_object(JSONB), wfm_day_end(TIMESTAMPTZ),
    wfm_day(TIMESTAMPTZ);
-- of former versions
DROP FUNCTION IF EXISTS wfm_metrics_tend(), wfm_metrics_newest(BIGINT),
    wfm_metrics_fold(BIGINT, BIGINT, BOOLEAN), wfm_metrics_fold(BIGINT, TIMESTAMPTZ, BIGINT, BIGINT);
DROP PROCEDURE IF EXISTS wfm_fold_all();
DROP TABLE IF EXISTS wfm_metric_changes, wfm_metric_days, wfm_metric_totals, wfm_metric_names,
    wfm_metric_listed, wfm_metric_inexact, wfm_run_changes, wfm_run_counts;
DROP TABLE IF EXISTS wfm_metric_sums; -- of a former version
COMMIT;

RESET lock_timeout;
