-- $1 config, $2 since, $3 branch (NULL: any), $4 runs, $5 run: since when changes are looked for (where
-- $2 is NULL: the start of the day 30 days ago, or the run's first row where that is earlier), and
-- the border, from when on points are read: the start of the month in which the run began that is
-- $4 runs before that; none: there are not as many. Each step is to the run before, whose other rows
-- are passed by. OFFSET 0: a run's rows are few, those of the instants before it are not.
WITH RECURSIVE asked AS MATERIALIZED (
    SELECT id, coalesce($2::timestamptz, least(
               (date_trunc('day', now() AT TIME ZONE 'UTC') - interval '30 days')
               AT TIME ZONE 'UTC', (
                SELECT min(f.at)
                  FROM (SELECT "timestamp" AS at
                          FROM github_workflow_metrics
                         WHERE run_id = $5::bigint AND config_id = $1::bigint
                           AND :time_sayable OFFSET 0) f))) AS since
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
     WHERE b.n < $4::bigint),
border AS MATERIALIZED (
    SELECT date_trunc('month', b.first AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' AS at
      FROM before b
     WHERE b.n >= $4::bigint LIMIT 1)
