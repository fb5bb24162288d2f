-- $1 config, $2 ids; and that of $3 field, $4 dimensions, $5 run: how many are taken back.
-- writes
WITH gone AS (
    DELETE FROM wfm_acknowledged_changes
     WHERE config_id = $1::bigint
       AND (id = ANY ($2::bigint[])
            OR field = $3::text AND dimensions = $4::jsonb AND run_id = $5::bigint)
    RETURNING 1)
SELECT count(*) FROM gone
