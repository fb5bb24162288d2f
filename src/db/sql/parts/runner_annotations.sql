-- What workload w is annotated with. What is no number, or none that a bigint holds, is NULL.
CROSS JOIN LATERAL (
    SELECT nullif(w.annotations ->> 'actions.github.com/run-id', '') AS run_text,
           nullif(w.annotations ->> 'actions.github.com/job-id', '') AS job_text,
           nullif(w.annotations ->> 'actions.github.com/workflow-name', '') AS workflow_name,
           nullif(w.annotations ->> 'actions.github.com/branch', '') AS branch) a
CROSS JOIN LATERAL (
    SELECT CASE WHEN a.run_text ~ '^[0-9]{1,19}$' THEN
                CASE WHEN a.run_text::numeric <= 9223372036854775807 THEN a.run_text::bigint END
                END AS github_run_id,
           CASE WHEN a.job_text ~ '^[0-9]{1,19}$' THEN
                CASE WHEN a.job_text::numeric <= 9223372036854775807 THEN a.job_text::bigint END
                END AS github_job_id) n
