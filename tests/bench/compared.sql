-- compared.sql - fills an empty database with two sets of runs: half of branch main, half of branch feature, of 1 750 kernels,
-- each with two metrics: 3 500 series. The same numbers give the same data: what looks random is a hash.
--
--     psql -v runs=20 -f compared.sql

\set ON_ERROR_STOP on
SET synchronous_commit = off;

-- 0 to 1.
CREATE FUNCTION pg_temp.noise(id BIGINT, seed BIGINT) RETURNS FLOAT8 LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(id, seed) & 1048575)::float8 / 1048575
$$;

INSERT INTO github_workflow_configs (name, description, runner_set_namespace, runner_set_name, github_owner,
    github_repo, workflow_filter, branch_filter, file_patterns, cluster_name, created_at, updated_at)
VALUES ('Compared', '', 'primus', 'turbo', 'AMD-AGI', 'Primus-Turbo', 'benchmark.yml', 'main', '[]', '',
    '2025-01-01Z', '2025-01-01Z');

INSERT INTO github_workflow_metric_schemas (config_id, name, fields, dimension_fields, metric_fields, generated_by)
VALUES (1, 'Kernel throughput', '[{"name": "throughput", "unit": "TFLOPS"}, {"name": "latency_ms"}]',
    '["Op", "Backend:Stage", "Model", "batch_size", "seq_len"]', '["throughput", "latency_ms"]', 'user');

INSERT INTO github_workflow_runs (config_id, workload_uid, head_sha, head_branch, github_run_id, status)
SELECT 1, 'run-' || i, md5(i::text), CASE WHEN i <= :runs / 2 THEN 'main' ELSE 'feature' END, 9000000000 + i, 'completed'
FROM generate_series(1, :runs) i;

INSERT INTO github_workflow_metrics (config_id, run_id, schema_id, "timestamp", source_file, dimensions, metrics)
SELECT 1, r.id, 1, '2025-01-01Z'::timestamptz + r.id * interval '1 hour', 'summary.csv',
    jsonb_build_object('Op', 'Op ' || k % 7, 'Backend:Stage', 'Hipblaslt:' || k % 2, 'Model', 'Model ' || k % 125,
        'batch_size', 1 << (k / 250), 'seq_len', 4096),
    jsonb_build_object('throughput', round(v.tflops::numeric, 2), 'latency_ms', round((6.2e5 / v.tflops)::numeric, 4))
FROM github_workflow_runs r CROSS JOIN generate_series(0, 1749) k
CROSS JOIN LATERAL (SELECT (200 + k % 800) * (0.97 + 0.06 * pg_temp.noise(r.id, k))
    * CASE WHEN r.head_branch = 'feature' AND k % 100 = 7 THEN 0.9 ELSE 1 END AS tflops) v;

CALL wfm_fold_all();
VACUUM (ANALYZE);
