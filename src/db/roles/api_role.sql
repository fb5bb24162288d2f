-- api_role.sql - the role that the API connects as, with no more rights than it needs.
--
-- Once for each database, as its owner or a superuser:
--     psql -d lens_mi325_east -v role=wfmetrics -f api_role.sql
-- Makes the role where it is missing (without a password: set one with \password, or let pg_hba.conf
-- trust the socket's peer), grants, and takes nothing from anyone. May be run again.

\set ON_ERROR_STOP on
\if :{?role}
\else
    \set role wfmetrics
\endif

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
              :'role')
WHERE NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = :'role')
\gexec

GRANT CONNECT ON DATABASE :"DBNAME" TO :"role";
GRANT USAGE ON SCHEMA public TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE
    ON github_workflow_configs, github_workflow_metric_schemas, github_workflow_runs TO :"role";
-- The collector writes metric rows; the API reads them and deletes those of a deleted config.
GRANT SELECT, DELETE ON github_workflow_metrics TO :"role";

SELECT format('GRANT USAGE ON SEQUENCE %s TO %I', s.name, :'role')
FROM (VALUES (pg_get_serial_sequence('github_workflow_configs', 'id')),
             (pg_get_serial_sequence('github_workflow_metric_schemas', 'id'))) AS s (name)
WHERE s.name IS NOT NULL
\gexec

-- What 004_summaries.sql made, where it was run; its functions write with their owner's rights.
SELECT format('GRANT SELECT ON %s TO %I', c.oid::regclass, :'role')
FROM pg_class c
WHERE c.oid IN (to_regclass('wfm_metric_changes'), to_regclass('wfm_metric_days'),
    to_regclass('wfm_metric_totals'), to_regclass('wfm_metric_names'), to_regclass('wfm_metric_inexact'),
    to_regclass('wfm_run_changes'), to_regclass('wfm_run_counts'))
\gexec

SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', to_regprocedure('wfm_metrics_maintain(bigint)'), :'role')
WHERE to_regprocedure('wfm_metrics_maintain(bigint)') IS NOT NULL
\gexec

\echo Role :role may read and write configs, schemas and runs, and read and delete metrics, in database :DBNAME
SELECT format('Warning: role %I is a superuser or may create roles or databases; the API needs none of that',
              rolname) AS warning
FROM pg_roles
WHERE rolname = :'role' AND (rolsuper OR rolcreaterole OR rolcreatedb)
\g (format=unaligned tuples_only=on)
