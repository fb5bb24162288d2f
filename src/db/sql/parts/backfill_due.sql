-- Finished runners w of task t's range without a run, annotated with a and n, of config c, from the
-- task's place on. Does a run hold what it is annotated with? It has a run, if this config has one, or
-- its runner set.
SELECT w.uid, w.name, w.namespace, w.created_at, w.end_at, n.github_run_id, n.github_job_id,
       a.workflow_name, a.branch,
       (a.run_text IS NULL) = (n.github_run_id IS NULL)
       AND (a.job_text IS NULL) = (n.github_job_id IS NULL)
       AND greatest(length(w.uid), length(w.name), length(w.namespace),
                    length(a.workflow_name), length(a.branch)) <= 255 AS fits
