-- $1 cluster, $2 owner, $3 repository: a row if there is one.
-- reads
SELECT c.id FROM github_workflow_configs c
 WHERE c.cluster_name IN ('', $1::text) AND c.github_owner = $2::text AND c.github_repo = $3::text
 LIMIT 1
