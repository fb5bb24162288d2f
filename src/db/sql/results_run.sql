-- See sent_columns for the parameters: the run is brought up to date. Where it is gone by now, this
-- fails (division by zero), and with it the COMMIT that comes behind it in the same round trip.
-- writes
WITH brought AS (
    UPDATE github_workflow_runs
       SET config_id = $2::bigint,
           workload_name = coalesce($3::text, workload_name),
           workflow_name = coalesce($4::text, workflow_name),
           head_branch = coalesce($5::text, head_branch),
           head_sha = coalesce($6::text, head_sha),
           github_run_id = coalesce($7::bigint, github_run_id),
           github_run_number = coalesce($8::int, github_run_number),
           github_job_id = coalesce($9::bigint, github_job_id),
           status = coalesce($10::text, 'completed'),
           error_message = $11::text,
           workload_started_at =
               least(coalesce($12::timestamptz, workload_started_at, now()),
                     coalesce($13::timestamptz, workload_completed_at, now())),
           workload_completed_at = coalesce($13::timestamptz, workload_completed_at, now()),
           metrics_count = coalesce($14::int, metrics_count),
           files_found = greatest(files_found, $15::int),
           files_processed = coalesce($15::int, files_processed),
           collection_started_at = now(),
           collection_completed_at = clock_timestamp(),
           updated_at = now()
     WHERE id = $1::bigint AND workload_uid = $16::text
    RETURNING id)
SELECT 1 / count(*) FROM brought
