-- $1 config, $2 start, $3 end, $4 uids (jsonb, NULL or empty: all), $5 dry run: is Lens' table of
-- workloads here, the task (NULL where it is not), do runs name their runner set? No row: there is no
-- such config. Of the tasks that are over, it and the newest 99 stay.
-- writes
WITH config AS (SELECT id FROM github_workflow_configs WHERE id = $1::bigint),
task AS (
    INSERT INTO wfm_backfill_tasks (config_id, start_time, end_time, workload_uids, dry_run)
    SELECT id, $2::timestamptz, $3::timestamptz,
           nullif(ARRAY(SELECT jsonb_array_elements_text($4::jsonb)), '{}'),
           coalesce($5::boolean, false)
      FROM config
     WHERE to_regclass('gpu_workload') IS NOT NULL
    RETURNING id),
pruned AS (
    DELETE FROM wfm_backfill_tasks
     WHERE config_id = (SELECT id FROM config) AND status NOT IN ('pending', 'in_progress')
       AND id <= (SELECT id
                    FROM wfm_backfill_tasks
                   WHERE config_id = $1::bigint AND status NOT IN ('pending', 'in_progress')
                   ORDER BY id DESC OFFSET 99 LIMIT 1))
SELECT to_regclass('gpu_workload') IS NOT NULL, (SELECT id FROM task), :names_runner_set
  FROM config
