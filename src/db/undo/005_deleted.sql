-- 005_deleted.sql - takes away what ../schema/005_deleted.sql made. What was left to delete of
-- deleted configs is deleted here, at once: nobody would know of it afterwards.

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

DO $$
BEGIN
    IF to_regclass('wfm_deleted_configs') IS NOT NULL THEN
        -- A config that is there again (from a backup) keeps its rows.
        DELETE FROM github_workflow_metrics m USING wfm_deleted_configs d
        WHERE m.config_id = d.config_id
            AND NOT EXISTS (SELECT FROM github_workflow_configs c WHERE c.id = d.config_id);
        DROP TABLE wfm_deleted_configs;
    END IF;
END
$$;

RESET client_min_messages;
