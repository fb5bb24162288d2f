-- $1 a text: every status that runs have, and is it that one? That one comes first: nobody reads
-- more than a screen of the others.
-- reads
SELECT DISTINCT status, status = $1::text AS wanted
  FROM github_workflow_runs
 ORDER BY wanted DESC, status
 LIMIT 50
