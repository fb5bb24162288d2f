-- WITH item newest: when the newest run of each config picked was created. Each is found at one end
-- of an index (config_id, id): the range, which says nothing that the equality does not, makes the
-- planner expect few runs, else it might read all runs backwards until one is the config's.
newest AS MATERIALIZED (
    SELECT p.config_id, r.created_at
      FROM picked p
     CROSS JOIN LATERAL (
        SELECT r.created_at FROM github_workflow_runs r
         WHERE r.config_id = p.config_id AND r.config_id BETWEEN p.config_id AND p.config_id
         ORDER BY r.id DESC LIMIT 1) r)
