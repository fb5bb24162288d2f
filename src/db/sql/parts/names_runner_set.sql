-- Do runs name their runner set?
EXISTS (
    SELECT
      FROM pg_attribute
     WHERE attrelid = 'github_workflow_runs'::regclass AND attname = 'runner_set_id'
       AND NOT attisdropped)
