-- 001_tables.sql - the four tables of GitHub workflow metrics.
--
-- Creates what is missing and touches no row of what is there: the database of a Lens data plane
-- has these tables already. Run this and the files after it with psql, as a superuser or as the
-- tables' owner, as often as one likes. Whoever runs them, the owner gets what they make: each file
-- begins with finding the tables' schema and ends with handing over, in the same words.

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

-- Tables of the same names in a schema of their own would stay empty.
DO $$
DECLARE
    schemas TEXT := (SELECT string_agg(c.relnamespace::regnamespace::text, ', ' ORDER BY 1) FROM pg_class c
        WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p'));
BEGIN
    IF to_regclass('github_workflow_configs') IS NULL AND schemas IS NOT NULL THEN
        RAISE 'github_workflow_configs is in several schemas (%), and the search path leads to none of them', schemas
            USING HINT = 'Say which one: psql "dbname=DATABASE options=-csearch_path=SCHEMA" ...';
    END IF;
END
$$;

-- Whose the tables are that are there; else they will be whose this session is, or where that is a
-- superuser's, whose the database is.
SELECT coalesce((SELECT c.relowner::regrole::text
    FROM unnest('{github_workflow_metrics,github_workflow_runs,github_workflow_configs,github_workflow_metric_schemas}'
        ::text[]) WITH ORDINALITY t (name, place)
    JOIN pg_class c ON c.oid = to_regclass(t.name)
    ORDER BY t.place LIMIT 1),
    (SELECT d.datdba::regrole::text FROM pg_database d JOIN pg_roles r ON r.rolname = current_user AND r.rolsuper
    WHERE d.datname = current_database()), quote_ident(current_user)) AS wfm_owner
\gset

-- Does a publication, or a slot that reads everything, send what is made here to others? They lack it, and would stop.
SELECT to_regclass('pg_catalog.pg_publication_namespace') IS NOT NULL AS wfm_by_schema, false AS wfm_sent \gset
\if :wfm_by_schema
    SELECT EXISTS (SELECT FROM pg_publication_namespace n
        WHERE n.pnnspid = to_regnamespace(quote_ident(current_schema()))) AS wfm_sent \gset
\endif
SELECT :'wfm_sent' OR EXISTS (SELECT FROM pg_publication p WHERE p.puballtables) OR EXISTS (SELECT
    FROM pg_replication_slots s WHERE s.database = current_database() AND s.plugin <> 'pgoutput') AS wfm_sent \gset

\if :{?publications}
\else
    \set publications unknown
\endif
SELECT :'wfm_sent' AND :'publications' <> 'known' AND bool_or(to_regclass(t) IS NULL) AS wfm_refused
FROM unnest('{github_workflow_configs,github_workflow_runs,github_workflow_metric_schemas,github_workflow_metrics}'
    ::text[]) t \gset
\if :wfm_refused
    \warn 'No tables: they would be sent to all who are sent what changes in database' :DBNAME '(a publication of all tables'
    \warn 'or of the schema, or a replication slot), and whoever lacks them would stop. Run this file there first, then here:'
    \warn '    psql -v publications=known ...'
    DO $$ BEGIN RAISE EXCEPTION 'github_workflow_* would be sent to subscribers that may lack them'; END $$;
\endif

CREATE TABLE IF NOT EXISTS github_workflow_configs (
    id BIGSERIAL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    description TEXT,
    runner_set_namespace VARCHAR(255) NOT NULL,
    runner_set_name VARCHAR(255) NOT NULL,
    runner_set_uid VARCHAR(255),
    github_owner VARCHAR(255) NOT NULL,
    github_repo VARCHAR(255) NOT NULL,
    workflow_filter VARCHAR(255),
    branch_filter VARCHAR(255),
    file_patterns JSONB NOT NULL DEFAULT '[]',
    display_settings JSONB NOT NULL DEFAULT '{}',
    metric_schema_id BIGINT,
    enabled BOOLEAN NOT NULL DEFAULT true,
    last_processed_workload_uid VARCHAR(255),
    last_checked_at TIMESTAMPTZ,
    cluster_name VARCHAR(255) NOT NULL DEFAULT '',
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (runner_set_namespace, runner_set_name, cluster_name)
);

-- status: pending, collecting, extracting, completed, failed, skipped.
-- trigger_source: realtime, backfill, manual.
CREATE TABLE IF NOT EXISTS github_workflow_runs (
    id BIGSERIAL PRIMARY KEY,
    config_id BIGINT NOT NULL,
    workload_uid VARCHAR(255) NOT NULL,
    workload_name VARCHAR(255),
    workload_namespace VARCHAR(255),
    github_run_id BIGINT,
    github_run_number INTEGER,
    github_job_id BIGINT,
    head_sha VARCHAR(64),
    head_branch VARCHAR(255),
    workflow_name VARCHAR(255),
    status VARCHAR(50) NOT NULL DEFAULT 'pending',
    trigger_source VARCHAR(50) NOT NULL DEFAULT 'realtime',
    files_found INTEGER NOT NULL DEFAULT 0,
    files_processed INTEGER NOT NULL DEFAULT 0,
    metrics_count INTEGER NOT NULL DEFAULT 0,
    workload_started_at TIMESTAMPTZ,
    workload_completed_at TIMESTAMPTZ,
    collection_started_at TIMESTAMPTZ,
    collection_completed_at TIMESTAMPTZ,
    error_message TEXT,
    retry_count INTEGER NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (config_id, workload_uid)
);

-- generated_by: ai, user, system.
CREATE TABLE IF NOT EXISTS github_workflow_metric_schemas (
    id BIGSERIAL PRIMARY KEY,
    config_id BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    fields JSONB NOT NULL DEFAULT '[]',
    dimension_fields JSONB NOT NULL DEFAULT '[]',
    metric_fields JSONB NOT NULL DEFAULT '[]',
    is_active BOOLEAN NOT NULL DEFAULT true,
    generated_by VARCHAR(50),
    generation_sample_file TEXT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    UNIQUE (config_id, version)
);

CREATE TABLE IF NOT EXISTS github_workflow_metrics (
    id BIGSERIAL PRIMARY KEY,
    config_id BIGINT NOT NULL,
    run_id BIGINT NOT NULL,
    schema_id BIGINT NOT NULL,
    "timestamp" TIMESTAMPTZ NOT NULL,
    source_file VARCHAR(1024),
    dimensions JSONB NOT NULL DEFAULT '{}',
    metrics JSONB NOT NULL DEFAULT '{}',
    raw_data JSONB,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now()
);

SELECT format('ALTER TABLE %s OWNER TO %s', c.oid::regclass, :'wfm_owner')
FROM pg_class c
WHERE c.oid = to_regclass('github_workflow_metrics') AND c.relowner <> :'wfm_owner'::regrole
    AND (c.relowner = current_user::regrole OR EXISTS (SELECT FROM pg_roles r WHERE r.oid = c.relowner AND r.rolsuper))
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
