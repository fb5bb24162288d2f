-- What config_create.sql fills them with, if the runner set is free.
$1::text, $2::text, $3::text, $4::text, $5::text, $6::text,
$7::text, $8::text, $9::text, $10::text, $11::jsonb, COALESCE($12::boolean, true)
 WHERE NOT EXISTS (
    SELECT FROM github_workflow_configs
     WHERE runner_set_namespace = $4::text AND runner_set_name = $5::text AND cluster_name = '')
ON CONFLICT (runner_set_namespace, runner_set_name, cluster_name) DO NOTHING
