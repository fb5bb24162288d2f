-- As repository_counts, from the summaries; days that they do not have, from the rows.
changed AS MATERIALIZED (
    SELECT u.config_id, u.day FROM wfm_unclean('m', NULL) u
     WHERE u.config_id IN (SELECT config_id FROM picked)),
moved AS MATERIALIZED (
    SELECT u.config_id, u.day FROM wfm_unclean('r', NULL) u
     WHERE u.config_id IN (SELECT config_id FROM picked)),
counted AS MATERIALIZED (
    SELECT k.config_id, k.status, sum(k.n) AS n
      FROM (
        SELECT config_id, status, n FROM wfm_run_counts
         WHERE level = 2 AND config_id IN (SELECT config_id FROM picked)
        UNION ALL
        SELECT config_id, status, -n FROM wfm_run_counts
         WHERE level = 0 AND (config_id, day) IN (SELECT config_id, day FROM moved)
        UNION ALL
        SELECT r.config_id, r.status, 1
          FROM (SELECT DISTINCT day FROM moved) d
         CROSS JOIN LATERAL (
            SELECT r.config_id, r.status FROM github_workflow_runs r
             WHERE r.created_at >= d.day AND r.created_at <= wfm_day_end(d.day)
            OFFSET 0) r
         WHERE (r.config_id, d.day) IN (SELECT config_id, day FROM moved)) k
     GROUP BY k.config_id, k.status
    HAVING sum(k.n) > 0),
stored AS MATERIALIZED (
    SELECT k.config_id, sum(k.n) AS n
      FROM (
        SELECT d.config_id, d.n
          FROM picked p
         CROSS JOIN LATERAL (
            SELECT config_id, day, n FROM wfm_metric_days WHERE config_id = p.config_id OFFSET 0) d
         WHERE (d.config_id, d.day) NOT IN (SELECT config_id, day FROM changed)
        UNION ALL
        SELECT d.config_id, m.n
          FROM changed d
         CROSS JOIN LATERAL (
            SELECT count(*) AS n FROM github_workflow_metrics m
             WHERE m.config_id = d.config_id
               AND m."timestamp" >= d.day AND m."timestamp" <= wfm_day_end(d.day)) m) k
     GROUP BY k.config_id),
