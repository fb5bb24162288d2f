-- What config_put.sql sets, and of which row.
name = $3::text, description = $4::text, runner_set_namespace = $5::text,
       runner_set_name = $6::text, runner_set_uid = $7::text, github_owner = $8::text,
       github_repo = $9::text, workflow_filter = $10::text, branch_filter = $11::text,
       file_patterns = $12::jsonb, enabled = COALESCE($13::boolean, enabled), updated_at = now()
 WHERE c.id = $1::bigint
   AND ($2::text[] IS NULL OR c.xmin::text = ANY ($2::text[]))
   AND NOT EXISTS (
    SELECT FROM github_workflow_configs o
     WHERE (c.runner_set_namespace, c.runner_set_name) <> ($5::text, $6::text)
       AND o.id <> $1::bigint
       AND o.runner_set_namespace = $5::text AND o.runner_set_name = $6::text
       AND o.cluster_name IN ('', $14::text))
