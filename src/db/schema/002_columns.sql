-- 002_columns.sql - columns that an older database lacks.
--
-- Only what may be null or has a default can be added to a table with rows; the other columns are
-- as old as the tables. ALTER TABLE takes its exclusive lock even where IF NOT EXISTS then finds
-- nothing to do, so the catalogue is asked first, and a lock that is not free soon fails the
-- migration (run it again) instead of blocking every reader behind it. Each column is a transaction
-- of its own: with one table locked and waiting for another, a collector that has the other might be
-- the one whom PostgreSQL ends for the deadlock.

\set ON_ERROR_STOP on
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

\if :{?publications}
\else
    \set publications unknown
\endif

-- In the order of this list, whatever plan is made of it. Others to whom a table is sent whole, by a publication or a
-- slot that reads all, would stop at a column that they lack: one that the API can do without is left out there, any
-- other one refused, unless they are said to have it.
SELECT CASE WHEN s.sent THEN format('DO $$ BEGIN RAISE %s USING MESSAGE = %L, HINT = %L; END $$',
        CASE c.column_name WHEN 'display_settings' THEN 'WARNING' ELSE 'EXCEPTION' END,
        format('%s lacks the column %s, which is not added: %s', c.table_name, c.column_name,
            'the table is published, and a subscriber that lacked it would stop'),
        'Run this file on the subscribers first, then here with: psql -v publications=known')
    ELSE format('ALTER TABLE %I ADD COLUMN %I %s', c.table_name, c.column_name, c.definition) END
FROM (SELECT row_number() OVER () AS place, v.* FROM (VALUES
    ('github_workflow_configs', 'description', 'TEXT'),
    ('github_workflow_configs', 'runner_set_uid', 'VARCHAR(255)'),
    ('github_workflow_configs', 'workflow_filter', 'VARCHAR(255)'),
    ('github_workflow_configs', 'branch_filter', 'VARCHAR(255)'),
    ('github_workflow_configs', 'file_patterns', 'JSONB NOT NULL DEFAULT ''[]'''),
    ('github_workflow_configs', 'display_settings', 'JSONB NOT NULL DEFAULT ''{}'''),
    ('github_workflow_configs', 'metric_schema_id', 'BIGINT'),
    ('github_workflow_configs', 'enabled', 'BOOLEAN NOT NULL DEFAULT true'),
    ('github_workflow_configs', 'last_processed_workload_uid', 'VARCHAR(255)'),
    ('github_workflow_configs', 'last_checked_at', 'TIMESTAMPTZ'),
    ('github_workflow_configs', 'cluster_name', 'VARCHAR(255) NOT NULL DEFAULT '''''),
    ('github_workflow_configs', 'created_at', 'TIMESTAMPTZ NOT NULL DEFAULT now()'),
    ('github_workflow_configs', 'updated_at', 'TIMESTAMPTZ NOT NULL DEFAULT now()'),
    ('github_workflow_runs', 'workload_name', 'VARCHAR(255)'),
    ('github_workflow_runs', 'workload_namespace', 'VARCHAR(255)'),
    ('github_workflow_runs', 'github_run_id', 'BIGINT'),
    ('github_workflow_runs', 'github_run_number', 'INTEGER'),
    ('github_workflow_runs', 'github_job_id', 'BIGINT'),
    ('github_workflow_runs', 'head_sha', 'VARCHAR(64)'),
    ('github_workflow_runs', 'head_branch', 'VARCHAR(255)'),
    ('github_workflow_runs', 'workflow_name', 'VARCHAR(255)'),
    ('github_workflow_runs', 'status', 'VARCHAR(50) NOT NULL DEFAULT ''pending'''),
    ('github_workflow_runs', 'trigger_source', 'VARCHAR(50) NOT NULL DEFAULT ''realtime'''),
    ('github_workflow_runs', 'files_found', 'INTEGER NOT NULL DEFAULT 0'),
    ('github_workflow_runs', 'files_processed', 'INTEGER NOT NULL DEFAULT 0'),
    ('github_workflow_runs', 'metrics_count', 'INTEGER NOT NULL DEFAULT 0'),
    ('github_workflow_runs', 'workload_started_at', 'TIMESTAMPTZ'),
    ('github_workflow_runs', 'workload_completed_at', 'TIMESTAMPTZ'),
    ('github_workflow_runs', 'collection_started_at', 'TIMESTAMPTZ'),
    ('github_workflow_runs', 'collection_completed_at', 'TIMESTAMPTZ'),
    ('github_workflow_runs', 'error_message', 'TEXT'),
    ('github_workflow_runs', 'retry_count', 'INTEGER NOT NULL DEFAULT 0'),
    ('github_workflow_runs', 'created_at', 'TIMESTAMPTZ NOT NULL DEFAULT now()'),
    ('github_workflow_runs', 'updated_at', 'TIMESTAMPTZ NOT NULL DEFAULT now()'),
    ('github_workflow_metric_schemas', 'version', 'INTEGER NOT NULL DEFAULT 1'),
    ('github_workflow_metric_schemas', 'fields', 'JSONB NOT NULL DEFAULT ''[]'''),
    ('github_workflow_metric_schemas', 'dimension_fields', 'JSONB NOT NULL DEFAULT ''[]'''),
    ('github_workflow_metric_schemas', 'metric_fields', 'JSONB NOT NULL DEFAULT ''[]'''),
    ('github_workflow_metric_schemas', 'is_active', 'BOOLEAN NOT NULL DEFAULT true'),
    ('github_workflow_metric_schemas', 'generated_by', 'VARCHAR(50)'),
    ('github_workflow_metric_schemas', 'generation_sample_file', 'TEXT'),
    ('github_workflow_metric_schemas', 'created_at', 'TIMESTAMPTZ NOT NULL DEFAULT now()'),
    ('github_workflow_metric_schemas', 'updated_at', 'TIMESTAMPTZ NOT NULL DEFAULT now()'),
    ('github_workflow_metrics', 'source_file', 'VARCHAR(1024)'),
    ('github_workflow_metrics', 'dimensions', 'JSONB NOT NULL DEFAULT ''{}'''),
    ('github_workflow_metrics', 'metrics', 'JSONB NOT NULL DEFAULT ''{}'''),
    ('github_workflow_metrics', 'raw_data', 'JSONB'),
    ('github_workflow_metrics', 'created_at', 'TIMESTAMPTZ NOT NULL DEFAULT now()')
) AS v (table_name, column_name, definition)) AS c
CROSS JOIN LATERAL (SELECT :'publications' <> 'known' AND (
    EXISTS (SELECT FROM pg_replication_slots s WHERE s.database = current_database() AND s.plugin <> 'pgoutput')
    OR EXISTS (SELECT FROM pg_publication_tables t JOIN pg_publication p ON p.pubname = t.pubname
        JOIN pg_namespace n ON n.nspname = t.schemaname
        JOIN pg_class k ON k.relname = t.tablename AND k.relnamespace = n.oid
        LEFT JOIN pg_publication_rel r ON r.prpubid = p.oid AND r.prrelid = to_regclass(c.table_name)
        WHERE (k.oid = to_regclass(c.table_name)
                OR k.oid IN (SELECT f.relid FROM pg_partition_tree(to_regclass(c.table_name)) f))
            AND to_jsonb(r) ->> 'prattrs' IS NULL -- a list of columns, from PostgreSQL 15 on
    )) AS sent) s
WHERE NOT EXISTS (
    SELECT FROM pg_attribute a
    WHERE a.attrelid = to_regclass(c.table_name) AND a.attname = c.column_name AND NOT a.attisdropped)
ORDER BY c.place
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
