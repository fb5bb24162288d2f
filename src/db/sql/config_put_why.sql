-- $1 id, $2 versions, $3 namespace, $4 name, $5 cluster: is it one of the versions (bool), another
-- config's id and name that has the runner set; no row: no config.
-- reads
SELECT ($2::text[] IS NULL OR c.xmin::text = ANY ($2::text[])), o.id, o.name
  FROM github_workflow_configs c
  LEFT JOIN LATERAL (
    SELECT id, name
      FROM github_workflow_configs
     WHERE runner_set_namespace = $3::text AND runner_set_name = $4::text
       AND cluster_name IN ('', $5::text) AND id <> c.id
     ORDER BY id
     LIMIT 1) o ON true
 WHERE c.id = $1::bigint
