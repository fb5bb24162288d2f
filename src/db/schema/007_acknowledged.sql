-- 007_acknowledged.sql - the changes that somebody has looked into. May be left out: then none can be acknowledged.

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

-- Does a publication, or a slot that reads everything, send what is made here to others? They lack it, and would stop.
SELECT to_regclass('pg_catalog.pg_publication_namespace') IS NOT NULL AS wfm_by_schema, false AS wfm_sent \gset
\if :wfm_by_schema
    SELECT EXISTS (SELECT FROM pg_publication_namespace n
        WHERE n.pnnspid = to_regnamespace(quote_ident(current_schema()))) AS wfm_sent \gset
\endif
SELECT :'wfm_sent' OR EXISTS (SELECT FROM pg_publication p WHERE p.puballtables) OR EXISTS (SELECT
    FROM pg_replication_slots s WHERE s.database = current_database() AND s.plugin <> 'pgoutput') AS wfm_sent \gset

-- A change of the series of these dimensions (texts; what a series lacks is not among them), at this run, of
-- this time. rise: the mean was larger from then on.
CREATE TABLE IF NOT EXISTS wfm_acknowledged_changes (
    id BIGSERIAL PRIMARY KEY,
    config_id BIGINT NOT NULL,
    field TEXT NOT NULL,
    dimensions JSONB NOT NULL,
    run_id BIGINT NOT NULL,
    at TIMESTAMPTZ NOT NULL,
    rise BOOLEAN NOT NULL,
    note TEXT,
    acknowledged_by TEXT,
    acknowledged_at TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS wfm_acknowledged_changes_config_id ON wfm_acknowledged_changes (config_id, at);

-- What is UNLOGGED is sent to nobody. (A crash of PostgreSQL empties it: summaries are then doubted, and made anew.)
SET lock_timeout = '500ms';
SELECT format('ALTER TABLE %s SET %s', c.oid::regclass, CASE c.relpersistence WHEN 'p' THEN 'UNLOGGED' ELSE 'LOGGED' END)
FROM pg_class c JOIN pg_class m ON m.oid = to_regclass('github_workflow_metrics') AND m.relnamespace = c.relnamespace
WHERE c.relname LIKE 'wfm\_%' AND c.relkind = 'r' AND (c.relpersistence = 'p') = :'wfm_sent'::boolean
    AND NOT EXISTS (SELECT FROM pg_publication_rel r WHERE r.prrelid = c.oid) -- who names it has it
ORDER BY c.relname
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

-- Whoever may read all rows may read what is kept of them, or he could not pg_dump the database any more.
SELECT format('GRANT SELECT ON %s TO %s', c.oid::regclass,
    CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END)
FROM (SELECT a.grantee, min(t.relnamespace) AS schema FROM pg_class t CROSS JOIN LATERAL aclexplode(t.relacl) a
    WHERE t.oid IN ('github_workflow_runs'::regclass, 'github_workflow_metrics'::regclass)
        AND a.privilege_type = 'SELECT'
    GROUP BY a.grantee HAVING count(DISTINCT t.oid) = 2 AND NOT bool_or(t.relrowsecurity)) g
JOIN pg_class c ON c.relnamespace = g.schema AND c.relname LIKE 'wfm\_%' AND c.relkind IN ('r', 'S')
    AND c.relowner <> g.grantee
WHERE NOT EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = g.grantee AND a.privilege_type = 'SELECT')
\gexec

RESET lock_timeout;
RESET client_min_messages;
