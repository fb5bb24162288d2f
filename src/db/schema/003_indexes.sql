-- 003_indexes.sql - indexes that the API's statements need beyond keys and unique constraints.
--
-- None is made where the table has one that serves as well, whatever its name: deployed databases
-- have some of their own (and the GIN index on dimensions, which is not here). The active schema of a
-- config comes from UNIQUE (config_id, version), read backwards.
--
-- CONCURRENTLY lets writers go on, must stand outside a transaction (in one of psql --single-transaction
-- only small tables get theirs, for which nobody waits long), and leaves an invalid index behind when it is
-- interrupted: such a remnant is dropped first and built again.

\set ON_ERROR_STOP on
SET client_min_messages = warning; -- no "already exists, skipping"

-- The tables' schema comes first: that to which the search path leads, else the only one.
SELECT concat_ws(', ', 'SET search_path = ' || string_agg(c.relnamespace::regnamespace::text, ''),
    nullif(current_setting('search_path'), ''))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND c.oid = coalesce(to_regclass('github_workflow_configs'), c.oid)
    AND c.relnamespace IS DISTINCT FROM to_regnamespace(quote_ident(current_schema()))
HAVING count(*) = 1
\gexec

-- In a transaction now() is when that began, not this statement.
SELECT CASE WHEN now() = statement_timestamp() THEN 'CONCURRENTLY' ELSE '' END AS wfm_concurrently \gset

SELECT format('DROP INDEX %s %s', :'wfm_concurrently', i.indexrelid::regclass)
FROM pg_index i
WHERE NOT i.indisvalid
    AND i.indexrelid IN (
        to_regclass('wfm_runs_config_id'),
        to_regclass('wfm_runs_status_id'),
        to_regclass('wfm_runs_config_status_id'),
        to_regclass('wfm_runs_created_at_id'),
        to_regclass('wfm_runs_config_workload'),
        to_regclass('wfm_runs_config_github_run_id'),
        to_regclass('wfm_metrics_config_timestamp_id'),
        to_regclass('wfm_metrics_run_id'))
\gexec

-- other: what serves as well. Of the columns before the last one a statement wants one value each, so
-- their direction does not matter, or the whole is read backwards.
WITH needed (name, table_name, definition, other) AS (VALUES
    -- GET /runs, newest first: by config, by status, by both, by date.
    ('wfm_runs_config_id', 'github_workflow_runs', '(config_id, id DESC)', '(config_id, id)'),
    ('wfm_runs_status_id', 'github_workflow_runs', '(status, id DESC)', '(status, id)'),
    ('wfm_runs_config_status_id', 'github_workflow_runs', '(config_id, status, id DESC)', '(config_id, status, id)'),
    ('wfm_runs_created_at_id', 'github_workflow_runs', '(created_at, id)', '(created_at DESC, id DESC)'),
    -- GET /repositories/:owner/:repo: the newest of GitHub's runs, and the runs that are of one.
    ('wfm_runs_config_github_run_id', 'github_workflow_runs', '(config_id, github_run_id DESC)',
        '(config_id, github_run_id)'),
    -- Backfill: has a runner a run? Where the unique constraint is by runner set.
    ('wfm_runs_config_workload', 'github_workflow_runs', '(config_id, workload_uid)', '(config_id, workload_uid DESC)'),
    -- Export and dimension values: a config's rows in a range, in the export's order.
    ('wfm_metrics_config_timestamp_id', 'github_workflow_metrics', '(config_id, "timestamp" DESC, id)',
        '(config_id, "timestamp", id DESC)'),
    -- A run's rows.
    ('wfm_metrics_run_id', 'github_workflow_metrics', '(run_id)', '(run_id DESC)')
), large (table_name) AS (
    SELECT 'github_workflow_runs' WHERE EXISTS (SELECT FROM github_workflow_runs OFFSET 10000)
    UNION ALL SELECT 'github_workflow_metrics' WHERE EXISTS (SELECT FROM github_workflow_metrics OFFSET 10000)
)
-- Of a partitioned table PostgreSQL makes none concurrently: writers wait for it.
SELECT CASE WHEN :'wfm_concurrently' = '' AND n.table_name IN (SELECT l.table_name FROM large l) THEN
    format('DO $$ BEGIN RAISE ''%s: who writes into this table would wait while its index is made in a transaction''
        USING HINT = ''Run the migrations outside of one: psql without --single-transaction.''; END $$', n.table_name)
    ELSE format('CREATE INDEX %s IF NOT EXISTS %I ON %I %s', CASE WHEN c.relkind <> 'p' THEN :'wfm_concurrently' END,
    n.name, n.table_name, n.definition) END
FROM needed n JOIN pg_class c ON c.oid = to_regclass(n.table_name)
WHERE NOT EXISTS (
    -- As PostgreSQL writes it: another operator class, collation or place of nulls, more columns and
    -- a condition would all stand there.
    SELECT FROM pg_index i
    WHERE i.indrelid = to_regclass(n.table_name) AND i.indisvalid AND i.indisready AND i.indislive
        AND regexp_replace(pg_get_indexdef(i.indexrelid), '^.* USING btree | WITH \(.*\)$', '', 'g')
            IN (n.definition, n.other))
\gexec

-- Hand over: what belongs to whoever ran a migration, or to a superuser, goes to the tables' owner,
-- whose pg_dump must be able to read it. One statement and so one lock at a time; where one is not free
-- soon, this fails (run it again) rather than hold up those who write.
SET lock_timeout = '500ms';
SELECT format('ALTER %s %s OWNER TO %s', o.kind, o.name, m.relowner::regrole)
FROM pg_class m CROSS JOIN LATERAL (
    SELECT 'TABLE' AS kind, c.oid::regclass::text AS name, c.relowner AS owner FROM pg_class c
    WHERE c.relnamespace = m.relnamespace AND c.relkind IN ('r', 'p') AND (c.relname LIKE 'wfm\_%'
        OR c.relname IN ('github_workflow_configs', 'github_workflow_runs', 'github_workflow_metric_schemas'))
    UNION ALL SELECT 'ROUTINE', p.oid::regprocedure::text, p.proowner FROM pg_proc p
    WHERE p.pronamespace = m.relnamespace AND p.proname LIKE 'wfm\_%') o
WHERE m.oid = to_regclass('github_workflow_metrics') AND o.owner <> m.relowner
    AND EXISTS (SELECT FROM pg_roles r WHERE r.oid = o.owner AND (r.rolsuper OR r.rolname = current_user))
    AND pg_has_role(o.owner, 'MEMBER')
ORDER BY o.kind DESC, o.name
\gexec

RESET lock_timeout;
RESET client_min_messages;
