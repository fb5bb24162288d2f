-- As schema_counted, from the summaries; days that are `changed` from the rows, and of the first and the
-- last day that are not, one row each.
CROSS JOIN LATERAL (
    SELECT (SELECT ARRAY[sum(o.n)::text, (min(o.first_at) AT TIME ZONE 'UTC')::text,
                         (max(o.last_at) AT TIME ZONE 'UTC')::text]
              FROM (
                SELECT d.n, f.at AS first_at, l.at AS last_at
                  FROM (SELECT coalesce(sum(n), 0) AS n,
                               min(day) FILTER (WHERE day > '-infinity') AS first_day,
                               max(day) FILTER (WHERE day < '10000-01-01 00:00:00+00') AS last_day
                          FROM wfm_metric_days
                         WHERE config_id = s.config_id AND schema_id = s.id
                           AND day NOT IN (SELECT day FROM changed)) d
                  LEFT JOIN LATERAL (
                    SELECT m."timestamp" AS at FROM github_workflow_metrics m
                     WHERE m.config_id = s.config_id AND m.schema_id = s.id
                       AND m."timestamp" >= d.first_day
                       AND m."timestamp" <= wfm_day_end(d.first_day) AND :time_sayable
                     ORDER BY m."timestamp" LIMIT 1) f ON true
                  LEFT JOIN LATERAL (
                    SELECT m."timestamp" AS at FROM github_workflow_metrics m
                     WHERE m.config_id = s.config_id AND m.schema_id = s.id
                       AND m."timestamp" >= d.last_day
                       AND m."timestamp" <= wfm_day_end(d.last_day) AND :time_sayable
                     ORDER BY m."timestamp" DESC LIMIT 1) l ON true
                UNION ALL
                SELECT count(*), min(r.at), max(r.at)
                  FROM changed u
                 CROSS JOIN LATERAL (
                    SELECT CASE WHEN :time_sayable THEN "timestamp" END AS at
                      FROM github_workflow_metrics m
                     WHERE m.config_id = s.config_id AND m.schema_id = s.id
                       AND m."timestamp" >= u.day AND m."timestamp" <= wfm_day_end(u.day)
                    OFFSET 0) r) o) AS seen
    OFFSET 0) k
