-- api_role.sql - the role that the API connects as, with no more rights than it needs.
--
-- Once for each database, after the migrations, as a superuser:
--     sudo -u postgres psql -d lens_mi325_east -v role=wfmetrics -f api_role.sql
-- With -v ingest=1 it may write metric rows, too: where results come in through the API (WfmetricsIngest).
-- Makes the role where it is missing (without a password: set one with \password, or let pg_hba.conf
-- trust the socket's peer), grants, and takes nothing from anyone. May be run again. The tables' owner
-- can run it, too, if the role is there and may connect to the database.

\set ON_ERROR_STOP on
SET client_min_messages = error; -- what could not be granted is looked for at the end
\if :{?role}
\else
    \set role wfmetrics
\endif
\if :{?ingest}
\else
    \set ingest 0
\endif

-- The tables' schema comes first: that to which the search path leads, else the only one.
SELECT concat_ws(', ', 'SET search_path = ' || string_agg(c.relnamespace::regnamespace::text, ''),
    nullif(current_setting('search_path'), ''))
FROM pg_class c
WHERE c.relname = 'github_workflow_configs' AND c.relkind IN ('r', 'p')
    AND c.oid = coalesce(to_regclass('github_workflow_configs'), c.oid)
    AND c.relnamespace IS DISTINCT FROM to_regnamespace(quote_ident(current_schema()))
HAVING count(*) = 1
\gexec

SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') AS wfm_there,
    to_regclass('github_workflow_configs') IS NOT NULL AS wfm_tables,
    (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user) AS wfm_may_create
\gset
\if :wfm_tables
\else
    \warn 'No table github_workflow_configs in database' :DBNAME', or none that the search path leads to.'
    \warn 'Run the migrations first; they are in the directory schema beside the one of this file.'
    DO $$ BEGIN RAISE 'no table github_workflow_configs'; END $$;
\endif
\if :wfm_there
\elif :wfm_may_create
    SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS', :'role')
    \gexec
\else
    \warn 'There is no role' :"role"', and' :USER 'may not make one.'
    \warn 'Run this file as a superuser (sudo -u postgres psql ...), or have one run: CREATE ROLE' :"role" 'LOGIN;'
    \warn 'and run it again.'
    DO $$ BEGIN RAISE 'the role does not exist'; END $$;
\endif

SELECT relnamespace::regnamespace AS wfm_schema FROM pg_class
WHERE oid = 'github_workflow_configs'::regclass
\gset

GRANT CONNECT ON DATABASE :"DBNAME" TO :"role";
GRANT USAGE ON SCHEMA :wfm_schema TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE
    ON github_workflow_configs, github_workflow_metric_schemas, github_workflow_runs TO :"role";
-- The collector writes metric rows; the API reads them and deletes those of a deleted config. Where
-- results come in through it, it writes some itself.
GRANT SELECT, DELETE ON github_workflow_metrics TO :"role";
\if :ingest
    GRANT INSERT ON github_workflow_metrics TO :"role";
\endif

SELECT format('GRANT USAGE ON SEQUENCE %s TO %I', s.name, :'role')
FROM (VALUES (pg_get_serial_sequence('github_workflow_configs', 'id')),
             (pg_get_serial_sequence('github_workflow_metric_schemas', 'id')),
             (pg_get_serial_sequence('github_workflow_runs', 'id')),
             (CASE WHEN :'ingest'::boolean THEN pg_get_serial_sequence('github_workflow_metrics', 'id') END),
             (CASE WHEN to_regclass('wfm_backfill_tasks') IS NOT NULL THEN
                pg_get_serial_sequence('wfm_backfill_tasks', 'id') END),
             (CASE WHEN to_regclass('wfm_acknowledged_changes') IS NOT NULL THEN
                pg_get_serial_sequence('wfm_acknowledged_changes', 'id') END)) AS s (name)
WHERE s.name IS NOT NULL
\gexec

-- Lens' table of workloads, where there is one: runners.
SELECT format('GRANT SELECT ON %s TO %I', to_regclass('gpu_workload'), :'role')
WHERE to_regclass('gpu_workload') IS NOT NULL
\gexec

-- What 004_summaries_*.sql made, where it was run; its functions write with their owner's rights.
SELECT format('GRANT SELECT ON %s TO %I', c.oid::regclass, :'role')
FROM pg_class c
WHERE c.oid IN (to_regclass('wfm_state'), to_regclass('wfm_doubt'), to_regclass('wfm_marks'),
    to_regclass('wfm_metric_days'), to_regclass('wfm_metric_totals'), to_regclass('wfm_metric_names'),
    to_regclass('wfm_run_counts'))
\gexec

-- What 005_deleted.sql made: what is left to delete of deleted configs.
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', to_regclass('wfm_deleted_configs'), :'role')
WHERE to_regclass('wfm_deleted_configs') IS NOT NULL
\gexec

-- What 006_backfill.sql made: the tasks, of which maintenance forgets those of configs that are gone.
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', to_regclass('wfm_backfill_tasks'), :'role')
WHERE to_regclass('wfm_backfill_tasks') IS NOT NULL
\gexec

-- What 007_acknowledged.sql made: the changes that somebody has looked into.
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', to_regclass('wfm_acknowledged_changes'), :'role')
WHERE to_regclass('wfm_acknowledged_changes') IS NOT NULL
\gexec

SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', p.oid::regprocedure, :'role')
FROM pg_proc p
WHERE p.oid IN (to_regprocedure('wfm_maintain()'), to_regprocedure('wfm_maintain(bigint)'),
    -- what reads the summaries, where not everybody may execute functions
    to_regprocedure('wfm_unclean("char",bigint)'), to_regprocedure('wfm_is_trusted()'),
    to_regprocedure('wfm_ground(oid[])'), to_regprocedure('wfm_summaries_status()'),
    to_regprocedure('wfm_day(timestamptz)'), to_regprocedure('wfm_day_end(timestamptz)'),
    to_regprocedure('wfm_object(jsonb)'))
\gexec

-- The API's statements name no schema: where the tables are not in public, its search path leads there.
SELECT format('ALTER ROLE %I IN DATABASE %I SET search_path = %s, public', :'role', current_database(), :'wfm_schema')
WHERE :'wfm_schema' <> 'public' AND (SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user)
\gexec

-- GRANT warns, and does not fail, where one has nothing to grant.
SELECT has_database_privilege(:'role', current_database(), 'CONNECT')
    AND has_schema_privilege(:'role', :'wfm_schema'::regnamespace, 'USAGE') AS wfm_in,
    :'wfm_schema' = 'public' OR EXISTS (SELECT FROM pg_db_role_setting s
        WHERE s.setrole IN (0, :'role'::regrole) AND s.setdatabase IN (0, (SELECT d.oid FROM pg_database d
            WHERE d.datname = current_database()))
            AND array_to_string(s.setconfig, ' ') LIKE '%search_path=%' || :'wfm_schema' || '%') AS wfm_found
\gset
\if :wfm_in
\else
    \warn 'Role' :"role" 'may not connect to database' :"DBNAME"', or not use schema' :wfm_schema', and' :USER
    \warn 'may not grant that. Run this file as a superuser (sudo -u postgres psql ...).'
    DO $$ BEGIN RAISE 'the role does not reach the tables'; END $$;
\endif
\if :wfm_found
\else
    \warn 'The tables are in schema' :wfm_schema', which the search path of role' :"role" 'does not lead to.'
    \warn 'Run this file as a superuser, or write into DBDParams: options=-csearch_path=':wfm_schema
\endif

\if :ingest
    \echo Role :role may read and write configs, schemas, runs and metrics, in database :DBNAME
\else
    \echo Role :role may read and write configs, schemas and runs, and read and delete metrics, in database :DBNAME
\endif
SELECT format('Warning: role %I is a superuser or may create roles or databases; the API needs none of that',
              rolname) AS warning
FROM pg_roles
WHERE rolname = :'role' AND (rolsuper OR rolcreaterole OR rolcreatedb)
\g (format=unaligned tuples_only=on)
RESET client_min_messages;
