-- The WITH items that repositories begins with: the repositories g, those of the page, and the configs
-- picked of these. See repositories.sql for the parameters.
g AS MATERIALIZED (
    SELECT c.github_owner, c.github_repo, count(*) AS configs, array_agg(c.id) AS ids,
           row_number() OVER (ORDER BY c.github_owner COLLATE "C", c.github_repo COLLATE "C") AS id
      FROM github_workflow_configs c
     WHERE c.cluster_name IN ('', $1::text) AND c.github_owner <> '' AND c.github_repo <> ''
       AND ($2::text IS NULL OR c.github_owner = $2::text)
       AND ($3::text IS NULL OR concat(c.github_owner, '/', c.github_repo) ILIKE $3::text)
     GROUP BY c.github_owner, c.github_repo),
page AS MATERIALIZED (SELECT * FROM g ORDER BY id OFFSET $4::bigint LIMIT $5::bigint),
picked AS MATERIALIZED (SELECT p.id, unnest(p.ids) AS config_id FROM page p),
