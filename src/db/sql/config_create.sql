-- $1 cluster, $2… the body: the row, its version; no row: the runner set is bound.
-- A config without a cluster's name counts as this cluster's; the unique constraint, which does not
-- know that, decides between two creations at once.
-- writes
INSERT INTO github_workflow_configs AS c
    (cluster_name, name, description, runner_set_namespace, runner_set_name, runner_set_uid,
     github_owner, github_repo, workflow_filter, branch_filter, file_patterns, enabled)
SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::text,
       $7::text, $8::text, $9::text, $10::text, $11::jsonb, COALESCE($12::boolean, true)
 WHERE NOT EXISTS (
    SELECT FROM github_workflow_configs
     WHERE runner_set_namespace = $4::text AND runner_set_name = $5::text AND cluster_name = '')
ON CONFLICT (runner_set_namespace, runner_set_name, cluster_name) DO NOTHING
RETURNING :config_columns, c.xmin
