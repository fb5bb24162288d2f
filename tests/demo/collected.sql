-- collected.sql - makes what came in through the API what a collector would have left in the course of 30 days.
--
-- Run by psql in the directory of generate.awk's files.

-- Runs became what sendings make of them: completed, just now.
CREATE TEMPORARY TABLE collected AS TABLE github_workflow_runs WITH NO DATA;
ALTER TABLE collected ADD line BIGSERIAL;
\copy collected (config_id, workload_uid, workload_name, workload_namespace, github_run_id, github_run_number, github_job_id, head_sha, head_branch, workflow_name, status, trigger_source, files_found, files_processed, metrics_count, workload_started_at, workload_completed_at, collection_started_at, collection_completed_at, error_message, retry_count, created_at, updated_at) FROM 'runs.csv' (FORMAT csv, HEADER)
UPDATE github_workflow_runs r
SET (status, trigger_source, files_found, files_processed, metrics_count, collection_started_at, collection_completed_at, error_message,
    retry_count, updated_at) = (c.status, c.trigger_source, c.files_found, c.files_processed, c.metrics_count, c.collection_started_at,
    c.collection_completed_at, c.error_message, c.retry_count, c.updated_at)
FROM collected c WHERE c.line = r.id;

-- Rows have the schema that was active in those days.
UPDATE github_workflow_metrics m
SET created_at = m."timestamp" + interval '1 minute',
    schema_id = (SELECT s.id FROM github_workflow_metric_schemas s
        WHERE s.config_id = r.config_id AND s.created_at <= r.created_at
        ORDER BY s.version DESC LIMIT 1)
FROM github_workflow_runs r WHERE r.id = m.run_id;

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
