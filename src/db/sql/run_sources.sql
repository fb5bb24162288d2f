-- As run_statuses, of trigger sources.
-- reads
SELECT DISTINCT trigger_source, trigger_source = $1::text AS wanted
  FROM github_workflow_runs
 ORDER BY wanted DESC, trigger_source
 LIMIT 50
