-- The end of a statement about the configs picked: see repository.sql. A run of GitHub's that is
-- among the newest of all configs is among the newest of each that has it: each is asked for so
-- many, one after the other at its place in an index (config_id, github_run_id); of the range see
-- repository_newest.sql. Some collectors write 0 where they know of none.
near AS MATERIALIZED (
    SELECT p.config_id, i.github_run_id
      FROM picked p
     CROSS JOIN LATERAL (
        WITH RECURSIVE ids (github_run_id, place) AS (
            (SELECT r.github_run_id, 1 FROM github_workflow_runs r
              WHERE r.config_id = p.config_id AND r.config_id BETWEEN p.config_id AND p.config_id
                AND r.github_run_id > 0
              ORDER BY r.github_run_id DESC LIMIT 1)
            UNION ALL
            SELECT n.github_run_id, i.place + 1
              FROM ids i
             CROSS JOIN LATERAL (
                SELECT r.github_run_id FROM github_workflow_runs r
                 WHERE r.config_id = p.config_id AND r.config_id BETWEEN p.config_id AND p.config_id
                   AND r.github_run_id > 0 AND r.github_run_id < i.github_run_id
                 ORDER BY r.github_run_id DESC LIMIT 1) n
             WHERE i.place < 20)
        SELECT github_run_id FROM ids) i),
last AS MATERIALIZED (
    SELECT DISTINCT github_run_id FROM near ORDER BY github_run_id DESC LIMIT 20),
runs AS MATERIALIZED (
    SELECT r.*
      FROM last
      JOIN near USING (github_run_id)
     CROSS JOIN LATERAL (
        SELECT r.id, r.config_id, r.github_run_id, r.github_run_number, r.workflow_name,
               r.head_branch, r.head_sha, r.status, r.metrics_count, r.workload_started_at,
               r.workload_completed_at, r.created_at, r.updated_at
          FROM github_workflow_runs r
         WHERE r.config_id = near.config_id AND r.github_run_id = near.github_run_id
        OFFSET 0) r),
statuses AS (
    SELECT config_id, jsonb_object_agg(status, n) AS runs FROM counted GROUP BY config_id)
SELECT 'a', $2::text, $3::text, count(*)::text,
       (SELECT coalesce(jsonb_object_agg(k.status, k.n), '{}')
          FROM (SELECT status, sum(n) AS n FROM counted GROUP BY status) k)::text,
       (SELECT coalesce(sum(n), 0) FROM stored)::text,
       (SELECT max(created_at) FROM newest)::text,
       NULL, NULL, NULL, NULL, NULL, NULL, NULL::bigint AS place
  FROM picked
HAVING count(*) > 0
UNION ALL
(SELECT 'c', c.id::text, c.name, c.enabled::text, c.runner_set_namespace, c.runner_set_name,
       c.workflow_filter, c.branch_filter, c.last_checked_at::text,
       coalesce(s.runs, '{}')::text, coalesce(m.n, 0)::text, n.created_at::text, NULL, c.id
  FROM picked p
  JOIN github_workflow_configs c ON c.id = p.config_id
  LEFT JOIN statuses s ON s.config_id = c.id
  LEFT JOIN stored m ON m.config_id = c.id
  LEFT JOIN newest n ON n.config_id = c.id
 ORDER BY c.id DESC LIMIT 1000)
UNION ALL
SELECT 'g', r.github_run_id::text,
       ((array_agg(r.github_run_number ORDER BY r.id DESC)
         FILTER (WHERE r.github_run_number IS NOT NULL))[1])::text,
       (array_agg(r.workflow_name ORDER BY r.id DESC) FILTER (WHERE r.workflow_name <> ''))[1],
       (array_agg(r.head_branch ORDER BY r.id DESC) FILTER (WHERE r.head_branch <> ''))[1],
       (array_agg(r.head_sha ORDER BY r.id DESC) FILTER (WHERE r.head_sha <> ''))[1],
       (SELECT jsonb_object_agg(k.status, k.n)
          FROM (SELECT o.status, count(*) AS n FROM runs o WHERE o.github_run_id = r.github_run_id
                 GROUP BY o.status) k)::text,
       coalesce(sum(r.metrics_count), 0)::text,
       to_json(array_agg(DISTINCT r.config_id))::text,
       min(r.created_at)::text, min(r.workload_started_at)::text,
       CASE WHEN bool_and(r.workload_completed_at IS NOT NULL) THEN max(r.workload_completed_at) END::text,
       max(r.updated_at)::text, r.github_run_id
  FROM runs r
 GROUP BY r.github_run_id
 ORDER BY 1, place DESC
