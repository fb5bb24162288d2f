-- $1 cluster, $2 owner, $3 pattern of owner/repository (NULL: any), $4 offset, $5 limit: as a page's
-- result, total, number and place of each repository before its columns. A row without a number
-- stands for none.
-- reads
WITH g AS MATERIALIZED (
    SELECT c.github_owner, c.github_repo, count(*) AS configs, array_agg(c.id) AS ids,
           row_number() OVER (ORDER BY c.github_owner COLLATE "C", c.github_repo COLLATE "C") AS id
      FROM github_workflow_configs c
     WHERE c.cluster_name IN ('', $1::text) AND c.github_owner <> '' AND c.github_repo <> ''
       AND ($2::text IS NULL OR c.github_owner = $2::text)
       AND ($3::text IS NULL OR concat(c.github_owner, '/', c.github_repo) ILIKE $3::text)
     GROUP BY c.github_owner, c.github_repo),
page AS MATERIALIZED (SELECT * FROM g ORDER BY id OFFSET $4::bigint LIMIT $5::bigint),
picked AS MATERIALIZED (SELECT p.id, unnest(p.ids) AS config_id FROM page p),
:repository_counts
:repository_newest
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
