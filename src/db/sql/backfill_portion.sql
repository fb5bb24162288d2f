-- $1 task, $2 most: runs are made, where runs name no runner set. Status, total, failed, and how many runs were
-- made; no row: the task is over. After backfill_lock, or two would make runs at once that no key tells
-- apart. Only what is inserted is locked, and no longer than that takes: whoever inserts the same run
-- meanwhile waits until then.
-- writes
WITH :backfill_taken
made AS (
    INSERT INTO github_workflow_runs
        (config_id, workload_uid, workload_name, workload_namespace, github_run_id, github_job_id,
         workflow_name, head_branch, status, trigger_source, workload_started_at,
         workload_completed_at)
    SELECT DISTINCT ON (p.uid) c.id, p.uid, p.name, p.namespace, p.github_run_id, p.github_job_id,
           p.workflow_name, p.branch, 'pending', 'backfill', p.created_at, p.end_at
      FROM c, portion p
     WHERE p.fits
     ORDER BY p.uid, p.end_at
    ON CONFLICT DO NOTHING
    RETURNING id),
:backfill_counts,
done AS (:backfill_done)
SELECT * FROM done
