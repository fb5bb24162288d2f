-- As repository, from the summaries.
-- reads
WITH picked AS MATERIALIZED (
    SELECT c.id AS config_id FROM github_workflow_configs c
     WHERE c.cluster_name IN ('', $1::text) AND c.github_owner = $2::text AND c.github_repo = $3::text),
:repository_counts_summed
:repository_newest,
:repository_rows
