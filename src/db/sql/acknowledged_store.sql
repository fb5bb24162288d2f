-- $1 config, $2 field, $3 dimensions, $4 run, $5 its time, $6 rise, $7 note, $8 by: note, who and when;
-- NULLs: the config has 10 000 already; no row: no config. Who acknowledges again says it anew. Those of
-- configs that are gone, however that came, are forgotten.
-- writes
WITH config AS (SELECT id FROM github_workflow_configs WHERE id = $1::bigint),
gone AS (
    DELETE FROM wfm_acknowledged_changes
     WHERE config_id NOT IN (SELECT id FROM github_workflow_configs)),
again AS (
    UPDATE wfm_acknowledged_changes
       SET at = $5::timestamptz, rise = $6::boolean, note = $7::text, acknowledged_by = $8::text,
           acknowledged_at = now()
     WHERE config_id = (SELECT id FROM config) AND field = $2::text
       AND dimensions = $3::jsonb AND run_id = $4::bigint
    RETURNING note, acknowledged_by, acknowledged_at),
made AS (
    INSERT INTO wfm_acknowledged_changes (config_id, field, dimensions, run_id, at, rise, note,
        acknowledged_by)
    SELECT id, $2::text, $3::jsonb, $4::bigint, $5::timestamptz, $6::boolean, $7::text, $8::text
      FROM config
     WHERE NOT EXISTS (SELECT FROM again)
       AND (SELECT count(*) FROM wfm_acknowledged_changes WHERE config_id = $1::bigint) < 10000
    RETURNING note, acknowledged_by, acknowledged_at)
SELECT s.note, s.acknowledged_at, s.acknowledged_by
  FROM config
  LEFT JOIN (SELECT * FROM again UNION ALL SELECT * FROM made) s ON true
