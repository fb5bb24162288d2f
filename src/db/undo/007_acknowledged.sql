-- 007_acknowledged.sql - takes away what ../schema/007_acknowledged.sql made, and with it what people have written.

\set ON_ERROR_STOP on
SET client_min_messages = warning;

-- The tables' schema comes first: that to which the search path leads, else the only one.
SELECT concat_ws(', ', 'SET search_path = ' || string_agg(c.relnamespace::regnamespace::text, ''),
    nullif(current_setting('search_path'), ''))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND c.oid = coalesce(to_regclass('github_workflow_configs'), c.oid)
    AND c.relnamespace IS DISTINCT FROM to_regnamespace(quote_ident(current_schema()))
HAVING count(*) = 1
\gexec

DROP TABLE IF EXISTS wfm_acknowledged_changes;

RESET client_min_messages;
