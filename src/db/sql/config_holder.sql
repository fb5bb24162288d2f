-- $1 namespace, $2 name, $3 cluster: the runner set's config.
-- reads
SELECT id, name
  FROM github_workflow_configs
 WHERE runner_set_namespace = $1::text AND runner_set_name = $2::text
   AND cluster_name IN ('', $3::text)
 ORDER BY id
 LIMIT 1
