-- 004_summaries.sql - takes away what ../schema/004_summaries.sql made; the API then answers from the
-- rows alone. Run that one again to make the summaries anew.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
-- Shorter than deadlock_timeout: who waits for whom in vain is this file, and not a collector. It tries again.
SET lock_timeout = '500ms';

-- The tables' schema, where the search path does not lead to it.
SELECT format('SET search_path = %s', string_agg(c.relnamespace::regnamespace::text, ', '))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND to_regclass('github_workflow_configs') IS NULL
HAVING count(*) = 1
\gexec

-- All of it, or none and then again: who reads may hold a table of ours and wait for one of those two.
DO $$
BEGIN
    FOR attempt IN 1..60 LOOP
        BEGIN
            -- In the order in which a collector writes; with the functions go their triggers.
            LOCK TABLE github_workflow_runs, github_workflow_metrics IN ACCESS EXCLUSIVE MODE;
            DROP FUNCTION IF EXISTS wfm_metrics_written(), wfm_runs_written(), wfm_truncated(), wfm_replicated(),
                -- of the first edition
                wfm_metrics_inserted(), wfm_metrics_deleted(), wfm_metrics_truncated(), wfm_runs_changed(), wfm_runs_truncated()
                CASCADE;
            DROP FUNCTION IF EXISTS wfm_summaries_status(), wfm_unclean("char", BIGINT),
                wfm_maintain(), wfm_maintain(BIGINT), wfm_runs_fold(), wfm_metrics_fold(BIGINT, BIGINT, BOOLEAN),
                wfm_metrics_describe(BIGINT, TIMESTAMPTZ[]), wfm_try_fold(TEXT, BIGINT), wfm_watch_partitions(),
                wfm_watch(REGCLASS, TEXT), wfm_mark(TEXT, BIGINT[], TIMESTAMPTZ[]), wfm_restore_trust(),
                wfm_mark_all(), wfm_is_trusted(), wfm_is_watching(), wfm_ground(OID[]), wfm_watched(), wfm_raise_doubt(),
                wfm_object(JSONB), wfm_day_end(TIMESTAMPTZ), wfm_day(TIMESTAMPTZ);
            -- of the first edition
            DROP FUNCTION IF EXISTS wfm_metrics_tend(), wfm_metrics_newest(BIGINT), wfm_dimension_names(JSONB),
                wfm_names(JSONB, JSONB),
                wfm_metrics_fold(BIGINT, TIMESTAMPTZ, BIGINT, BIGINT), wfm_metrics_maintain(BIGINT),
                wfm_metrics_fold(BIGINT, TIMESTAMPTZ, BIGINT, BIGINT, BIGINT), wfm_metrics_written(BIGINT, BIGINT),
                wfm_metrics_fold_days(BIGINT, TIMESTAMPTZ[]), wfm_metrics_try_lock(BIGINT), wfm_overlong(TEXT, TEXT),
                wfm_metrics_folded(BIGINT, TIMESTAMPTZ), wfm_metrics_overlong(BIGINT, TIMESTAMPTZ),
                wfm_metrics_list(BIGINT, TIMESTAMPTZ[]);
            DROP PROCEDURE IF EXISTS wfm_fold_all();
            DROP TABLE IF EXISTS wfm_state, wfm_marks, wfm_metric_days, wfm_metric_totals, wfm_metric_names, wfm_run_counts,
                wfm_metric_sums, wfm_metric_changes, wfm_metric_listed, wfm_metric_inexact, wfm_run_changes;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            IF attempt = 60 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.2);
        END;
    END LOOP;
END
$$;

RESET lock_timeout;
