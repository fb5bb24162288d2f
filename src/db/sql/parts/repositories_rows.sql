-- The end of repositories.sql: a row for each repository of the page.
SELECT t.total, p.id, p.id, p.github_owner, p.github_repo, p.configs,
       CASE WHEN p.id IS NOT NULL THEN coalesce(r.runs, '{}') END,
       CASE WHEN p.id IS NOT NULL THEN coalesce(m.n, 0) END, l.created_at
  FROM (SELECT count(*) AS total FROM g) t
  LEFT JOIN page p ON true
  LEFT JOIN (
    SELECT k.id, jsonb_object_agg(k.status, k.n) AS runs
      FROM (
        SELECT x.id, c.status, sum(c.n) AS n FROM picked x JOIN counted c USING (config_id)
         GROUP BY x.id, c.status) k
     GROUP BY k.id) r ON r.id = p.id
  LEFT JOIN (
    SELECT x.id, sum(s.n) AS n FROM picked x JOIN stored s USING (config_id)
     GROUP BY x.id) m ON m.id = p.id
  LEFT JOIN (
    SELECT x.id, max(n.created_at) AS created_at FROM picked x JOIN newest n USING (config_id)
     GROUP BY x.id) l ON l.id = p.id
 ORDER BY p.id
