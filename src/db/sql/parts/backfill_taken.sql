-- The WITH items that a portion begins with: the task t, its config c, the runners that are due, and those of
-- the portion. See backfill_portion.sql for the parameters.
t AS MATERIALIZED (
    SELECT * FROM wfm_backfill_tasks
     WHERE id = $1::bigint AND status IN ('pending', 'in_progress')),
wanted AS (SELECT config_id FROM t),
c AS MATERIALIZED (:runner_config),
due AS NOT MATERIALIZED (
    :backfill_due
      FROM t, c, gpu_workload w :runner_annotations
     WHERE :finished_runner :backfill_missing),
ahead AS MATERIALIZED (
    SELECT * FROM due WHERE NOT (SELECT dry_run FROM t)
     ORDER BY end_at, uid LIMIT $2::bigint + 1),
portion AS MATERIALIZED (SELECT * FROM ahead ORDER BY end_at, uid LIMIT $2::bigint),
