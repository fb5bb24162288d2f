-- 006_backfill.sql - takes away what ../schema/006_backfill.sql made. A task that has not come to its end is forgotten.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- The tables' schema, where the search path does not lead to it.
SELECT format('SET search_path = %s', string_agg(c.relnamespace::regnamespace::text, ', '))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND to_regclass('github_workflow_configs') IS NULL
HAVING count(*) = 1
\gexec

DROP TABLE IF EXISTS wfm_backfill_tasks;

RESET client_min_messages;
