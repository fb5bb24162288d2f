-- 004_summaries.sql - takes away what ../schema/004_summaries_*.sql made; the API then answers from the
-- rows alone. Run those again to make the summaries anew.

\set ON_ERROR_STOP on
SET client_min_messages = warning;
-- After a migration that runs.
DO $$ BEGIN SET LOCAL lock_timeout = '5min'; PERFORM pg_advisory_lock(hashtextextended('wfm_migration', 0)); END $$;
-- Shorter than deadlock_timeout: who waits for whom in vain is this file, and not a collector. It tries again.
SET lock_timeout = '500ms';

-- The tables' schema comes first: that to which the search path leads, else the only one.
SELECT concat_ws(', ', 'SET search_path = ' || string_agg(c.relnamespace::regnamespace::text, ''),
    nullif(current_setting('search_path'), ''))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND c.oid = coalesce(to_regclass('github_workflow_configs'), c.oid)
    AND c.relnamespace IS DISTINCT FROM to_regnamespace(quote_ident(current_schema()))
HAVING count(*) = 1
\gexec

-- All of it, or none and then again: who reads may hold a table of ours and wait for one of those two.
DO $$
BEGIN
    FOR attempt IN 1..60 LOOP
        BEGIN
            -- In the order in which a collector writes; with the functions go their triggers.
            LOCK TABLE github_workflow_runs, github_workflow_metrics IN ACCESS EXCLUSIVE MODE;
            EXECUTE coalesce((SELECT string_agg(format('DROP ROUTINE IF EXISTS %s %s;', p.oid::regprocedure,
                    CASE p.prorettype WHEN 'trigger'::regtype THEN 'CASCADE' END), ' ')
                FROM pg_proc p JOIN pg_class t ON t.oid = 'github_workflow_metrics'::regclass
                WHERE p.pronamespace = t.relnamespace AND p.proname LIKE 'wfm\_%'), '');
            EXECUTE coalesce((SELECT string_agg(format('DROP TABLE IF EXISTS %s;', c.oid::regclass), ' ')
                FROM pg_class c JOIN pg_class t ON t.oid = 'github_workflow_metrics'::regclass
                WHERE c.relnamespace = t.relnamespace AND c.relname LIKE 'wfm\_%' AND c.relkind = 'r'
                    AND c.relname NOT IN ('wfm_deleted_configs', 'wfm_backfill_tasks',
                        'wfm_acknowledged_changes')), '');
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

SELECT pg_advisory_unlock(hashtextextended('wfm_migration', 0)) AS wfm_unlocked \gset
RESET lock_timeout;
