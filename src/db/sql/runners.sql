-- $1 config, $2 since (NULL: for 24 hours), $3 most: how many there are, and the newest of them. No
-- row: there is no such config. A runner has a run of this config, or one of its runner set, which
-- may be without a config. OFFSET 0: looked up for each, of which there are few.
-- reads
WITH wanted AS (SELECT $1::bigint AS config_id),
c AS MATERIALIZED (:runner_config),
page AS MATERIALIZED (
    SELECT w.uid, w.name, w.namespace, w.created_at, w.end_at, w.annotations
      FROM c, gpu_workload w
     WHERE :finished_runner
       AND w.end_at >= coalesce($2::timestamptz, now() - interval '24 hours')
     ORDER BY w.end_at DESC, w.uid
     LIMIT $3::bigint),
done AS (
    SELECT r.workload_uid AS uid
      FROM c, page p, github_workflow_runs r
     WHERE r.config_id = c.id AND r.workload_uid = p.uid)
SELECT (SELECT count(*)
          FROM c, gpu_workload w
         WHERE :finished_runner
           AND w.end_at >= coalesce($2::timestamptz, now() - interval '24 hours')),
       w.uid, w.name, w.namespace, w.created_at, w.end_at, n.github_run_id, n.github_job_id,
       left(a.workflow_name, 1000), left(a.branch, 1000),
       w.uid IN (SELECT uid FROM done)
       OR EXISTS (
        SELECT
          FROM github_workflow_runs r
         WHERE runner_set_id = c.runner_set_id AND r.workload_uid = w.uid OFFSET 0)
  FROM c LEFT JOIN page w ON true
 :runner_annotations
 ORDER BY w.end_at DESC, w.uid
