-- WITH items that count what configs picked (config_id) have: counted, their runs by status; stored,
-- their metric rows.
counted AS MATERIALIZED (
    SELECT r.config_id, r.status, count(*) AS n
      FROM github_workflow_runs r
     WHERE r.config_id IN (SELECT config_id FROM picked)
     GROUP BY r.config_id, r.status),
stored AS MATERIALIZED (
    SELECT m.config_id, count(*) AS n
      FROM github_workflow_metrics m
     WHERE m.config_id IN (SELECT config_id FROM picked)
     GROUP BY m.config_id),
