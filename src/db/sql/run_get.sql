-- $1 id: the row, its version. Its error message is whole up to 4 MiB: what somebody looks for in
-- it may stand at its end. A run whose config is gone keeps its row.
-- reads
SELECT :run_columns,
       (SELECT CASE WHEN octet_length(x.t) > 4194304 THEN '' ELSE x.t END
          FROM (SELECT to_json(nullif(r.error_message, ''))::text AS t OFFSET 0) x),
       :run_columns_rest, r.xmin
  FROM github_workflow_runs r
  LEFT JOIN github_workflow_configs c ON c.id = r.config_id
 :newer_run
 WHERE r.id = $1::bigint
