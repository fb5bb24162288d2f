-- $1 config, $2 since (NULL: the start of the day 30 days ago), $3 branch (NULL: any), $4 runs: the
-- schema in force, since when changes are listed, and from when on points are read: the start of
-- the month in which the run began that is so many before since; NULL: there are not as many. No
-- row: no config; no schema: NULLs. Each step is to the run before, whose other rows are passed by.
-- OFFSET 0: a run's rows are few, those of the instants before it are not.
-- reads
WITH RECURSIVE asked AS MATERIALIZED (
    SELECT id, coalesce($2::timestamptz,
               (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '30 days')
               AT TIME ZONE 'UTC') AS since
      FROM github_workflow_configs
     WHERE id = $1::bigint),
before (first, n) AS (
    SELECT since, 0::bigint FROM asked
    UNION ALL
    SELECT least(m.at, (
             SELECT min(f.at)
               FROM (SELECT "timestamp" AS at
                       FROM github_workflow_metrics
                      WHERE run_id = m.run_id AND config_id = $1::bigint
                        AND :time_sayable OFFSET 0) f)),
           b.n + CASE WHEN $3::text IS NULL OR EXISTS (
                           SELECT
                             FROM github_workflow_runs w
                            WHERE w.id = m.run_id AND w.head_branch = $3::text)
                      THEN 1 ELSE 0 END
      FROM before b
     CROSS JOIN LATERAL (
        SELECT "timestamp" AS at, run_id
          FROM github_workflow_metrics
         WHERE config_id = $1::bigint AND "timestamp" < b.first AND :time_sayable
         ORDER BY "timestamp" DESC LIMIT 1) m
     WHERE b.n < $4::bigint)
SELECT s.id,
       (SELECT CASE WHEN octet_length(x.t) <= 1048576 THEN x.t END
          FROM (SELECT s.dimension_fields::text AS t OFFSET 0) x),
       (SELECT CASE WHEN octet_length(x.t) <= 1048576 THEN x.t END
          FROM (SELECT s.metric_fields::text AS t OFFSET 0) x),
       a.since,
       (SELECT date_trunc('month', b.first AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
          FROM before b
         WHERE b.n >= $4::bigint LIMIT 1)
  FROM asked a
  LEFT JOIN LATERAL (
    SELECT id, dimension_fields, metric_fields
      FROM github_workflow_metric_schemas
     WHERE config_id = a.id AND is_active ORDER BY version DESC LIMIT 1) s ON true
