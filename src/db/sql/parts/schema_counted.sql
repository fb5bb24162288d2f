-- To be joined to schemas s: how many metric rows each has, and its first and last instant (in UTC), as texts.
-- Nothing is counted where nobody looks, as in a database whose schemas say it themselves.
CROSS JOIN LATERAL (
    SELECT (SELECT ARRAY[count(*)::text, (min(o.at) AT TIME ZONE 'UTC')::text,
                         (max(o.at) AT TIME ZONE 'UTC')::text]
              FROM (SELECT CASE WHEN :time_sayable THEN "timestamp" END AS at
                      FROM github_workflow_metrics m
                     WHERE m.config_id = s.config_id AND m.schema_id = s.id) o) AS seen
    OFFSET 0) k
