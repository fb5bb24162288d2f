-- load.sql - loads the CSV files of generate.awk into a fresh database.
--
-- Run by psql in the directory of those files. The keys start at 1, so that a line's number in
-- configs.csv, schemas.csv and runs.csv is its row's id.

\copy github_workflow_configs (name, description, runner_set_namespace, runner_set_name, github_owner, github_repo, workflow_filter, branch_filter, file_patterns, metric_schema_id, enabled, cluster_name) FROM 'configs.csv' (FORMAT csv, HEADER)
\copy github_workflow_metric_schemas (config_id, name, version, fields, dimension_fields, metric_fields, is_active, generated_by, generation_sample_file, created_at) FROM 'schemas.csv' (FORMAT csv, HEADER)
\copy github_workflow_runs (config_id, workload_uid, workload_name, workload_namespace, github_run_id, github_run_number, github_job_id, head_sha, head_branch, workflow_name, status, trigger_source, files_found, files_processed, metrics_count, workload_started_at, workload_completed_at, collection_started_at, collection_completed_at, error_message, retry_count, created_at, updated_at) FROM 'runs.csv' (FORMAT csv, HEADER)

CREATE TEMPORARY TABLE summary (
    line BIGSERIAL,
    run_id BIGINT,
    source_file TEXT,
    op TEXT, backend_stage TEXT, model TEXT, batch_size TEXT, seq_len TEXT,
    throughput TEXT, latency_ms TEXT
);
\i summaries.sql

-- As the collector does it: a number becomes a JSON number with its digits, all else a string.
CREATE FUNCTION pg_temp.json_value(cell TEXT) RETURNS JSONB LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN cell ~ '^-?[0-9]+(\.[0-9]+)?$' THEN to_jsonb(cell::numeric) ELSE to_jsonb(cell) END
$$;

INSERT INTO github_workflow_metrics
    (config_id, run_id, schema_id, "timestamp", source_file, dimensions, metrics, raw_data, created_at)
SELECT r.config_id, r.id,
    (SELECT s.id FROM github_workflow_metric_schemas s
     WHERE s.config_id = r.config_id AND s.created_at <= r.created_at
     ORDER BY s.version DESC LIMIT 1),
    r.workload_completed_at, f.source_file,
    jsonb_build_object('Op', f.op, 'Backend:Stage', f.backend_stage, 'Model', f.model,
        'batch_size', pg_temp.json_value(f.batch_size), 'seq_len', pg_temp.json_value(f.seq_len)),
    jsonb_strip_nulls(jsonb_build_object('throughput', pg_temp.json_value(f.throughput),
        'latency_ms', pg_temp.json_value(f.latency_ms))),
    jsonb_build_object('Op', f.op, 'Backend:Stage', f.backend_stage, 'Model', f.model,
        'batch_size', f.batch_size, 'seq_len', f.seq_len,
        'throughput', f.throughput, 'latency_ms', f.latency_ms),
    r.workload_completed_at + interval '1 minute'
FROM summary f JOIN github_workflow_runs r ON r.id = f.run_id
ORDER BY f.line;

CREATE TEMPORARY TABLE sandbox (
    line BIGSERIAL, run_id BIGINT, source_file TEXT, dimensions JSONB, metrics JSONB
);
\copy sandbox (run_id, source_file, dimensions, metrics) FROM 'sandbox.csv' (FORMAT csv, HEADER)
INSERT INTO github_workflow_metrics
    (config_id, run_id, schema_id, "timestamp", source_file, dimensions, metrics, created_at)
SELECT r.config_id, r.id, s.id, r.workload_completed_at, b.source_file, b.dimensions, b.metrics,
    r.workload_completed_at + interval '1 minute'
FROM sandbox b JOIN github_workflow_runs r ON r.id = b.run_id
JOIN github_workflow_metric_schemas s ON s.config_id = r.config_id
ORDER BY b.line;

-- What Lens knows of the runners. The collector has missed one in six: they are there to be backfilled.
INSERT INTO gpu_workload (kind, namespace, name, uid, created_at, end_at, deleted_at, labels, annotations)
SELECT 'EphemeralRunner', c.runner_set_namespace, r.workload_name || missed.suffix, r.workload_uid || missed.suffix,
    r.workload_started_at + missed.later, r.workload_completed_at + missed.later, r.workload_completed_at + missed.later,
    jsonb_build_object('actions.github.com/scale-set-name', c.runner_set_name),
    jsonb_build_object('actions.github.com/run-id', (r.github_run_id + missed.further)::text,
        'actions.github.com/job-id', (r.github_job_id + missed.further)::text,
        'actions.github.com/workflow-name', r.workflow_name, 'actions.github.com/branch', r.head_branch)
FROM github_workflow_runs r JOIN github_workflow_configs c ON c.id = r.config_id
JOIN (VALUES (1, '', interval '0', 0), (6, '-missed', interval '2 hours', 1)) missed (each, suffix, later, further)
    ON r.id % missed.each = 0
WHERE r.workload_completed_at IS NOT NULL
ORDER BY r.id, missed.each;
GRANT SELECT ON gpu_workload TO wfmetrics;

UPDATE github_workflow_configs c
SET last_checked_at = r.created_at, last_processed_workload_uid = r.workload_uid
FROM (SELECT DISTINCT ON (config_id) config_id, created_at, workload_uid
      FROM github_workflow_runs WHERE status = 'completed' ORDER BY config_id, id DESC) r
WHERE r.config_id = c.id;

ANALYZE;
