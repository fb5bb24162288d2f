-- … without a run. OFFSET 0: looked up for each by its key. How many runners there are PostgreSQL cannot
-- estimate, and would join runs in a way that takes the product of both.
AND w.end_at BETWEEN coalesce(t.place_end_at, t.start_time) AND t.end_time
AND (t.place_end_at IS NULL OR (w.end_at, w.uid) > (t.place_end_at, t.place_uid))
AND (t.workload_uids IS NULL OR w.uid IN (SELECT unnest(workload_uids) FROM t))
AND NOT EXISTS (
    SELECT
      FROM github_workflow_runs r
     WHERE r.config_id = c.id AND r.workload_uid = w.uid OFFSET 0)
AND NOT EXISTS (
    SELECT
      FROM github_workflow_runs r
     WHERE runner_set_id = c.runner_set_id AND r.workload_uid = w.uid OFFSET 0)
