-- summaries.sql - what test_summaries.c writes with: rows that are random, but for a seed always the
-- same, among them what a collector may get wrong. Loaded into its database.

CREATE SCHEMA test;

-- What is published must have a replica identity, or nobody may delete from it.
SET client_min_messages = error; -- wal_level is of no consequence here
CREATE PUBLICATION everything FOR ALL TABLES;
RESET client_min_messages;

CREATE FUNCTION test.pick(VARIADIC list TEXT[]) RETURNS TEXT LANGUAGE sql VOLATILE AS $$
    SELECT list[1 + floor(random() * array_length(list, 1))::int]
$$;

-- Eight days, their first and last instants often; now and then one that RFC 3339 cannot say.
CREATE FUNCTION test.instant() RETURNS TIMESTAMPTZ LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < 0.01
        THEN test.pick('infinity', '-infinity', '0044-03-15 12:00:00+00 BC', '20000-01-01 00:00:00+00',
            '0001-01-01 00:00:00+00', '9999-12-31 23:59:59.999999+00')::timestamptz
        ELSE '2025-03-01 00:00:00+00'::timestamptz + floor(random() * 8) * interval '24 hours'
            + test.pick('0', '0', '23:59:59.999999', '12:00:00', floor(random() * 86400)::text)::interval END
$$;

CREATE FUNCTION test.dimensions() RETURNS JSONB LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < 0.01
        THEN test.pick('[1, "Op"]', '"Op"', 'null', '7', format('{"Op": "%s"}', repeat('long', 600)),
            format('{"%s": 1}', repeat('name', 600)))
        ELSE test.pick('{"Op": "GEMM", "batch": 32}', '{"Op": "GEMM", "batch": "32"}',
            '{"Op": "Attention", "batch": 32.0}', '{"Op": "Attention", "batch": 8, "x": {"a": [1, true]}}',
            '{"Op": null, "batch": 8}', '{}', '{"Op": true}', '{"a \"b\" %s ''c'' \\": "ü"}', '{"": ""}',
            format('{"Op": "GEMM", "rare": "%s"}', floor(random() * 40))) END::jsonb
$$;

CREATE FUNCTION test.metrics() RETURNS JSONB LANGUAGE sql VOLATILE AS $$
    SELECT CASE WHEN random() < 0.01
        THEN test.pick('[]', '"N/A"', 'null', format('{"%s": 1}', repeat('name', 600)), '{"t": 1e1200}')
        ELSE test.pick('{"t": 1.50, "l": 2}', '{"t": 1.5, "l": -3.25}', '{"t": "N/A", "l": 0}', '{"t": null}',
            '{}', '{"t": 12345678901234567890.125}', '{"l": 1e-7}', '{"late": 1}',
            format('{"t": %s, "l": %s}', round(random()::numeric * 1000, 3), round(random()::numeric, 5)),
            format('{"t": %s}', round(random()::numeric * 1000, 2))) END::jsonb
$$;

-- Rows of a writer, who later changes and deletes only his own: two writers never wait.
CREATE FUNCTION test.insert_metrics(writer TEXT, n BIGINT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
    INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", source_file, dimensions,
        metrics)
    SELECT 1 + floor(random() * 3), floor(random() * 6), 1 + floor(random() * 2), test.instant(),
        nullif(writer || test.pick('/a.csv', '/b.csv', '/c.csv'), writer), test.dimensions(), test.metrics()
    FROM generate_series(1, n)
$$;

-- As a collector writes: one run, one instant.
CREATE FUNCTION test.insert_run(writer TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
    WITH run AS MATERIALIZED (SELECT floor(random() * 6) AS id, test.instant() AS at)
    INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", source_file, dimensions,
        metrics)
    SELECT 1, run.id, 1, run.at, writer || '/summary.csv', jsonb_build_object('Op', 'k' || i % 7, 'i', i),
        jsonb_build_object('t', i) || test.metrics()
    FROM run, generate_series(1, 30) i
$$;

CREATE FUNCTION test.update_metrics(writer TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
    UPDATE github_workflow_metrics SET
        "timestamp" = CASE WHEN random() < 0.3 THEN test.instant() ELSE "timestamp" END,
        dimensions = CASE WHEN random() < 0.3 THEN test.dimensions() ELSE dimensions END,
        metrics = CASE WHEN random() < 0.3 THEN test.metrics() ELSE metrics END,
        config_id = CASE WHEN random() < 0.1 THEN 2 ELSE config_id END,
        raw_data = '{}'
    WHERE source_file LIKE writer || '%' AND random() < 0.2
$$;

-- Two things in one statement, and many at once.
CREATE FUNCTION test.move_metrics(writer TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
    WITH gone AS (DELETE FROM github_workflow_metrics WHERE source_file LIKE writer || '%' AND random() < 0.5
        RETURNING *)
    INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", source_file, dimensions, metrics)
    SELECT config_id, run_id, schema_id, "timestamp", source_file, test.dimensions(), metrics FROM gone
$$;

CREATE FUNCTION test.insert_runs(writer TEXT, n BIGINT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
    INSERT INTO github_workflow_runs (config_id, workload_uid, workload_name, status, trigger_source, created_at)
    SELECT 1 + floor(random() * 3), gen_random_uuid(), writer,
        test.pick('pending', 'collecting', 'completed', 'failed'), test.pick('realtime', 'backfill'), test.instant()
    FROM generate_series(1, n)
$$;

CREATE FUNCTION test.update_runs(writer TEXT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
    UPDATE github_workflow_runs SET
        status = test.pick('pending', 'collecting', 'completed', 'failed'),
        created_at = CASE WHEN random() < 0.2 THEN test.instant() ELSE created_at END,
        config_id = CASE WHEN random() < 0.1 THEN 2 ELSE config_id END
    WHERE workload_name = writer AND random() < 0.3
$$;

CREATE FUNCTION test.fold(config BIGINT, most BIGINT) RETURNS VOID LANGUAGE sql VOLATILE AS $$
    SELECT wfm_metrics_describe(config, ARRAY(SELECT DISTINCT c.day FROM wfm_marks c
        WHERE c.of = 'm' AND c.config_id = config ORDER BY 1 LIMIT most)) WHERE wfm_try_fold('wfm_metrics_fold', config)
$$;

INSERT INTO github_workflow_configs (name, runner_set_namespace, runner_set_name, github_owner, github_repo)
SELECT 'config ' || i, 'ns', 'set-' || i, 'owner', 'repo' FROM generate_series(1, 4) i;
INSERT INTO github_workflow_metric_schemas (config_id, name, version, dimension_fields, metric_fields)
SELECT 1, 'schema ' || i, i, '["Op"]', '["t"]' FROM generate_series(1, 2) i;

-- A role that may read everything but the summaries.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'wfmetrics_rows') THEN
        CREATE ROLE wfmetrics_rows LOGIN;
    END IF;
END
$$;
GRANT SELECT ON github_workflow_configs, github_workflow_metric_schemas, github_workflow_runs,
    github_workflow_metrics TO wfmetrics_rows;
-- The migration, when it is run again, lets it in like all who may read the rows.
CREATE OR REPLACE FUNCTION test.keep_out() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    let_in REGCLASS;
BEGIN
    FOR let_in IN SELECT c.oid FROM pg_class c WHERE c.relname LIKE 'wfm\_%' AND c.relkind IN ('r', 'S')
        AND EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 'wfmetrics_rows'::regrole) LOOP
        EXECUTE format('REVOKE ALL ON %s FROM wfmetrics_rows', let_in);
    END LOOP;
END
$$;
CREATE EVENT TRIGGER test_keep_out ON ddl_command_end WHEN TAG IN ('GRANT') EXECUTE FUNCTION test.keep_out();
