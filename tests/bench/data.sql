-- data.sql - fills a migrated, empty database with the benchmark's data set.
--
--     psql -v runs=50000 -v metric_runs=50000 -f data.sql
--
-- 20 configs, `runs` runs spread evenly over the year 2025, and 68 metric rows for each of the
-- first `metric_runs` runs. Config 1 has two fifths of both. The same numbers give the same data:
-- what looks random is a hash.

\set ON_ERROR_STOP on
SET synchronous_commit = off;
SET maintenance_work_mem = '512MB';
SET client_min_messages = warning;

\ir shape.sql

-- 0 to 1.
CREATE FUNCTION pg_temp.noise(id BIGINT, seed BIGINT) RETURNS FLOAT8 LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(id, seed) & 1048575)::float8 / 1048575
$$;

-- Of the cluster whose database it is: each is served under its own name.
INSERT INTO github_workflow_configs (name, description, runner_set_namespace, runner_set_name,
    github_owner, github_repo, workflow_filter, branch_filter, file_patterns, metric_schema_id,
    cluster_name, created_at, updated_at)
SELECT 'Kernel benchmark ' || c, 'Attention and GEMM kernels, every merge to main', 'primus',
    'turbo-' || c, 'AMD-AGI', 'Primus-Turbo', 'benchmark.yml', 'main',
    '["**/attention/summary.csv", "**/gemm/summary.csv"]', c, '', '2025-01-01Z', '2025-01-01Z'
FROM generate_series(1, 20) c;

INSERT INTO github_workflow_metric_schemas (config_id, name, fields, dimension_fields,
    metric_fields, generated_by, created_at, updated_at)
SELECT c, 'Kernel throughput',
    '[{"name": "Op", "type": "string"}, {"name": "Backend:Stage", "type": "string"},
      {"name": "Model", "type": "string"}, {"name": "batch_size", "type": "int"},
      {"name": "seq_len", "type": "int"}, {"name": "throughput", "type": "float"},
      {"name": "latency_ms", "type": "float"}]',
    '["Op", "Backend:Stage", "Model", "batch_size", "seq_len"]', '["throughput", "latency_ms"]',
    'user', '2025-01-01Z', '2025-01-01Z'
FROM generate_series(1, 20) c;

INSERT INTO github_workflow_runs (config_id, workload_uid, workload_name, workload_namespace,
    github_run_id, github_run_number, github_job_id, head_sha, head_branch, workflow_name, status,
    trigger_source, files_found, files_processed, metrics_count, workload_started_at,
    workload_completed_at, collection_started_at, collection_completed_at, error_message,
    retry_count, created_at, updated_at)
SELECT CASE WHEN i % 5 < 2 THEN 1 ELSE 2 + i % 19 END, md5(i::text)::uuid, 'turbo-bench-' || i,
    'primus', 9000000000 + i, i, 20000000000 + i, md5(i::text) || substr(md5('x' || i), 1, 8),
    CASE WHEN i % 7 = 0 THEN 'release' ELSE 'main' END, 'Benchmark', status,
    CASE WHEN i % 20 = 3 THEN 'manual' WHEN i % 20 IN (7, 11, 13) THEN 'backfill' ELSE 'realtime' END,
    2, 2, 68, at - interval '40 minutes', at - interval '2 minutes',
    at - interval '1 minute', at, CASE status WHEN 'failed' THEN 'no schema matched the file' END,
    0, at, at
FROM (
    SELECT i, '2025-01-01Z'::timestamptz + (i - 0.5) * (interval '365 days' / :runs) AS at,
        CASE i % 100 WHEN 3 THEN 'pending' WHEN 17 THEN 'collecting' WHEN 29 THEN 'extracting'
            WHEN 41 THEN 'skipped' WHEN 50 THEN 'failed' WHEN 62 THEN 'failed'
            WHEN 76 THEN 'failed' WHEN 98 THEN 'failed' ELSE 'completed' END AS status
    FROM generate_series(1, :runs) i
) r;

-- Some thousand runs to a statement, in the order in which a collector writes them. About one in
-- 150 measurements was lost.
CREATE FUNCTION pg_temp.load_metrics(first BIGINT, last BIGINT) RETURNS VOID LANGUAGE sql AS $$
    INSERT INTO github_workflow_metrics
        (config_id, run_id, schema_id, "timestamp", source_file, dimensions, metrics, raw_data, created_at)
    SELECT r.config_id, r.id, r.config_id, r.workload_completed_at,
        r.workload_name || '/' || s.file || '/summary.csv',
        jsonb_build_object('Op', s.op, 'Backend:Stage', s.backend_stage, 'Model', s.model,
            'batch_size', s.batch_size, 'seq_len', s.seq_len),
        CASE WHEN v.lost THEN jsonb_build_object('throughput', 'N/A', 'latency_ms', 'N/A')
            ELSE jsonb_build_object('throughput', v.tflops,
                'latency_ms', round(620000 / v.tflops / s.batch_size, 4)) END,
        jsonb_build_object('Op', s.op, 'Backend:Stage', s.backend_stage, 'Model', s.model,
            'batch_size', s.batch_size::text, 'seq_len', s.seq_len::text,
            'throughput', CASE WHEN v.lost THEN 'N/A' ELSE v.tflops::text END),
        r.created_at
    FROM github_workflow_runs r CROSS JOIN shape s
    CROSS JOIN LATERAL (SELECT
        round(greatest(157, least(1103,
            s.throughput * (0.94 + 0.12 * pg_temp.noise(r.id, s.n))))::numeric, 2) AS tflops,
        pg_temp.noise(r.id, -s.n) < 1.0 / 150 AS lost) v
    WHERE r.id BETWEEN first AND last
    ORDER BY r.id, s.n
$$;
SELECT count(pg_temp.load_metrics(first, least(first + 1999, :metric_runs)))
FROM generate_series(1, :metric_runs, 2000) first;

-- What the module would do meanwhile; a database without summaries has no such procedure.
SELECT to_regproc('wfm_fold_all') IS NOT NULL AS summed \gset
\if :summed
    CALL wfm_fold_all();
\endif

VACUUM (ANALYZE);
CHECKPOINT;
