-- How many metric rows config $1 has: the clean days', and those of its days that are `changed`.
(SELECT coalesce(sum(n), 0) FROM wfm_metric_days d
  WHERE d.config_id = $1::bigint AND d.day NOT IN (SELECT day FROM changed))
+ (SELECT count(*) FROM changed d
    CROSS JOIN LATERAL (
     SELECT FROM github_workflow_metrics m
      WHERE m.config_id = $1::bigint
        AND m."timestamp" >= d.day AND m."timestamp" <= wfm_day_end(d.day)
     OFFSET 0) m)
