-- The columns that config_create.sql fills.
cluster_name, name, description, runner_set_namespace, runner_set_name, runner_set_uid,
github_owner, github_repo, workflow_filter, branch_filter, file_patterns, enabled
