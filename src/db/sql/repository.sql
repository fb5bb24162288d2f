-- $1 cluster, $2 owner, $3 repository. Three kinds of rows, by the first column: the repository ('a'),
-- its configs ('c'), what GitHub ran last ('g'). No row: there is none.
-- reads
WITH picked AS MATERIALIZED (
    SELECT c.id AS config_id FROM github_workflow_configs c
     WHERE c.cluster_name IN ('', $1::text) AND c.github_owner = $2::text AND c.github_repo = $3::text),
:repository_counts
:repository_newest,
:repository_rows
