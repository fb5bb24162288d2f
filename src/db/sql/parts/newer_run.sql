-- What older databases lack of a run's row, of alias r, to be joined: each column is looked for in
-- the row first; where that has none it is the chr(1) outside. A time without a zone is in UTC.
CROSS JOIN LATERAL (
    SELECT x.*
      FROM (SELECT chr(1) AS runner_set_id, chr(1) AS runner_set_name,
                   chr(1) AS runner_set_namespace, chr(1) AS workflow_status,
                   chr(1) AS workflow_conclusion, chr(1) AS collection_status,
                   chr(1) AS current_job_name, chr(1) AS current_step_name,
                   chr(1) AS progress_percent, chr(1) AS last_synced_at) without
     CROSS JOIN LATERAL (
        SELECT runner_set_id::text AS set_id, runner_set_name::text AS set_name,
               runner_set_namespace::text AS set_namespace, workflow_status::text AS status,
               workflow_conclusion::text AS conclusion, collection_status::text AS collection,
               current_job_name::text AS job, current_step_name::text AS step,
               progress_percent::text AS progress, last_synced_at::text || '+00' AS synced_at
          FROM (SELECT r.*) found) x) more
